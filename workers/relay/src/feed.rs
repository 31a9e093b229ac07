//! Publishes events to subscribers: events of the contract from the database, attestations as they arrive.

use std::collections::BTreeMap;
use std::net::IpAddr;

use gateway_api::{ProjectId, RequestId, ScheduleId};
use gateway_http::{Occupancy, Place};
use gateway_store::{EventFilter, EventRow, NewEvent};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

/// Attestations by which a slow subscriber may lag before it is notified that it missed some.
const CAPACITY: usize = 1024;
/// Most listeners at once: each holds a connection.
const LISTENERS: usize = 1024;
/// Most listeners per client address.
const LISTENERS_EACH: usize = 64;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FeedEvent {
    /// Its id, to resume after; attestations have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// Its name: that of the contract's event, `attestation` or `publication-queued`.
    pub event: String,
    /// The height at which it happened; of what happens at the relay, the newest height known.
    pub height: u64,
    /// The time of its block, milliseconds since 1970; attestations have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_ms: Option<u64>,
    /// Its attributes.
    pub attributes: BTreeMap<String, String>,
}

impl FeedEvent {
    /// Creates an event from a stored contract event.
    pub(crate) fn stored(row: EventRow) -> Self {
        let EventRow { id, event: NewEvent { height, time_ms, event, attributes, .. } } = row;
        Self { id: Some(id), event, height, time_ms: Some(time_ms), attributes }
    }

    /// Returns whether the event passes a listener's filter.
    pub(crate) fn matches(&self, filter: &EventFilter) -> bool {
        let number = |key: &str| self.attributes.get(key).and_then(|text| text.parse().ok());
        filter.event.as_ref().is_none_or(|event| *event == self.event)
            && filter.project.is_none_or(|project| number("project").map(ProjectId) == Some(project))
            && filter.request.is_none_or(|request| number("request").map(RequestId) == Some(request))
            && filter.schedule.is_none_or(|schedule| number("schedule").map(ScheduleId) == Some(schedule))
    }
}

/// Broadcasts attestations to subscribers as they arrive.
#[derive(Clone, Debug)]
pub(crate) struct Feed {
    live: broadcast::Sender<FeedEvent>,
    listeners: Occupancy,
}

impl Feed {
    pub(crate) fn new() -> Self {
        Self { live: broadcast::channel(CAPACITY).0, listeners: Occupancy::new(LISTENERS, LISTENERS_EACH) }
    }

    /// Sends an event to all subscribers, if any.
    pub(crate) fn publish(&self, event: FeedEvent) {
        // An error only means that there are no listeners.
        let _nobody = self.live.send(event);
    }

    /// Adds a listener; `None` if there are too many, in total or from this client.
    pub(crate) fn listen(&self, client: IpAddr) -> Option<(Place, broadcast::Receiver<FeedEvent>)> {
        Some((self.listeners.enter(client)?, self.live.subscribe()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_tests_every_attribute_it_names() {
        let attributes = [("request", "7"), ("project", "2")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        let event = FeedEvent {
            id: None,
            event: "attestation".into(),
            height: 1,
            time_ms: None,
            attributes: attributes.into(),
        };
        let filter = |project: Option<u64>, request: Option<u64>, event: Option<&str>| EventFilter {
            project: project.map(ProjectId),
            request: request.map(RequestId),
            event: event.map(str::to_owned),
            schedule: None,
        };
        assert!(event.matches(&filter(None, None, None)));
        assert!(event.matches(&filter(Some(2), Some(7), Some("attestation"))));
        for other in [filter(Some(3), None, None), filter(None, Some(8), None), filter(None, None, Some("x"))]
        {
            assert!(!event.matches(&other));
        }
    }

    #[test]
    fn one_client_cannot_take_every_listener() {
        let feed = Feed::new();
        let (one, other) = (IpAddr::from([1, 1, 1, 1]), IpAddr::from([2, 2, 2, 2]));
        let taken: Vec<_> = (0..LISTENERS_EACH).map(|_| feed.listen(one).unwrap()).collect();
        assert!(feed.listen(one).is_none());
        assert!(feed.listen(other).is_some());
        drop(taken);
        assert!(feed.listen(one).is_some());
    }
}
