//! Resource usage of the network's processes: processor time and memory, as Linux counts them (proc(5)).

use std::collections::BTreeMap;
use std::fs;

/// Processor time is counted in hundredths of a second: Linux's `USER_HZ` on every current architecture.
const TICK_MS: u64 = 10;

/// The name of this process.
const OWN: &str = "bench, with its chain";

/// The usage of a process and everything below it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    /// Processor time so far, milliseconds.
    pub(super) cpu_ms: u64,
    /// Memory in RAM now, kibibytes.
    pub(super) rss_kib: u64,
    /// How many processes these are.
    pub(super) processes: u64,
}

/// Groups processes by kind: each daemon, and what it started under its own name.
pub(super) fn by_kind(processes: &[(String, u32)]) -> BTreeMap<String, Usage> {
    let all = table();
    let mut kinds: BTreeMap<String, Usage> = BTreeMap::new();
    for (name, pid) in processes {
        let kind = name.split('-').next().unwrap_or(name).to_owned();
        add(&mut kinds, &kind, &all, *pid);
        for child in all.iter().filter(|p| p.parent == *pid) {
            add(&mut kinds, &format!("{kind}'s workers"), &all, child.pid);
        }
    }
    // The process that offers the load, including the devchain if that is the chain; the daemons are its children.
    add(&mut kinds, OWN, &all, std::process::id());
    kinds
}

/// Returns what each kind used between two readings: processor time, and memory at the end.
pub(super) fn between(
    before: &BTreeMap<String, Usage>,
    after: BTreeMap<String, Usage>,
) -> BTreeMap<String, Usage> {
    let used = |(kind, now): (String, Usage)| {
        let then = before.get(&kind).copied().unwrap_or_default();
        let cpu_ms = now.cpu_ms.saturating_sub(then.cpu_ms);
        (kind, Usage { cpu_ms, ..now })
    };
    after.into_iter().map(used).collect()
}

fn add(kinds: &mut BTreeMap<String, Usage>, kind: &str, all: &[Process], pid: u32) {
    if let Some(process) = all.iter().find(|p| p.pid == pid) {
        let usage = kinds.entry(kind.to_owned()).or_default();
        usage.cpu_ms += process.usage.cpu_ms;
        usage.rss_kib += process.usage.rss_kib;
        usage.processes += 1;
    }
}

struct Process {
    pid: u32,
    parent: u32,
    usage: Usage,
}

fn table() -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries.filter_map(|entry| process(entry.ok()?.file_name().to_str()?.parse().ok()?)).collect()
}

/// Returns a process; `None` if it has ended in the meantime.
fn process(pid: u32) -> Option<Process> {
    let (parent, cpu_ms) = parse_stat(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)?;
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let rss = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let rss_kib = rss.and_then(|rss| rss.split_whitespace().next()?.parse().ok()).unwrap_or_default();
    Some(Process { pid, parent, usage: Usage { cpu_ms, rss_kib, processes: 1 } })
}

/// Parses the parent, and the processor time of the process and of its ended children, from a `stat` line. The name in brackets
/// may contain anything.
fn parse_stat(stat: &str) -> Option<(u32, u64)> {
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<u64>().ok();
    let cpu = [11, 12, 13, 14].into_iter().map(ticks).sum::<Option<u64>>()?;
    Some((fields.get(1)?.parse().ok()?, cpu * TICK_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stat_line_is_read_behind_its_name() {
        let line = "42 (a) b) S 7 42 42 0 -1 4194304 100 0 0 0 10 5 3 2 20 0 9 0 1000 1 1";
        assert_eq!(parse_stat(line), Some((7, 200)));
        assert_eq!(parse_stat("42"), None);
    }

    #[test]
    fn this_process_uses_memory() {
        let own = by_kind(&[("test-1".to_owned(), std::process::id())]);
        assert!(own["test"].rss_kib > 0, "{own:?}");
    }
}
