//! Runs one case on its nodes and compares the result with the expectation.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gateway_api::{EngineProfile, OutcomeClass, Policy};
use gateway_daemon_runtime::json_differences;
use gateway_engine::{Engine, Job, Limits, Profile, Recorded, RunOptions, Transcript};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::case_file::{Case, Expectation};
use super::perturb::seen_by;
use crate::commands::run::{Agreement, agreement_of};
use crate::commands::{CommandError, code_file};

/// The result of a case.
#[derive(Debug)]
pub(super) struct CaseResult {
    /// Deviations from the expectation, one line each; empty if there are none.
    pub(super) faults: Vec<String>,
    /// The nodes' agreement.
    pub(super) agreement: Agreement,
    /// How long it took.
    pub(super) elapsed: Duration,
}

/// Runs the case of a file in `folder`.
///
/// # Errors
/// [`CommandError`] with the file's name when the recording cannot be read; `PerturbError` when a perturbation does not fit it.
pub(super) async fn execute(
    engine: &Engine,
    code: &Arc<[u8]>,
    policy: &Policy,
    folder: &Path,
    case: &Case,
) -> Result<CaseResult, CommandError> {
    let started = Instant::now();
    let nodes = usize::from(case.nodes);
    let recording = match &case.recording {
        None => None,
        Some(file) => Some(recording(&folder.join(file))?),
    };
    let runs = (1..=nodes).map(|node| {
        let seen = recording.as_ref().map(|r| seen_by(node, nodes, r, &case.perturb)).transpose();
        let job = job(code, policy, case);
        async move {
            let options = RunOptions { replay: seen?, ..RunOptions::default() };
            tokio::time::sleep(Duration::from_millis(case.skew_ms.saturating_mul(node as u64 - 1))).await;
            Ok::<Recorded, super::perturb::PerturbError>(engine.run_with(job, options).await)
        }
    });
    let runs: Vec<Recorded> = futures::future::try_join_all(runs).await?;
    let policy = Policy { committee: u32::from(case.nodes), ..policy.clone() };
    let agreement = agreement_of(runs.iter(), &policy);
    let mut faults = faults(&agreement, &case.expect);
    if !faults.is_empty() {
        faults.extend(notes(&runs));
    }
    Ok(CaseResult { faults, agreement, elapsed: started.elapsed() })
}

fn recording(file: &Path) -> Result<Transcript, CommandError> {
    code_file::json(file, "a recording")
}

fn job(code: &Arc<[u8]>, policy: &Policy, case: &Case) -> Job {
    Job {
        label: "test".to_owned(),
        project: 0,
        code: Arc::clone(code),
        code_hash: Sha256::digest(code).into(),
        input: case.input.to_string(),
        now_ns: case.now_ms.saturating_mul(1_000_000),
        // The same randomness each time a case runs.
        seed: Sha256::digest(case.name.as_bytes()).into(),
        limits: Limits {
            wall_ms: policy.wall_ms,
            output_bytes: policy.max_result_bytes,
            ..Limits::default()
        },
        profile: match policy.profile {
            EngineProfile::Jitless => Profile::Jitless,
            EngineProfile::Jit => Profile::Jit,
        },
    }
}

/// Returns the deviations from the expectation.
fn faults(agreement: &Agreement, expect: &Expectation) -> Vec<String> {
    let Some(group) = agreement.agreed() else {
        return if expect.agreed == Some(false) {
            Vec::new()
        } else {
            vec!["the nodes do not agree".to_owned()]
        };
    };
    let mut faults = Vec::new();
    if expect.agreed == Some(false) {
        faults.push(format!("the nodes agree on {} {}", group.class, group.body));
    }
    let class = expect.class.unwrap_or(OutcomeClass::Ok);
    if group.class != class && expect.agreed != Some(false) {
        faults.push(format!("the class is {}, and {class} is expected: {}", group.class, group.body));
        return faults;
    }
    let body: Value = serde_json::from_str(&group.body).unwrap_or_default();
    if let Some(value) = &expect.value {
        for difference in json_differences(&[("expected", canonical(value)), ("found", body.clone())]) {
            let place = if difference.pointer.is_empty() { "the value" } else { &difference.pointer };
            let sides = difference.sides.iter().map(|side| {
                let value = side.value.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string);
                format!("{} {value}", side.holders.join(" and "))
            });
            faults.push(format!("{place}: {}", sides.collect::<Vec<_>>().join(", ")));
        }
    }
    for (pointer, value) in &expect.fields {
        let found = body.pointer(pointer);
        if found.map(canonical) != Some(canonical(value)) {
            let found = found.map_or_else(|| "nothing".to_owned(), ToString::to_string);
            faults.push(format!("{pointer}: expected {value}, found {found}"));
        }
    }
    if let Some(part) = &expect.message {
        let message = body.get("message").and_then(Value::as_str).unwrap_or_default();
        if !message.contains(part.as_str()) {
            faults.push(format!("the message is {message:?}, and {part:?} is expected in it"));
        }
    }
    faults
}

