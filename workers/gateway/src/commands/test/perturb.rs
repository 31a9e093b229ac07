//! One node's view of a recording: the recorded answers, changed as a case says. Pure.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gateway_engine::{Exchange, Transcript};
use serde_json::Value;

use super::case_file::Perturbation;

/// A perturbation that changes nothing, or cannot be applied.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum PerturbError {
    /// No recorded body has anything at that place.
    #[error("no recorded answer has anything at {0:?}")]
    NoSuchPlace(String),
    /// The value there is of another type.
    #[error("{pointer:?} holds {found}, and not {wanted}")]
    OtherForm {
        /// The place.
        pointer: String,
        /// What it contains.
        found: String,
        /// What is needed.
        wanted: &'static str,
    },
    /// A list of values is empty.
    #[error("values takes at least one value")]
    NoValues,
}

/// Returns the recording as node `node` of `nodes` sees it; nodes are counted from 1.
///
/// # Errors
/// [`PerturbError`] when a perturbation names a place that no answer has, or a value of the wrong type.
pub(super) fn seen_by(
    node: usize,
    nodes: usize,
    recording: &Transcript,
    perturbations: &[Perturbation],
) -> Result<Transcript, PerturbError> {
    let mut seen = recording.clone();
    for perturbation in perturbations {
        match perturbation {
            Perturbation::Status { nodes, status } if concerns(nodes, node) => {
                for exchange in &mut seen.exchanges {
                    exchange.status = Some(*status);
                    exchange.body.clear();
                }
            }
            Perturbation::Timeout { nodes } if concerns(nodes, node) => {
                for exchange in &mut seen.exchanges {
                    exchange.status = None;
                    exchange.failure = Some("no response in time (the test case says so)".to_owned());
                    exchange.denied = false;
                }
            }
            Perturbation::Status { .. } | Perturbation::Timeout { .. } => {}
            Perturbation::Number { pointer, percent } => {
                let factor = 1.0 + percent / 100.0 * position(node, nodes);
                at(&mut seen, pointer, |value| scale(value, factor, pointer))?;
            }
            Perturbation::Field { pointer, values } => {
                let chosen = turn(values, node)?.clone();
                at(&mut seen, pointer, |value| {
                    *value = chosen.clone();
                    Ok(())
                })?;
            }
            Perturbation::Order { pointer } => at(&mut seen, pointer, |value| {
                let list = value.as_array_mut().map(|list| {
                    let by = (node - 1) % list.len().max(1);
                    list.rotate_left(by);
                });
                list.ok_or_else(|| other_form(pointer, value, "a list"))
            })?,
            Perturbation::Header { name, values } => {
                let chosen = turn(values, node)?;
                for exchange in &mut seen.exchanges {
                    exchange.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
                    exchange.headers.push((name.to_ascii_lowercase(), chosen.clone()));
                }
            }
        }
    }
    Ok(seen)
}

fn concerns(nodes: &[usize], node: usize) -> bool {
    nodes.is_empty() || nodes.contains(&node)
}

fn turn<T>(values: &[T], node: usize) -> Result<&T, PerturbError> {
    values.get((node - 1) % values.len().max(1)).ok_or(PerturbError::NoValues)
}

/// Returns a node's position between the first, -1, and the last, +1.
fn position(node: usize, nodes: usize) -> f64 {
    if nodes < 2 { 1.0 } else { 2.0 * (node - 1) as f64 / (nodes - 1) as f64 - 1.0 }
}

/// Changes the place in every recorded body that has it.
fn at(
    seen: &mut Transcript,
    pointer: &str,
    mut change: impl FnMut(&mut Value) -> Result<(), PerturbError>,
) -> Result<(), PerturbError> {
    let mut found = false;
    for exchange in &mut seen.exchanges {
        let Some(mut body) = body_of(exchange) else { continue };
        if let Some(place) = body.pointer_mut(pointer) {
            change(place)?;
            exchange.body = STANDARD.encode(body.to_string());
            found = true;
        }
    }
    if found { Ok(()) } else { Err(PerturbError::NoSuchPlace(pointer.to_owned())) }
}

