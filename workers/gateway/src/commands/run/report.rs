//! Prints a local run and determines its exit code. Writing to a string cannot fail, so its results are dropped.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use gateway_api::{AgreementRule, MedianField, OutcomeClass, Policy};
use gateway_engine::local_run::NodeRun;
use gateway_engine::{Exchange, Limits, RunError, Usage};
use serde_json::{Value, json};

use super::agreement::{Agreement, Group};

/// Longest value shown where nodes differ, in characters.
const MAX_SHOWN: usize = 120;

/// A quorum agrees on an error.
const AGREED_ERROR: u8 = 3;
/// There is no quorum, and every node has an outcome.
const DISAGREED: u8 = 4;
/// There is no quorum, and a limit of the machine kept a node from producing an outcome.
const STOPPED: u8 = 5;

/// Returns the exit code of an agreement.
pub(in crate::commands) fn exit_code(agreement: &Agreement) -> u8 {
    match agreement.agreed() {
        Some(group) if group.class == OutcomeClass::Ok => 0,
        Some(_) => AGREED_ERROR,
        None if agreement.silent.is_empty() => DISAGREED,
        None => STOPPED,
    }
}

/// Describes every node's outcome against the limits, then what they agree on or where they differ.
pub(super) fn describe(nodes: &[NodeRun], agreement: &Agreement, policy: &Policy, limits: &Limits) -> String {
    let mut out = String::new();
    for (i, node) in (1..).zip(nodes) {
        let _ = writeln!(out, "node {i:<2}  {}", describe_node(node, limits));
    }
    if let Some(first) = nodes.first().and_then(|node| node.recorded.result.as_ref().ok()) {
        for line in &first.logs {
            let _ = writeln!(out, "  console.{}: {}", format!("{:?}", line.level).to_lowercase(), line.text);
        }
        if let Some(detail) = &first.detail {
            let _ = writeln!(out, "  {}", detail.source_line);
            for frame in &detail.stack {
                let _ = writeln!(out, "    at {frame}");
            }
        }
    }
    for (what, holders) in failed_fetches(nodes) {
        let _ = writeln!(out, "  {what} ({})", of_nodes(&holders));
    }
    out.push_str(&agreement_lines(agreement, policy));
    out
}

/// Returns the failed fetches, and the nodes on which they failed: the code may have continued without them.
fn failed_fetches(nodes: &[NodeRun]) -> BTreeMap<String, Vec<usize>> {
    let mut failed: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (number, node) in (1..).zip(nodes) {
        for exchange in &node.recorded.transcript.exchanges {
            let Exchange { method, url, status, failure, .. } = exchange;
            let why = match (status, failure) {
                (Some(status), _) if *status >= 400 => format!("status {status}"),
                (None, Some(failure)) => failure.clone(),
                _ => continue,
            };
            // The reason may already name the address.
            let what = if why.contains(url.as_str()) { why } else { format!("{method} {url}: {why}") };
            let holders = failed.entry(format!("fetch failed: {what}")).or_default();
            if holders.last() != Some(&number) {
                holders.push(number);
            }
        }
    }
    failed
}

/// Returns the same for programs.
pub(super) fn as_json(nodes: &[NodeRun], agreement: &Agreement) -> Value {
    let each: Vec<Value> = (1..).zip(nodes).map(|(number, node)| node_as_json(number, node)).collect();
    let results: Vec<Value> = agreement
        .groups
        .iter()
        .map(|group| {
            let Group { class, body, nodes, outside, .. } = group;
            json!({ "class": class, "body": body, "nodes": nodes, "outside": outside })
        })
        .collect();
    let agreed = agreement.agreed();
    json!({
        "agreed": agreed.is_some(),
        "class": agreed.map(|group| group.class),
        "body": agreed.map(|group| &group.body),
        "seats": agreed.map(|group| group.nodes.len()),
        "quorum_seats": agreement.quorum_seats,
        "results": results,
        "without_outcome": agreement.silent,
        "differences": agreement.differences,
        "nodes": each,
    })
}

fn node_as_json(number: usize, node: &NodeRun) -> Value {
    match &node.recorded.result {
        Ok(run) => {
            let logs: Vec<Value> = run
                .logs
                .iter()
                .map(|line| {
                    let level = format!("{:?}", line.level).to_lowercase();
                    json!({ "level": level, "text": line.text })
                })
                .collect();
            json!({ "node": number, "class": run.class, "usage": run.usage, "logs": logs, "detail": run.detail })
        }
        Err(RunError::Abstain { reason, text, usage, .. }) => {
            json!({ "node": number, "abstains": reason.to_string(), "text": text, "usage": usage })
        }
        Err(other) => json!({ "node": number, "error": other.to_string() }),
    }
}

