//! Trying code out on this machine: the same worker and limits as in production, as several nodes would run
//! it, and what they would agree on. It returns data; whoever calls it prints.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::engine::{Engine, Recorded, RunOptions};
use crate::job::Job;

/// Most nodes that are simulated.
pub const MAX_NODES: usize = 64;

/// How to try code out.
#[derive(Clone, Debug)]
pub struct LocalRun {
    /// The job; every node runs it with the same clock and seed, as a committee does.
    pub job: Job,
    /// Nodes, from 1 to [`MAX_NODES`].
    pub nodes: usize,
    /// Each node starts this much after the one before: web data may have changed meanwhile.
    pub skew: Duration,
    /// Failures on purpose and replay, for every node.
    pub options: RunOptions,
}

/// What one node did.
#[derive(Debug)]
pub struct NodeRun {
    /// How it ended, and what it fetched.
    pub recorded: Recorded,
    /// From its start to its end, waiting for a worker included.
    pub elapsed: Duration,
}

/// Nodes with the same outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Class of the outcome.
    pub class: String,
    /// Its body.
    pub body: String,
    /// Indices of the nodes.
    pub nodes: Vec<usize>,
}

/// A place in the results where nodes differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Path in the JSON, such as `prices[2].usd`; empty for the whole result.
    pub path: String,
    /// Each node with its value there, as JSON, or none where the path does not exist.
    pub values: Vec<(usize, Option<String>)>,
}

/// A local run as a whole.
#[derive(Debug)]
pub struct LocalReport {
    /// What each node did.
    pub nodes: Vec<NodeRun>,
    /// Outcomes, the most frequent first.
    pub groups: Vec<Group>,
    /// Where results of the class `ok` differ.
    pub differences: Vec<Difference>,
    /// Nodes without an outcome.
    pub abstained: Vec<usize>,
}

impl LocalReport {
    /// The outcome all nodes share, if they do.
    pub fn agreed(&self) -> Option<&Group> {
        match self.groups.as_slice() {
            [group] if self.abstained.is_empty() => Some(group),
            _ => None,
        }
    }
}

/// Runs a job as several nodes would.
pub async fn local_run(engine: &Engine, run: LocalRun) -> LocalReport {
    let nodes = run.nodes.clamp(1, MAX_NODES);
    let runs = (0u32..).take(nodes).map(|i| {
        let job = run.job.clone();
        let options = run.options.clone();
        let wait = run.skew.saturating_mul(i);
        async move {
            tokio::time::sleep(wait).await;
            let started = Instant::now();
            let recorded = engine.run_with(job, options).await;
            NodeRun { recorded, elapsed: started.elapsed() }
        }
    });
    let nodes = futures::future::join_all(runs).await;
    let mut groups: Vec<Group> = Vec::new();
    let mut abstained = Vec::new();
    let mut values = Vec::new();
    for (i, node) in nodes.iter().enumerate() {
        let Ok(run) = &node.recorded.result else {
            abstained.push(i);
            continue;
        };
        if let (gateway_vm_protocol::OutcomeClass::Ok, Ok(value)) =
            (run.class, serde_json::from_str(&run.body))
        {
            values.push((i, value));
        }
        let class = run.class.name();
        match groups.iter_mut().find(|g| g.class == class && g.body == run.body) {
            Some(group) => group.nodes.push(i),
            None => groups.push(Group { class: class.to_owned(), body: run.body.clone(), nodes: vec![i] }),
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.nodes.len()));
    LocalReport { differences: differences(&values), nodes, groups, abstained }
}

/// Where JSON values differ, at the deepest places that explain it.
pub fn differences(values: &[(usize, Value)]) -> Vec<Difference> {
    let mut found = Vec::new();
    let all: Vec<(usize, Option<&Value>)> = values.iter().map(|(node, value)| (*node, Some(value))).collect();
    compare(String::new(), &all, &mut found);
    found
}

fn compare(path: String, values: &[(usize, Option<&Value>)], found: &mut Vec<Difference>) {
    let Some((_, first)) = values.first() else { return };
    if values.iter().all(|(_, value)| value == first) {
        return;
    }
    if values.iter().all(|(_, value)| matches!(value, Some(Value::Object(_)))) {
        let keys: std::collections::BTreeSet<&String> =
            values.iter().filter_map(|(_, v)| v.and_then(Value::as_object)).flat_map(|o| o.keys()).collect();
        for key in keys {
            let inner: Vec<_> = values.iter().map(|(n, v)| (*n, v.and_then(|v| v.get(key)))).collect();
            let dot = if path.is_empty() { "" } else { "." };
            compare(format!("{path}{dot}{key}"), &inner, found);
        }
        return;
    }
    let lengths: Vec<Option<usize>> =
        values.iter().map(|(_, v)| v.and_then(Value::as_array).map(Vec::len)).collect();
    if let Some(Some(length)) = lengths.first().filter(|first| lengths.iter().all(|l| l == *first)) {
        for i in 0..*length {
            let inner: Vec<_> = values.iter().map(|(n, v)| (*n, v.and_then(|v| v.get(i)))).collect();
            compare(format!("{path}[{i}]"), &inner, found);
        }
        return;
    }
    let values = values.iter().map(|(node, value)| (*node, value.map(Value::to_string))).collect();
    found.push(Difference { path, values });
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn differences_are_shown_where_they_are() {
        let values = [
            (0, json!({"a": [1, {"b": 2}], "c": 3})),
            (1, json!({"a": [1, {"b": 5}], "c": 3})),
            (2, json!({"a": [1, {"b": 2}], "c": 3, "d": null})),
        ];
        let found = differences(&values);
        let text = |v: &str| Some(v.to_owned());
        assert_eq!(
            found,
            [
                Difference {
                    path: "a[1].b".into(),
                    values: vec![(0, text("2")), (1, text("5")), (2, text("2"))]
                },
                Difference { path: "d".into(), values: vec![(0, None), (1, None), (2, text("null"))] },
            ]
        );
        assert_eq!(differences(&[(0, json!([1])), (1, json!([1, 2]))]).len(), 1);
        assert!(differences(&[(0, json!(1)), (4, json!(1))]).is_empty());
    }
}
