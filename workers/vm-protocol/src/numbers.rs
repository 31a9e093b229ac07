//! Numbers of JSON texts that JavaScript's numbers cannot hold: they are refused, never changed without a word.

/// Largest integer up to which every one is exact (ECMA-262, `Number.MAX_SAFE_INTEGER`).
const MAX_SAFE: u64 = (1 << 53) - 1;

/// A number of a JSON text, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inexact {
    /// JSON Pointer (RFC 6901) of the number.
    pub pointer: String,
    /// Its text.
    pub digits: String,
}

/// Which numbers are too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exactness {
    /// Any whose value is not that of the double nearest to it. Fractions are measured by their shortest form.
    Value,
    /// Any whose digits are not those in which the double nearest to it is written (ECMA-262, Number::toString): what a
    /// canonical form would change. A number of JavaScript's is written so and passes, rounded or not.
    Digits,
}

/// The first number of a well-formed JSON text that is not exact.
pub fn inexact_number(json: &str, exactness: Exactness) -> Option<Inexact> {
    // Of short numbers each is exact; most texts have no others.
    let bytes = json.as_bytes();
    let mut path: Vec<Step> = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' => path.push(Step::Key(String::new())),
            b'[' => path.push(Step::Item(0)),
            b'}' | b']' => _ = path.pop(),
            b',' => {
                if let Some(Step::Item(i)) = path.last_mut() {
                    *i = i.saturating_add(1);
                }
            }
            b'"' => {
                let end = string_end(bytes, at);
                let text = json.get(at..end).unwrap_or_default();
                let is_key = json.get(end..).is_some_and(|rest| rest.trim_start().starts_with(':'));
                if let (true, Some(Step::Key(key))) = (is_key, path.last_mut()) {
                    *key = serde_json::from_str(text).unwrap_or_default();
                }
                at = end;
                continue;
            }
            b'-' | b'0'..=b'9' => {
                let rest = bytes.get(at..).unwrap_or_default();
                let length =
                    rest.iter().position(|b| !matches!(b, b'-' | b'+' | b'.' | b'0'..=b'9' | b'e' | b'E'));
                let end = length.map_or(bytes.len(), |length| at.saturating_add(length));
                let digits = json.get(at..end).unwrap_or_default();
                if !is_exact(digits, exactness) {
                    let pointer = path.iter().map(Step::token).collect();
                    return Some(Inexact { pointer, digits: digits.to_owned() });
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at = at.saturating_add(1);
    }
    None
}

/// A part of the way to a value.
enum Step {
    Key(String),
    Item(u64),
}

impl Step {
    fn token(&self) -> String {
        match self {
            Step::Key(key) => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Step::Item(i) => format!("/{i}"),
        }
    }
}

/// Where a string that begins at `at` has ended.
fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut i = at.saturating_add(1);
    while let Some(rest) = bytes.get(i..) {
        match rest.iter().position(|byte| matches!(byte, b'"' | b'\\')) {
            Some(end) if rest.get(end) == Some(&b'"') => return i.saturating_add(end).saturating_add(1),
            Some(escape) => i = i.saturating_add(escape).saturating_add(2),
            None => break,
        }
    }
    bytes.len()
}

fn is_exact(digits: &str, exactness: Exactness) -> bool {
    if digits.len() <= 15 && !digits.contains(['e', 'E']) {
        return true;
    }
    let Ok(value) = digits.parse::<f64>() else { return true };
    if !value.is_finite() {
        return false;
    }
    let is_integer = digits.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    if is_integer {
        if value.abs() <= MAX_SAFE as f64 {
            return true;
        }
        // Rust prints the whole value of a double.
        if exactness == Exactness::Value {
            return format!("{value}") == digits;
        }
    }
    normal(digits) == normal(&format!("{value:e}"))
}

/// Significant digits without zeros at either end, and the exponent of the first of them; sign in front.
fn normal(digits: &str) -> (bool, String, i64) {
    let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
    let negative = mantissa.starts_with('-');
    let mantissa = mantissa.trim_start_matches(['-', '+']);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let significant = all.trim_start_matches('0');
    if significant.is_empty() {
        return (false, String::new(), 0);
    }
    let zeros = i64::try_from(all.len().saturating_sub(significant.len())).unwrap_or(i64::MAX);
    let places = i64::try_from(whole.len()).unwrap_or(i64::MAX);
    let exponent = exponent.parse::<i64>().unwrap_or(i64::MAX);
    let first = exponent.saturating_add(places).saturating_sub(zeros);
    (negative, significant.trim_end_matches('0').to_owned(), first)
}

#[cfg(test)]
mod tests {
    use Exactness::{Digits, Value};

    use super::*;

    fn found(json: &str, exactness: Exactness) -> Option<(String, String)> {
        inexact_number(json, exactness).map(|inexact| (inexact.pointer, inexact.digits))
    }

    #[test]
    fn a_number_that_would_change_is_found_with_its_place() {
        for (json, pointer, digits) in [
            ("9007199254740993", "", "9007199254740993"),
            (r#"{"a":[1,{"b/c":1564679049192120323}]}"#, "/a/1/b~1c", "1564679049192120323"),
            (r#"{"9007199254740993":"9007199254740993","x":-9007199254740993}"#, "/x", "-9007199254740993"),
            (
                r#"["a\"9007199254740993",340282366920938463463374607431768211455]"#,
                "/1",
                "340282366920938463463374607431768211455",
            ),
            ("[1e400]", "/0", "1e400"),
            ("0.1000000000000000055", "", "0.1000000000000000055"),
            ("1.00000000000000000001", "", "1.00000000000000000001"),
            ("9007199254740993.0", "", "9007199254740993.0"),
        ] {
            assert_eq!(found(json, Value), Some((pointer.to_owned(), digits.to_owned())), "{json}");
        }
    }

    #[test]
    fn what_a_double_holds_passes() {
        for json in [
            "9007199254740991",
            "1000000000000000000",
            "9007199254740994",
            "-0",
            "[0.1,4.7150,1e21,1.5E+300,5e-324,0.30000000000000004,123456789012345.6]",
            r#"{"text":"9007199254740993"}"#,
        ] {
            assert_eq!(found(json, Value), None, "{json}");
        }
        for json in ["9007199254740993", "[1564679049192120323]", "0.1000000000000000055"] {
            assert!(found(json, Digits).is_some(), "{json}");
        }
        // As JavaScript writes its own numbers, whatever they were before.
        for json in ["9007199254740992", "[1564679049192120300,1e21,-122637770461000000000]"] {
            assert_eq!(found(json, Digits), None, "{json}");
        }
    }
}
