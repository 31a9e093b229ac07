//! Why a tree is not a value of a type, with the field's name. Made without formatting machinery, which would add more code
//! to the wasm than it is worth.

use std::fmt;

use serde::de::{Error, Expected, Unexpected};

/// Why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ReadError {
    /// What was asked for is not there; whoever knows the field's name, or its default, says what follows from that.
    Absent,
    /// As text.
    Says(String),
}

impl ReadError {
    pub(super) fn says(parts: &[&str]) -> Self {
        Self::Says(parts.concat())
    }

    /// The same, behind the name of the field it is about.
    #[inline(never)]
    pub(super) fn inside(self, field: &str) -> Self {
        match self {
            Self::Absent => Self::says(&["missing field `", field, "`"]),
            Self::Says(words) => Self::says(&[field, ": ", &words]),
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "a value is missing",
            Self::Says(words) => words,
        })
    }
}

impl std::error::Error for ReadError {}

impl Error for ReadError {
    #[inline(never)]
    fn custom<T: fmt::Display>(words: T) -> Self {
        Self::Says(words.to_string())
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::says(&["a value of another type"])
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::says(&["a value outside its range"])
    }

    /// What derived code says where a field without a default is not there.
    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self::Absent
    }

    #[inline(never)]
    fn unknown_variant(variant: &str, _: &'static [&'static str]) -> Self {
        Self::says(&["unknown variant `", variant, "`"])
    }
}
