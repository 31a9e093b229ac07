//! Test reports: lines for people, JSON, or JUnit's XML for continuous integration.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use gateway_api::Policy;
use serde_json::json;

use super::execute::CaseResult;
use crate::arguments::ReportFormat;
use crate::commands::CommandError;
use crate::commands::run::agreement_lines;

/// A case that was run.
pub(super) struct Done {
    pub(super) file: PathBuf,
    pub(super) name: String,
    pub(super) result: CaseResult,
}

/// Returns the report of all cases in a form.
///
/// # Errors
/// [`serde_json::Error`] when a value has no JSON form.
pub(super) fn report(
    done: &[Done],
    policy: &Policy,
    has_transform: bool,
    format: ReportFormat,
) -> Result<String, CommandError> {
    Ok(match format {
        ReportFormat::Text => text(done, policy, has_transform),
        ReportFormat::Json => serde_json::to_string_pretty(&as_json(done, has_transform))? + "\n",
        ReportFormat::Junit => junit(done, policy),
    })
}

fn text(done: &[Done], policy: &Policy, has_transform: bool) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail, so results are dropped.
    for Done { name, result, .. } in done {
        let verdict = if result.faults.is_empty() { "pass" } else { "FAIL" };
        let _ = writeln!(out, "{verdict}  {name}  ({} ms)", result.elapsed.as_millis());
        if result.faults.is_empty() {
            continue;
        }
        for fault in &result.faults {
            let _ = writeln!(out, "      {fault}");
        }
        for line in agreement_lines(&result.agreement, policy).lines() {
            let _ = writeln!(out, "      {line}");
        }
        if let Some(hint) = hint(result, has_transform) {
            let _ = writeln!(out, "      {hint}");
        }
    }
    let failed = done.iter().filter(|done| !done.result.faults.is_empty()).count();
    let _ = writeln!(out, "{} passed, {failed} failed", done.len() - failed);
    out
}

/// Returns advice for nodes that differ in fields.
fn hint(result: &CaseResult, has_transform: bool) -> Option<String> {
    let differences = &result.agreement.differences;
    let places: Vec<&str> =
        differences.iter().map(|d| d.pointer.as_str()).filter(|place| !place.is_empty()).collect();
    (result.agreement.agreed().is_none() && !has_transform && !places.is_empty()).then(|| {
        format!(
            "nodes see different data at {}: leave it out of the result, export a `transform` that drops it from \
             the response, or choose the rule `median` for a price, `median_fields` for an object of prices",
            places.join(", ")
        )
    })
}

fn as_json(done: &[Done], has_transform: bool) -> serde_json::Value {
    let cases: Vec<_> = done
        .iter()
        .map(|Done { file, name, result }| {
            let agreed = result.agreement.agreed();
            json!({
                "file": file.display().to_string(),
                "name": name,
                "passed": result.faults.is_empty(),
                "faults": result.faults,
                "class": agreed.map(|group| group.class),
                "body": agreed.map(|group| &group.body),
                "seats": agreed.map(|group| group.nodes.len()),
                "quorum_seats": result.agreement.quorum_seats,
                "differences": result.agreement.differences,
                "hint": hint(result, has_transform),
                "elapsed_ms": millis(result.elapsed),
            })
        })
        .collect();
    json!({ "cases": cases })
}

fn junit(done: &[Done], policy: &Policy) -> String {
    let failed = done.iter().filter(|done| !done.result.faults.is_empty()).count();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"gateway test\" tests=\"{}\" failures=\"{failed}\">\n",
        done.len()
    );
    for Done { file, name, result } in done {
        let _ = write!(
            out,
            "    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3}\"",
            escaped(&file.display().to_string()),
            escaped(name),
            result.elapsed.as_secs_f64()
        );
        if result.faults.is_empty() {
            out.push_str("/>\n");
            continue;
        }
        let message = escaped(&result.faults.join("; "));
        let lines = escaped(&agreement_lines(&result.agreement, policy));
        let _ = writeln!(out, ">\n      <failure message=\"{message}\">{lines}</failure>\n    </testcase>");
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

/// Escapes a text for XML, in attributes and between tags; characters that XML does not allow become the replacement character.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(character),
            control if control.is_control() => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_holds_any_text() {
        assert_eq!(escaped("a<b> & \"c\"\u{1}\n"), "a&lt;b&gt; &amp; &quot;c&quot;\u{fffd}\n");
    }
}
