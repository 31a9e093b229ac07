//! Resource limits of the process, and the privileges and descriptors it gives up.
#![allow(unsafe_code)]

use nix::libc;
use nix::sys::prctl;
use nix::sys::resource::{Resource, setrlimit};

/// Memory a worker may make writable, bytes: far above what a job's own limits allow, far below what hurts.
const MAX_DATA: u64 = 1 << 30;

/// CPU time of a worker's whole life, seconds: a worker that has lost its daemon cannot spin for ever.
const MAX_CPU: u64 = 3_600;

/// Descriptors: the socket, two standard streams, and the few that starting a thread needs for a moment.
const MAX_FILES: u64 = 16;

/// Closes every descriptor but the socket on 0 and the two standard streams.
pub(super) fn close_others() -> Result<(), String> {
    // SAFETY: nothing in this process uses a descriptor above 2 yet.
    match unsafe { libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, 0) } {
        0 => Ok(()),
        _ => Err(std::io::Error::last_os_error().to_string()),
    }
}

/// Empties the environment: libraries read paths and settings from it.
pub(super) fn empty_environment() -> Result<(), String> {
    // SAFETY: no other thread exists that could be reading it.
    if unsafe { libc::clearenv() } == 0 { Ok(()) } else { Err("not accepted".to_owned()) }
}

/// Sets the limits, soft and hard alike.
pub(super) fn set() -> Result<(), String> {
    let limits = [
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_FSIZE, 0),
        (Resource::RLIMIT_NOFILE, MAX_FILES),
        (Resource::RLIMIT_DATA, MAX_DATA),
        (Resource::RLIMIT_CPU, MAX_CPU),
        (Resource::RLIMIT_MEMLOCK, 0),
        (Resource::RLIMIT_MSGQUEUE, 0),
    ];
    for (resource, value) in limits {
        setrlimit(resource, value, value).map_err(|e| format!("{resource:?}: {e}"))?;
    }
    Ok(())
}

/// Lets no further process or thread start, once those there are have started.
pub(super) fn no_new_processes() -> Result<(), String> {
    setrlimit(Resource::RLIMIT_NPROC, 0, 0).map_err(|e| e.to_string())
}

/// Keeps the C library's allocator to one arena: arenas of threads look up files when they shrink.
pub(super) fn one_arena() -> Result<(), String> {
    #[cfg(target_env = "gnu")]
    {
        // SAFETY: sets a parameter of the allocator; no other thread exists.
        if unsafe { libc::mallopt(libc::M_ARENA_MAX, 1) } != 1 {
            return Err("not accepted".to_owned());
        }
    }
    Ok(())
}

/// Gives up gaining privileges and being looked into by other processes of the same user.
pub(super) fn no_new_privileges() -> Result<(), String> {
    prctl::set_no_new_privs().map_err(|e| e.to_string())?;
    prctl::set_dumpable(false).map_err(|e| e.to_string())
}