/// Describes what nodes agree on, or which results, fields and nodes differ.
pub(in crate::commands) fn agreement_lines(agreement: &Agreement, policy: &Policy) -> String {
    let mut text = String::new();
    let out = &mut text;
    let Agreement { quorum_seats, nodes, .. } = agreement;
    let rule = match &policy.rule {
        AgreementRule::Exact {} => "exact".to_owned(),
        AgreementRule::Median { tolerance_bps } => format!("median within {tolerance_bps} basis points"),
        AgreementRule::MedianFields { fields } => {
            let within = |field: &MedianField| format!("{} within {}", field.path, field.tolerance_bps);
            let fields: Vec<String> = fields.iter().map(within).collect();
            format!("medians of {} basis points", fields.join(", "))
        }
        AgreementRule::Mode { min_bps } => format!("mode of at least {min_bps} basis points"),
    };
    match agreement.agreed() {
        Some(group) => {
            let seats = group.nodes.len();
            let _ = writeln!(
                out,
                "agreed ({rule}; {seats} of {nodes} seats, {quorum_seats} needed): {}",
                result(group)
            );
        }
        None => {
            let seats = agreement.groups.first().map_or(0, |group| group.nodes.len());
            let _ =
                writeln!(out, "not agreed ({rule}; {seats} of {nodes} seats at most, {quorum_seats} needed)");
        }
    }
    if agreement.agreed().is_none() || agreement.groups.len() > 1 {
        for group in &agreement.groups {
            let _ = writeln!(out, "  {}: {}", of_nodes(&group.nodes), result(group));
        }
    }
    for group in agreement.groups.iter().filter(|group| !group.outside.is_empty()) {
        let why = match policy.rule {
            AgreementRule::Mode { .. } => "for another outcome",
            _ => "outside the tolerance",
        };
        let _ = writeln!(out, "  {} {why}", of_nodes(&group.outside));
    }
    if !agreement.silent.is_empty() {
        let _ = writeln!(out, "  {} without an outcome", of_nodes(&agreement.silent));
    }
    for difference in &agreement.differences {
        let place = if difference.pointer.is_empty() { "the whole result" } else { &difference.pointer };
        let _ = writeln!(out, "  {place} differs:");
        for side in &difference.sides {
            let value = side.value.as_ref().map_or_else(|| "absent".to_owned(), ToString::to_string);
            let _ = writeln!(out, "    {}: {}", of_nodes(&side.holders), shortened(&value));
        }
    }
    text
}

fn result(group: &Group) -> String {
    if group.class == OutcomeClass::Ok {
        return format!("{} {}", group.class, group.body);
    }
    format!("{} {} (gateway explain {})", group.class, group.body, group.class)
}

fn of_nodes(nodes: &[usize]) -> String {
    let numbers: Vec<String> = nodes.iter().map(ToString::to_string).collect();
    format!("node{} {}", if nodes.len() == 1 { "" } else { "s" }, numbers.join(", "))
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn describe_node(node: &NodeRun, limits: &Limits) -> String {
    match &node.recorded.result {
        Ok(run) => format!("{:<16} {}", run.class.as_str(), used(&run.usage, limits)),
        Err(RunError::Abstain { reason, text, site, usage }) => {
            let place = site.as_ref().map_or_else(String::new, |site| {
                let function = if site.function.is_empty() { "top-level code" } else { &site.function };
                format!(" in {function}, line {}, column {}", site.line, site.column)
            });
            format!("no outcome ({reason}): {text}{place}; {}", used(usage, limits))
        }
        Err(other) => format!("no outcome: {other}"),
    }
}

fn used(usage: &Usage, limits: &Limits) -> String {
    format!(
        "cpu {} of {} ms, wall {} of {} ms, heap {} of {} KiB, buffers {} of {} KiB, {} of {} fetches ({} of {} KiB)",
        usage.cpu_us / 1000,
        limits.cpu_ms,
        usage.wall_us / 1000,
        limits.wall_ms,
        usage.heap_bytes / 1024,
        limits.heap_bytes / 1024,
        usage.array_buffer_bytes / 1024,
        limits.array_buffer_bytes / 1024,
        usage.fetches,
        limits.fetches,
        usage.fetch_bytes / 1024,
        limits.fetch_total_bytes / 1024,
    )
}
