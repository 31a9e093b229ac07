//! What a run came to: its class and its body. An error is an outcome like any other.

use std::fmt;

use cosmwasm_schema::cw_serde;

use crate::{BodyHash, EventDecodeError};

/// The class of an outcome. Only what the program did is one: a run that met a resource limit is never attested.
#[cw_serde]
#[derive(Copy, Eq, Hash, PartialOrd, Ord)]
pub enum OutcomeClass {
    /// The function returned a JSON value: the body is its canonical form.
    Ok,
    /// The code does not compile.
    JsSyntax,
    /// The code threw or rejected.
    JsThrow,
    /// The code exports no function to call.
    NoFunction,
    /// The code imported something it may not.
    ImportDenied,
    /// The promise never settled and nothing was left that could settle it.
    NeverSettled,
    /// The value has no JSON form.
    NotJson,
    /// The canonical value is larger than the version allows.
    OutputTooLarge,
    /// The input is not JSON.
    InputNotJson,
    /// The code asked for a host or method that its manifest does not name.
    FetchDenied,
    /// A fetch answered with a status that the code did not handle.
    HttpStatus,
}

impl OutcomeClass {
    /// Every class, in the order of their declaration.
    pub const ALL: [Self; 11] = [
        Self::Ok,
        Self::JsSyntax,
        Self::JsThrow,
        Self::NoFunction,
        Self::ImportDenied,
        Self::NeverSettled,
        Self::NotJson,
        Self::OutputTooLarge,
        Self::InputNotJson,
        Self::FetchDenied,
        Self::HttpStatus,
    ];

    /// The name used in JSON, events and preimages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::JsSyntax => "js_syntax",
            Self::JsThrow => "js_throw",
            Self::NoFunction => "no_function",
            Self::ImportDenied => "import_denied",
            Self::NeverSettled => "never_settled",
            Self::NotJson => "not_json",
            Self::OutputTooLarge => "output_too_large",
            Self::InputNotJson => "input_not_json",
            Self::FetchDenied => "fetch_denied",
            Self::HttpStatus => "http_status",
        }
    }
}

impl fmt::Display for OutcomeClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for OutcomeClass {
    type Err = EventDecodeError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|c| c.as_str() == s)
            .ok_or_else(|| EventDecodeError::Value { attribute: "class", found: s.to_owned() })
    }
}

/// A result's body: inline where it is small, by its hash where it is kept off the chain.
#[cw_serde]
pub enum Body {
    /// Canonical JSON (RFC 8785).
    Inline {
        /// The text.
        text: String,
    },
    /// The hash and size of a body that the relay and the nodes keep.
    Hashed {
        /// SHA-256 of the text's bytes.
        sha256: BodyHash,
        /// Bytes.
        size: u32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_json() {
        for class in OutcomeClass::ALL {
            assert_eq!(serde_json::to_string(&class).unwrap(), format!("\"{class}\""));
            assert_eq!(class.as_str().parse::<OutcomeClass>().unwrap(), class);
        }
    }
}
