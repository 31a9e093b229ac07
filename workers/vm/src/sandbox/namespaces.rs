//! Namespaces: an empty network, an own view of mounts and of interprocess communication. Some machines forbid
//! them to ordinary users.

use nix::sched::{CloneFlags, unshare};

/// Leaves the host's namespaces.
pub(super) fn leave() -> Result<(), String> {
    let inner = CloneFlags::CLONE_NEWNET
        | CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWUTS;
    // A user namespace gives the rights for the others, and takes those of root away.
    unshare(CloneFlags::CLONE_NEWUSER | inner).map_err(|e| e.to_string())
}
