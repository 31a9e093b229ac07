//! Events as modules emit them, and their wire form. Interprets no event.

use tendermint::abci;

/// An event: a type and ordered attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) kind: String,
    pub(crate) attributes: Vec<(String, String)>,
}

impl Event {
    /// Creates an event without attributes.
    pub(crate) fn new(kind: impl Into<String>) -> Self {
        Self { kind: kind.into(), attributes: Vec::new() }
    }

    /// Returns the event with one more attribute appended.
    #[must_use]
    pub(crate) fn with(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.attributes.push((key.into(), value.into()));
        self
    }

    /// Returns whether any attribute has this key.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.attributes.iter().any(|(k, _)| k == key)
    }

    /// Converts to the form used by blocks, results and subscriptions; every attribute is indexed.
    pub(crate) fn into_abci(self) -> abci::Event {
        abci::Event {
            kind: self.kind,
            attributes: self.attributes.into_iter().map(|(k, v)| (k, v, true).into()).collect(),
        }
    }
}
