//! Bounded text: a string that has been checked against its length, in bytes, and holds no control characters.

use std::fmt;

use cosmwasm_schema::schemars::{
    JsonSchema,
    r#gen::SchemaGenerator,
    schema::{InstanceType, Schema, SchemaObject, StringValidation},
};
use serde::{Deserialize, Deserializer, Serialize};
use thiserror::Error;

/// A text outside its bounds.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TextError {
    /// Too short or too long.
    #[error("text of {found} bytes, allowed are {min} to {max}")]
    Length {
        /// Bytes found.
        found: usize,
        /// Fewest allowed.
        min: usize,
        /// Most allowed.
        max: usize,
    },
    /// Holds a control character (a line break counts as one).
    #[error("text holds the control character {0:?}")]
    Control(char),
}

/// Text of `MIN` to `MAX` bytes without control characters.
#[derive(Serialize, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[serde(transparent)]
pub struct Text<const MIN: usize, const MAX: usize>(String);

/// A project's name.
pub type Name = Text<1, 64>;
/// What a project does, in a sentence or more.
pub type Description = Text<0, 1024>;
/// A node's name for people.
pub type Moniker = Text<1, 64>;
/// Where a node can be reached; empty where it wants to stay unknown.
pub type Endpoint = Text<0, 256>;

impl<const MIN: usize, const MAX: usize> Text<MIN, MAX> {
    /// Checks and wraps.
    ///
    /// # Errors
    /// [`TextError::Length`], [`TextError::Control`].
    pub fn new(text: impl Into<String>) -> Result<Self, TextError> {
        let text = text.into();
        if text.len() < MIN || text.len() > MAX {
            return Err(TextError::Length { found: text.len(), min: MIN, max: MAX });
        }
        match text.chars().find(|c| c.is_control()) {
            Some(c) => Err(TextError::Control(c)),
            None => Ok(Self(text)),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MIN: usize, const MAX: usize> fmt::Display for Text<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<const MIN: usize, const MAX: usize> std::str::FromStr for Text<MIN, MAX> {
    type Err = TextError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::new(s)
    }
}

impl<'de, const MIN: usize, const MAX: usize> Deserialize<'de> for Text<MIN, MAX> {
    // One copy of it in the contract, not one for every field of every message.
    #[inline(never)]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl<const MIN: usize, const MAX: usize> JsonSchema for Text<MIN, MAX> {
    fn schema_name() -> String {
        format!("Text_{MIN}_to_{MAX}")
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        SchemaObject {
            instance_type: Some(InstanceType::String.into()),
            string: Some(Box::new(StringValidation {
                min_length: u32::try_from(MIN).ok(),
                max_length: u32::try_from(MAX).ok(),
                pattern: None,
            })),
            ..SchemaObject::default()
        }
        .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_in_bytes_and_inclusive() {
        assert!(Name::new("a".repeat(64)).is_ok());
        assert_eq!(Name::new("é".repeat(33)), Err(TextError::Length { found: 66, min: 1, max: 64 }));
        assert_eq!(Name::new(""), Err(TextError::Length { found: 0, min: 1, max: 64 }));
    }

    #[test]
    fn control_characters_are_refused_from_json_too() {
        let error = serde_json::from_str::<Name>("\"a\\nb\"").unwrap_err().to_string();
        assert!(error.contains("control character"), "{error}");
    }
}
