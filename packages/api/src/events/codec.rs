//! How typed events become the chain's attributes and come back. Adding a field to an event needs nothing here.

use cosmwasm_std::Uint128;
use thiserror::Error;

use crate::{
    Attempt, BodyHash, CodeHash, DrawClass, EncryptionKey, EngineId, Epoch, InputHash, NodeId, NodeKey,
    OutcomeClass, ProjectId, RequestId, Round, ScheduleId, Seed, SettingsVersion, SubscriptionId, Version,
};

/// An event of ours that does not read as one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EventDecodeError {
    /// An attribute is missing.
    #[error("attribute {attribute} is missing")]
    Missing {
        /// The attribute.
        attribute: &'static str,
    },
    /// An attribute's value is of another form.
    #[error("attribute {attribute} has the value {found:?}")]
    Value {
        /// The attribute.
        attribute: &'static str,
        /// What stands there.
        found: String,
    },
}

/// A value that can stand in an attribute.
pub(super) trait AttributeValue: Sized {
    /// As the attribute's text.
    fn to_attribute(&self) -> String;
    /// From the attribute's text.
    fn from_attribute(text: &str) -> Option<Self>;
}

macro_rules! by_display {
    ($($ty:ty),* $(,)?) => {$(
        impl AttributeValue for $ty {
            fn to_attribute(&self) -> String {
                self.to_string()
            }
            fn from_attribute(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        }
    )*};
}

by_display!(
    Attempt,
    BodyHash,
    CodeHash,
    DrawClass,
    EncryptionKey,
    EngineId,
    Epoch,
    InputHash,
    NodeId,
    NodeKey,
    OutcomeClass,
    ProjectId,
    RequestId,
    Round,
    ScheduleId,
    Seed,
    SettingsVersion,
    SubscriptionId,
    Version,
    Uint128,
    String,
    u64,
    u32,
    bool,
);

/// Finds and reads one attribute.
pub(super) fn read<T: AttributeValue>(
    attributes: &[(&str, &str)],
    attribute: &'static str,
) -> Result<T, EventDecodeError> {
    let (_, text) = attributes
        .iter()
        .find(|(key, _)| *key == attribute)
        .ok_or(EventDecodeError::Missing { attribute })?;
    T::from_attribute(text).ok_or_else(|| EventDecodeError::Value { attribute, found: (*text).to_owned() })
}
