//! Figures as tables in Markdown: ratios first, because they hold on other machines too.

use std::time::Duration;

use crate::contender::Contender;
use crate::tour::Row;

/// Position of the contenders that ratios are taken to.
const NODE_VM: usize = 2;
const NODE_PROCESS: usize = 3;

/// What the figures were measured on.
pub(crate) fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("unknown");
    let model = model.trim_start_matches(['\t', ' ', ':']);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let load = read("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned();
    format!("CPU: {model}, {cores} cores; load average before the run: {load}")
}

/// The times' percentile.
pub(crate) fn percentile(times: &[Duration], percent: usize) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len().saturating_sub(1) * percent / 100).copied().unwrap_or_default()
}

/// Three significant digits of milliseconds.
pub(crate) fn milliseconds(time: Duration) -> String {
    significant(time.as_secs_f64() * 1e3)
}

fn significant(value: f64) -> String {
    match value {
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}

/// The three tables.
pub(crate) fn render(contenders: &[Contender], rows: &[Row]) -> String {
    let mut out = String::from(
        "| job | jitless to node:vm | jit to node:vm | node process to jitless | node process to jit |\n|---|---|---|---|---|\n",
    );
    for row in rows {
        let ratio =
            |a: usize, b: usize| significant(row.median[a].as_secs_f64() / row.median[b].as_secs_f64());
        let cells = [ratio(0, NODE_VM), ratio(1, NODE_VM), ratio(NODE_PROCESS, 0), ratio(NODE_PROCESS, 1)];
        out.push_str(&format!("| {} | {} |\n", row.job, cells.join(" | ")));
    }
    let head: Vec<&str> = contenders.iter().map(|contender| contender.name).collect();
    for (what, cell) in [
        (
            "milliseconds a run, one at a time",
            (|row: &Row, i: usize| milliseconds(row.median[i])) as fn(&Row, usize) -> String,
        ),
        ("runs a second on two cores", |row, i| significant(row.per_second[i])),
    ] {
        out.push_str(&format!("\n| {what} | {} |\n|---|{}\n", head.join(" | "), "---|".repeat(head.len())));
        for row in rows {
            let cells: Vec<String> = (0..head.len()).map(|i| cell(row, i)).collect();
            out.push_str(&format!("| {} | {} |\n", row.job, cells.join(" | ")));
        }
    }
    out
}
