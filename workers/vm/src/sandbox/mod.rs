//! The walls around a worker, from the outside in: resource limits, no new privileges, namespaces, Landlock
//! and the system-call filter. Each holds without the others; a machine that lacks one still has the rest.
//!
//! Nothing here is undone: a process that has been closed in stays closed in.

mod limits;
mod namespaces;
mod paths;
pub(crate) mod probe;
mod speculation;
mod syscalls;

use gateway_vm_protocol::Profile;

/// Which layers are in force and which are not.
#[derive(Debug, Default)]
pub(crate) struct Layers {
    pub(crate) active: Vec<String>,
    pub(crate) missing: Vec<String>,
}

impl Layers {
    fn note(&mut self, layer: &str, result: Result<(), String>) {
        match result {
            Ok(()) => self.active.push(layer.to_owned()),
            Err(reason) => self.missing.push(format!("{layer}: {reason}")),
        }
    }

    /// Before V8 starts, on the only thread: what V8's start does not need.
    pub(crate) fn before_v8(&mut self) {
        if let Err(reason) = limits::one_arena() {
            self.missing.push(format!("allocator: {reason}"));
        }
        self.note("environment", limits::empty_environment());
        self.note("descriptors", limits::close_others());
        self.note("rlimits", limits::set());
        self.note("no_new_privs", limits::no_new_privileges());
        self.note("speculation", speculation::control());
        self.note("namespaces", namespaces::leave());
    }

    /// Before the JavaScript thread exists, so that it inherits them.
    pub(crate) fn before_threads(&mut self) {
        let restricted = paths::restrict();
        let scoped = restricted.clone().and_then(|()| paths::scoped());
        self.note("landlock", restricted);
        self.note("landlock_scope", scoped);
    }

    /// Last, on all threads at once.
    pub(crate) fn before_code(&mut self, profile: Profile) {
        self.note("no_new_processes", limits::no_new_processes());
        self.note("seccomp", syscalls::filter(profile));
    }
}
