//! Canonical JSON (RFC 8785) of results and errors: the bytes that nodes hash.

pub(crate) use gateway_vm_protocol::clip;
use gateway_vm_protocol::{Exactness, Inexact, inexact_number};
use serde::Serialize;

/// Canonical text of a JSON document, or why it has none.
pub(crate) fn canonical(json: &str) -> Result<String, String> {
    if let Some(Inexact { pointer, digits }) = inexact_number(json, Exactness::Digits) {
        let place =
            if pointer.is_empty() { "the result".to_owned() } else { format!("{pointer} of the result") };
        return Err(format!(
            "{place} is {digits}, which a number cannot hold for certain: return it as a text (context.source of a JSON.parse \
             reviver, BigInt and gateway.Decimal keep every digit)"
        ));
    }
    let value: serde_json::Value =
        serde_json::from_str(json).map_err(|e| format!("the result is not plain JSON: {e}"))?;
    serde_json_canonicalizer::to_string(&value).map_err(|e| format!("the result has no canonical form: {e}"))
}

/// What an error outcome says. Every field is the same on every node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Failure {
    /// The error in words, at most [`MAX_MESSAGE`] bytes.
    pub(crate) message: String,
    /// Line in the code, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<u32>,
    /// Column in the line, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) column: Option<u32>,
}

/// Longest error message kept, bytes.
pub(crate) const MAX_MESSAGE: usize = 1_024;

impl Failure {
    /// A failure with no place in the code.
    pub(crate) fn of(message: impl Into<String>) -> Failure {
        Failure { message: message.into(), line: None, column: None }
    }

    /// The body of the outcome.
    pub(crate) fn body(mut self) -> String {
        clip(&mut self.message, MAX_MESSAGE);
        // A string and two integers always have a canonical form.
        serde_json_canonicalizer::to_string(&self).unwrap_or_else(|_| "{\"message\":\"\"}".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_form_is_that_of_the_rfc() {
        let cases = [
            (r#"{"b":1,"a":[1.0,1e21,-0,0.1,1E-7]}"#, r#"{"a":[1,1e+21,0,0.1,1e-7],"b":1}"#),
            (r#"{"\u20ac":1,"\ud83d\ude00":2,"\ufb33":3}"#, "{\"€\":1,\"😀\":2,\"\u{fb33}\":3}"),
            (r#""\u000f\n""#, r#""\u000f\n""#),
            ("9007199254740992", "9007199254740992"),
            ("18446744073709552000", "18446744073709552000"),
            ("null", "null"),
        ];
        for (input, expected) in cases {
            assert_eq!(canonical(input).unwrap(), expected, "{input}");
        }
    }

    #[test]
    fn what_json_cannot_carry_is_refused() {
        assert!(canonical(r#""\ud800""#).is_err());
        assert!(canonical(&format!("{}1{}", "[".repeat(200), "]".repeat(200))).is_err());
        assert!(canonical("{").is_err());
        for number in ["9007199254740993", "18446744073709552001", "0.1000000000000000055"] {
            let error = canonical(&format!("{{\"a\":[{number}]}}")).unwrap_err();
            assert!(error.starts_with(&format!("/a/0 of the result is {number}")), "{error}");
        }
    }

    #[test]
    fn a_failure_is_canonical_and_bounded() {
        let failure = Failure { message: "x".into(), line: Some(2), column: Some(3) };
        assert_eq!(failure.body(), r#"{"column":3,"line":2,"message":"x"}"#);
        assert!(Failure::of("é".repeat(5_000)).body().len() < MAX_MESSAGE + 30);
    }
}