/// Returns a value with its numbers as in JavaScript: 1.0 and 1 are the same.
fn canonical(value: &Value) -> Value {
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(float) if float.fract() == 0.0 && float.abs() < 9e15 => Value::from(float as i64),
            _ => value.clone(),
        },
        Value::Array(list) => list.iter().map(canonical).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), canonical(value))).collect(),
        other => other.clone(),
    }
}

/// Returns the first node's console output and the position of its error; or why a node has no outcome.
fn notes(runs: &[Recorded]) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(run) = runs.first().and_then(|run| run.result.as_ref().ok()) {
        notes.extend(run.logs.iter().map(|line| format!("console: {}", line.text)));
        if let Some(detail) = &run.detail {
            notes.push(format!("in: {}", detail.source_line.trim()));
        }
    }
    notes.extend(runs.iter().find_map(|run| run.result.as_ref().err()).map(ToString::to_string));
    notes
}

#[cfg(test)]
mod tests {
    use gateway_node::Conclusion;
    use serde_json::json;

    use super::*;
    use crate::commands::run::agree;

    fn agreed(class: OutcomeClass, body: &str) -> Agreement {
        let conclusion = Conclusion { class, body: body.to_owned(), value: None };
        agree(
            &[Some(conclusion.clone()), Some(conclusion), None],
            &Policy { committee: 3, ..Policy::default() },
        )
    }

    fn expect(json: Value) -> Expectation {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_value_is_compared_field_by_field_and_numbers_by_value() {
        let found = agreed(OutcomeClass::Ok, r#"{"a":1,"b":[1,2]}"#);
        assert!(faults(&found, &expect(json!({"value": {"a": 1.0, "b": [1, 2]}}))).is_empty());
        assert!(faults(&found, &expect(json!({}))).is_empty());
        assert!(faults(&found, &expect(json!({"fields": {"/b/1": 2}}))).is_empty());
        let wrong = faults(&found, &expect(json!({"value": {"a": 2, "b": [1, 2]}})));
        assert_eq!(wrong, ["/a: expected 2, found 1"]);
        let wrong = faults(&found, &expect(json!({"fields": {"/c": 1}})));
        assert_eq!(wrong, ["/c: expected 1, found nothing"]);
        assert_eq!(faults(&agreed(OutcomeClass::Ok, "1"), &expect(json!({"value": null}))).len(), 1);
    }

    #[test]
    fn errors_and_disagreement_can_be_what_is_expected() {
        let thrown = agreed(OutcomeClass::JsThrow, r#"{"message":"TypeError: no pair"}"#);
        assert!(faults(&thrown, &expect(json!({"class": "js_throw", "message": "no pair"}))).is_empty());
        assert_eq!(faults(&thrown, &expect(json!({"class": "js_throw", "message": "luck"}))).len(), 1);
        assert_eq!(faults(&thrown, &expect(json!({}))).len(), 1);
        let none = agree(&[None, None, None], &Policy { committee: 3, ..Policy::default() });
        assert!(faults(&none, &expect(json!({"agreed": false}))).is_empty());
        assert_eq!(faults(&none, &expect(json!({}))), ["the nodes do not agree"]);
        assert_eq!(faults(&thrown, &expect(json!({"agreed": false}))).len(), 1);
    }
}