fn body_of(exchange: &Exchange) -> Option<Value> {
    serde_json::from_slice(&STANDARD.decode(&exchange.body).ok()?).ok()
}

fn scale(value: &mut Value, factor: f64, pointer: &str) -> Result<(), PerturbError> {
    let scaled = match &*value {
        Value::Number(number) => {
            let product = number.as_f64().map(|n| n * factor);
            let whole = number.is_u64() || number.is_i64();
            // A whole number stays one: a count, or an amount in the smallest unit.
            product.map(|p| if whole { Value::from(p.round() as i64) } else { Value::from(p) })
        }
        Value::String(text) => {
            let places = text.split_once('.').map_or(0, |(_, places)| places.len());
            text.parse::<f64>().ok().map(|n| Value::from(format!("{:.places$}", n * factor)))
        }
        _ => None,
    };
    *value = scaled.ok_or_else(|| other_form(pointer, value, "a number"))?;
    Ok(())
}

fn other_form(pointer: &str, found: &Value, wanted: &'static str) -> PerturbError {
    PerturbError::OtherForm { pointer: pointer.to_owned(), found: found.to_string(), wanted }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn recording(body: &Value) -> Transcript {
        let exchange = json!({
            "request": "00", "method": "GET", "url": "https://a.example/", "status": 200,
            "headers": [["last-modified", "then"]], "body": STANDARD.encode(body.to_string()),
        });
        serde_json::from_value(json!({ "exchanges": [exchange] })).unwrap()
    }

    fn bodies(body: &Value, perturbation: &Perturbation) -> Result<Vec<Value>, PerturbError> {
        let recording = recording(body);
        (1..=3)
            .map(|node| {
                let seen = seen_by(node, 3, &recording, std::slice::from_ref(perturbation))?;
                Ok(body_of(&seen.exchanges[0]).unwrap_or(Value::Null))
            })
            .collect()
    }

    #[test]
    fn numbers_spread_around_what_was_recorded_and_keep_their_form() {
        let by = |pointer: &str| Perturbation::Number { pointer: pointer.to_owned(), percent: 10.0 };
        let body = json!({"a": 100, "b": "2.50", "c": true});
        let seen = bodies(&body, &by("/a")).unwrap();
        assert_eq!(
            seen.iter().map(|b| b["a"].clone()).collect::<Vec<_>>(),
            [json!(90), json!(100), json!(110)]
        );
        let seen = bodies(&body, &by("/b")).unwrap();
        assert_eq!(seen.iter().map(|b| b["b"].clone()).collect::<Vec<_>>(), ["2.25", "2.50", "2.75"]);
        assert!(matches!(bodies(&body, &by("/c")), Err(PerturbError::OtherForm { .. })));
        assert_eq!(bodies(&body, &by("/d")), Err(PerturbError::NoSuchPlace("/d".to_owned())));
    }

    #[test]
    fn lists_turn_fields_and_headers_take_turns_and_chosen_nodes_fail() {
        let body = json!({"list": [1, 2, 3], "at": 1});
        let seen = bodies(&body, &Perturbation::Order { pointer: "/list".to_owned() }).unwrap();
        assert_eq!(seen[1]["list"], json!([2, 3, 1]));
        let field = Perturbation::Field { pointer: "/at".to_owned(), values: vec![json!(1), json!(2)] };
        let seen = bodies(&body, &field).unwrap();
        assert_eq!([&seen[0]["at"], &seen[1]["at"], &seen[2]["at"]], [&json!(1), &json!(2), &json!(1)]);

        let recording = recording(&body);
        let header =
            Perturbation::Header { name: "Last-Modified".to_owned(), values: vec!["now".to_owned()] };
        let seen = seen_by(2, 3, &recording, &[header]).unwrap();
        assert_eq!(seen.exchanges[0].headers, [("last-modified".to_owned(), "now".to_owned())]);
        let limited =
            [Perturbation::Status { nodes: vec![2], status: 429 }, Perturbation::Timeout { nodes: vec![3] }];
        let status = |node| seen_by(node, 3, &recording, &limited).unwrap().exchanges[0].status;
        assert_eq!([status(1), status(2), status(3)], [Some(200), Some(429), None]);
    }
}
