//! The system's figures about a live worker process: CPU time and memory, at one system call each, because every run reads
//! them.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::OnceLock;
use std::time::Duration;

use nix::time::ClockId;
use nix::unistd::Pid;

/// Handles to a process's figures.
pub(crate) struct Vitals {
    clock: Option<ClockId>,
    /// `/proc/PID/statm`, which remains this process's even if its number is reused.
    statm: Option<File>,
}

/// Memory of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Memory {
    /// All that is currently in use, in bytes.
    pub(crate) resident: u64,
    /// The part of it that no other process shares through a file, in bytes: the cost of one more worker.
    pub(crate) own: u64,
}

impl Vitals {
    pub(crate) fn of(pid: Option<u32>) -> Vitals {
        let pid = pid.and_then(|pid| i32::try_from(pid).ok());
        Vitals {
            clock: pid.and_then(|pid| ClockId::pid_cpu_clock_id(Pid::from_raw(pid)).ok()),
            statm: pid.and_then(|pid| File::open(format!("/proc/{pid}/statm")).ok()),
        }
    }

    /// Returns the CPU time the process has used so far; `None` if the system reports none.
    pub(crate) fn cpu_time(&self) -> Option<Duration> {
        self.clock?.now().ok().map(Duration::from)
    }

    /// Returns its memory; `None` if the system reports none.
    pub(crate) fn memory(&self) -> Option<Memory> {
        let mut line = [0; 128];
        let read = self.statm.as_ref()?.read_at(&mut line, 0).ok()?;
        memory(std::str::from_utf8(line.get(..read)?).ok()?, page_size()?)
    }
}

/// Parses a line of `statm` (proc(5)): size, resident and shared, in pages.
fn memory(line: &str, page: u64) -> Option<Memory> {
    let mut fields = line.split_ascii_whitespace().skip(1).map(str::parse::<u64>);
    let (resident, shared) = (fields.next()?.ok()?, fields.next()?.ok()?);
    let own = resident.saturating_sub(shared);
    Some(Memory { resident: resident.checked_mul(page)?, own: own.checked_mul(page)? })
}

/// Returns the page size in bytes, from the auxiliary vector (getauxval(3), `AT_PAGESZ`).
fn page_size() -> Option<u64> {
    const AT_PAGESZ: u64 = 6;
    static SIZE: OnceLock<Option<u64>> = OnceLock::new();
    *SIZE.get_or_init(|| {
        let vector = std::fs::read("/proc/self/auxv").ok()?;
        let (words, _) = vector.as_chunks::<8>();
        let mut words = words.iter().map(|word| u64::from_ne_bytes(*word));
        std::iter::from_fn(|| Some((words.next()?, words.next()?)))
            .find_map(|(key, value)| (key == AT_PAGESZ).then_some(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_seen_as_the_system_sees_it() {
        let own = Vitals::of(Some(std::process::id()));
        let memory = own.memory().unwrap();
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let field = |name: &str| -> u64 {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.split_whitespace().next().unwrap().parse::<u64>().unwrap() << 10
        };
        // Other tests in this process allocate memory meanwhile.
        assert!(memory.resident.abs_diff(field("VmRSS:")) < 64 << 20, "{memory:?}\n{status}");
        assert!(memory.own > 0 && memory.own < memory.resident, "{memory:?}");
        assert!(own.cpu_time().unwrap() > Duration::ZERO);
        let gone = Vitals::of(None);
        assert_eq!((gone.memory(), gone.cpu_time()), (None, None));
    }

    #[test]
    fn a_line_of_statm_is_read() {
        let memory = memory("5000 700 200 50 0 300 0\n", 4_096).unwrap();
        assert_eq!(memory, Memory { resident: 700 << 12, own: 500 << 12 });
        assert_eq!(super::memory("5000", 4_096), None);
    }
}
