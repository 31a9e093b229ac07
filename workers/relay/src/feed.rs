//! What happens, told to whoever listens. Nothing is kept: who comes late reads the lists.

use std::collections::BTreeMap;

use serde::Serialize;
use tokio::sync::broadcast;

/// Entries a slow listener may lag behind before it is told that it missed some.
const CAPACITY: usize = 1024;

/// Most listeners at once: each holds a connection.
const LISTENERS: usize = 256;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FeedEvent {
    /// The event's name: that of the contract's event, or `attestation`.
    pub event: String,
    /// The height at which it happened; of an attestation, the newest height known.
    pub height: u64,
    /// The event's attributes.
    pub attributes: BTreeMap<String, String>,
}

/// The speaking end.
#[derive(Clone, Debug)]
pub(crate) struct Feed(broadcast::Sender<FeedEvent>);

impl Feed {
    pub(crate) fn new() -> Self {
        Self(broadcast::channel(CAPACITY).0)
    }

    /// Tells the listeners, if there are any.
    pub(crate) fn tell(&self, event: FeedEvent) {
        // An error only says that nobody listens.
        let _nobody = self.0.send(event);
    }

    /// A new listener; `None` where there are too many.
    pub(crate) fn listen(&self) -> Option<broadcast::Receiver<FeedEvent>> {
        (self.0.receiver_count() < LISTENERS).then(|| self.0.subscribe())
    }
}
