//! Events as modules emit them, and their form on the wire. Knows no event's meaning.

use tendermint::abci;

/// An event: a type and ordered attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) kind: String,
    pub(crate) attributes: Vec<(String, String)>,
}

impl Event {
    /// An event without attributes.
    pub(crate) fn new(kind: impl Into<String>) -> Self {
        Self { kind: kind.into(), attributes: Vec::new() }
    }

    /// The event with one more attribute at its end.
    #[must_use]
    pub(crate) fn with(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.attributes.push((key.into(), value.into()));
        self
    }

    /// Whether any attribute has this key.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.attributes.iter().any(|(k, _)| k == key)
    }

    /// The form that blocks, results and subscriptions carry; every attribute is indexed.
    pub(crate) fn into_abci(self) -> abci::Event {
        abci::Event {
            kind: self.kind,
            attributes: self.attributes.into_iter().map(|(k, v)| (k, v, true).into()).collect(),
        }
    }
}
