//! The form of a file of test cases, `NAME.test.json`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gateway_api::OutcomeClass;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::commands::{CommandError, code_file};

/// The block time that cases run at unless they say another: 1 January 2026.
const NOW_MS: u64 = 1_767_225_600_000;

/// A file of cases.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseFile {
    /// Name of the form, for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub(super) schema: Option<String>,
    /// The cases.
    pub(super) cases: Vec<Case>,
}

/// One case: a run of the code on several nodes, and what must come of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    /// Its name.
    pub(super) name: String,
    /// The input, any JSON value.
    #[serde(default)]
    pub(super) input: Value,
    /// Recording that answers fetches, relative to the file. Without one the network is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) recording: Option<PathBuf>,
    /// Nodes that run it, 1 to 64. Default 3.
    #[serde(default = "three", skip_serializing_if = "is_three")]
    pub(super) nodes: u16,
    /// Block time, milliseconds since 1970.
    #[serde(default = "now", skip_serializing_if = "is_now")]
    pub(super) now_ms: u64,
    /// Each node starts this much after the one before, milliseconds. Only without a recording.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) skew_ms: u64,
    /// How the nodes' answers differ from the recording.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) perturb: Vec<Perturbation>,
    /// What must come of it.
    #[serde(default)]
    pub(super) expect: Expectation,
}

/// One way in which nodes do not see what was recorded. Nodes are counted from 1; no list means every node.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Perturbation {
    /// These nodes get this status and an empty body for every fetch.
    Status {
        /// The nodes.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        nodes: Vec<usize>,
        /// The status, 200 to 599.
        status: u16,
    },
    /// These nodes get no answer in time.
    Timeout {
        /// The nodes.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        nodes: Vec<usize>,
    },
    /// A number of the body, or a text that is one, differs: from -`percent` on the first node to +`percent` on the last.
    Number {
        /// Its place, a JSON Pointer.
        pointer: String,
        /// Largest deviation, percent of the value.
        #[serde(serialize_with = "shortest")]
        percent: f64,
    },
    /// A field of the body differs: the first node gets the first value, and so on, round and round.
    Field {
        /// Its place, a JSON Pointer.
        pointer: String,
        /// The values.
        values: Vec<Value>,
    },
    /// A list in the body comes in another order on each node.
    Order {
        /// Its place, a JSON Pointer.
        pointer: String,
    },
    /// A header of the answer differs, as the field does.
    Header {
        /// Its name.
        name: String,
        /// The values.
        values: Vec<String>,
    },
}

/// What must come of a case; what is absent is not looked at, and with nothing at all the nodes must agree on a value.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expectation {
    /// The agreed value.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<Value>,
    /// Parts of the agreed value by their places, JSON Pointers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) fields: BTreeMap<String, Value>,
    /// The agreed class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) class: Option<OutcomeClass>,
    /// What the message of an agreed error contains.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<String>,
    /// Whether a quorum agrees at all. Default true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) agreed: Option<bool>,
}

/// Deserialises an explicit `null` as an expected value.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(from).map(Some)
}

/// Writes a whole number in the usual way, without a fraction.
#[allow(clippy::trivially_copy_pass_by_ref)] // serde passes a reference.
fn shortest<S: Serializer>(number: &f64, to: S) -> Result<S::Ok, S::Error> {
    #[allow(clippy::cast_possible_truncation)] // Compared with what it came from.
    let whole = *number as i64;
    #[allow(clippy::cast_precision_loss)]
    let same = (whole as f64 - number).abs() == 0.0;
    if same { to.serialize_i64(whole) } else { to.serialize_f64(*number) }
}

const fn three() -> u16 {
    3
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde passes a reference.
const fn is_three(nodes: &u16) -> bool {
    *nodes == 3
}

const fn now() -> u64 {
    NOW_MS
}

#[allow(clippy::trivially_copy_pass_by_ref)]
const fn is_now(now: &u64) -> bool {
    *now == NOW_MS
}

#[allow(clippy::trivially_copy_pass_by_ref)]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl CaseFile {
    /// Reads a file of cases.
    ///
    /// # Errors
    /// [`CommandError`] with the file's name: it cannot be read, is malformed, or a case contradicts itself.
    pub(super) fn read(file: &Path) -> Result<Self, CommandError> {
        let fail = |what: String| -> CommandError { format!("{}: {what}", file.display()).into() };
        let cases: Self = code_file::json(file, "a file of test cases")?;
        for case in &cases.cases {
            if !(1..=64).contains(&case.nodes) {
                return Err(fail(format!("{:?}: nodes takes 1 to 64", case.name)));
            }
            if case.recording.is_some() && case.skew_ms > 0 {
                return Err(fail(format!("{:?}: skew_ms has no effect on a recording", case.name)));
            }
            if case.recording.is_none() && !case.perturb.is_empty() {
                return Err(fail(format!("{:?}: perturb needs a recording", case.name)));
            }
        }
        Ok(cases)
    }

    /// Rewrites the file.
    ///
    /// # Errors
    /// [`CommandError`] with the file's name when it cannot be written; [`serde_json::Error`] when the cases have no JSON form.
    pub(super) fn write(&self, file: &Path) -> Result<(), CommandError> {
        let text = serde_json::to_string_pretty(self)? + "\n";
        std::fs::write(file, text).map_err(|e| format!("{}: {e}", file.display()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_as_it_stood_there() {
        for number in ["20", "0.2", "-1"] {
            let text = format!(r#"{{"number":{{"pointer":"/a","percent":{number}}}}}"#);
            let read: Perturbation = serde_json::from_str(&text).unwrap();
            assert_eq!(serde_json::to_string(&read).unwrap(), text);
        }
    }
}
