//! What the processes of a network use while they have nothing to do.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::usage::Usage;

/// The usage of each kind of process in a time without requests.
#[derive(Debug)]
pub(super) struct Idle {
    pub(super) time: Duration,
    pub(super) usage: BTreeMap<String, Usage>,
}

impl fmt::Display for Idle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| processes | of them | CPU, percent of a core, each | memory MiB, each |\n|---|---|---|---|"
        )?;
        for (kind, usage) in &self.usage {
            let number = usage.processes.max(1);
            let share = usage.cpu_ms as f64 / 10.0 / self.time.as_secs_f64() / number as f64;
            writeln!(f, "| {kind} | {number} | {share:.2} | {} |", usage.rss_kib / 1024 / number)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_memory_are_those_of_one_process() {
        let five = Usage { cpu_ms: 1_000, rss_kib: 5 * 40 * 1024, processes: 5 };
        let idle = Idle { time: Duration::from_secs(40), usage: [("node".to_owned(), five)].into() };
        assert!(idle.to_string().ends_with("\n| node | 5 | 0.50 | 40 |\n"), "{idle}");
    }
}
