//! What a worker that has been taken over would try. `--probe=NAME` makes a worker try one thing after it has
//! closed itself in and before it takes a job: how operators and tests see that the walls stand.
#![allow(unsafe_code)]

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use nix::libc;

/// An attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Probe {
    /// Open a file.
    Open,
    /// Open a connection.
    Connect,
    /// Start a process.
    Fork,
    /// Replace the program.
    Exec,
    /// Look into the parent's memory.
    Ptrace,
    /// Make memory executable.
    ExecutableMemory,
    /// Raise the own limits.
    RaiseLimit,
    /// Send a signal to the process that started it.
    Signal,
    /// Read the environment it was started with.
    Environment,
    /// Sleep, which is no attack: V8's locks do it when their holder has lost its processor.
    Sleep,
}

impl Probe {
    pub(crate) fn parse(name: &str) -> Option<Probe> {
        Some(match name {
            "open" => Probe::Open,
            "connect" => Probe::Connect,
            "fork" => Probe::Fork,
            "exec" => Probe::Exec,
            "ptrace" => Probe::Ptrace,
            "executable-memory" => Probe::ExecutableMemory,
            "raise-limit" => Probe::RaiseLimit,
            "signal" => Probe::Signal,
            "environment" => Probe::Environment,
            "sleep" => Probe::Sleep,
            _ => return None,
        })
    }

    /// With all layers but the filter: says in words what the attempt brought.
    pub(crate) fn behind_the_filter(self) -> String {
        match self {
            Probe::Open => match std::fs::File::open("/etc/hostname") {
                Ok(_) => "a file was opened".to_owned(),
                Err(e) => format!("refused: {}", e.kind()),
            },
            Probe::Connect => {
                let to = SocketAddr::from((Ipv4Addr::new(1, 1, 1, 1), 443));
                match TcpStream::connect_timeout(&to, Duration::from_millis(500)) {
                    Ok(_) => "a connection was opened".to_owned(),
                    Err(e) => format!("refused: {}", e.kind()),
                }
            }
            Probe::Environment => format!("{} variables", std::env::vars_os().count()),
            _ => "not tried".to_owned(),
        }
    }

    /// With all layers: returns only when the call is allowed.
    pub(crate) fn at_the_filter(self) -> String {
        // SAFETY: each call has arguments that are valid or that the kernel checks before use, and but for
        // `Sleep` none is meant to return.
        let result = unsafe {
            match self {
                Probe::Open => libc::syscall(libc::SYS_openat, libc::AT_FDCWD, c"/etc/hostname".as_ptr(), 0),
                Probe::Connect => libc::syscall(libc::SYS_socket, libc::AF_INET, libc::SOCK_STREAM, 0),
                Probe::Fork => libc::syscall(libc::SYS_clone, libc::SIGCHLD, 0, 0, 0, 0),
                Probe::Exec => {
                    let program = c"/bin/true".as_ptr();
                    libc::syscall(libc::SYS_execve, program, [std::ptr::null::<libc::c_char>()].as_ptr(), 0)
                }
                Probe::Ptrace => libc::syscall(libc::SYS_ptrace, libc::PTRACE_ATTACH, libc::getppid(), 0, 0),
                Probe::ExecutableMemory => libc::syscall(
                    libc::SYS_mmap,
                    0,
                    4096,
                    libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC,
                    libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                    -1,
                    0,
                ),
                Probe::Signal => libc::syscall(libc::SYS_tgkill, libc::getppid(), libc::getppid(), 0),
                Probe::RaiseLimit => libc::syscall(libc::SYS_prlimit64, 0, libc::RLIMIT_CORE, 0, 0),
                // Reading it takes no call; the layers before the filter emptied it.
                Probe::Environment => 0,
                Probe::Sleep => {
                    let pause = libc::timespec { tv_sec: 0, tv_nsec: 10_000 };
                    libc::nanosleep(&pause, std::ptr::null_mut()).into()
                }
            }
        };
        format!("the call returned {result}")
    }
}
