//! `GET /v1/events`: live events, as server-sent events that resume where they broke off.
//!
//! Contract events are read from the database, where each has an id: a client that sends `Last-Event-ID` misses none.
//! Attestations are sent as they arrive and have no id; `GET /v1/requests/{id}` has the earlier ones.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::Stream;
use gateway_api::{ProjectId, RequestId, ScheduleId};
use gateway_http::{ClientAddress, Place, Problem, extract};
use gateway_store::EventFilter;
use serde::Deserialize;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::watch;

use crate::context::Relay;
use crate::feed::FeedEvent;

const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Events read at a time.
const PAGE: u64 = 200;
/// Pause after the database failed to answer.
const RETRY: Duration = Duration::from_secs(1);

/// Which events.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EventsQuery {
    /// Only those about a project.
    project: Option<u64>,
    /// Only those about a request.
    request: Option<u64>,
    /// Only those about a schedule: its firings, what it missed, its end.
    schedule: Option<u64>,
    /// Only those of a name, for example `gateway-request-fulfilled` or `attestation`.
    event: Option<String>,
    /// Begin after this id; 0 for all that are kept. The header `Last-Event-ID` has the same meaning and goes before it. Where
    /// both are absent, with what happens from now on.
    after: Option<u64>,
}

/// A stream of what happens. An event named `missed` says how many attestations a slow listener has missed.
#[utoipa::path(
    get,
    path = "/v1/events",
    params(EventsQuery, ("Last-Event-ID" = Option<u64>, Header, description = "Id of the last event received")),
    responses(
        (status = 200, description = "A stream of events, each with a FeedEvent as its data", content_type = "text/event-stream", body = FeedEvent),
        (status = 503, description = "Too many listeners, in all or from this address")
    )
)]
pub(super) async fn get(
    State(relay): State<Arc<Relay>>,
    Extension(ClientAddress(client)): Extension<ClientAddress>,
    extract::Query(query): extract::Query<EventsQuery>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let (place, live) =
        relay.feed.listen(client).ok_or_else(|| Problem::unavailable("too many listeners", 30))?;
    let last = match headers.get("last-event-id") {
        Some(id) => {
            let id = id.to_str().ok().and_then(|id| id.parse().ok());
            Some(
                id.ok_or_else(|| Problem::invalid("Last-Event-ID", "it takes the id of an event, a number"))?,
            )
        }
        None => query.after,
    };
    let after = match last {
        Some(id) => id,
        None => relay.store.events().newest().await?,
    };
    let filter = EventFilter {
        project: query.project.map(ProjectId),
        request: query.request.map(RequestId),
        schedule: query.schedule.map(ScheduleId),
        event: query.event,
    };
    let height = relay.height.subscribe();
    let listener = Listener { relay, filter, after, read: VecDeque::new(), live, height, _place: place };
    let events = futures::stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok(event), listener))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

struct Listener {
    relay: Arc<Relay>,
    filter: EventFilter,
    /// The id of the newest event read.
    after: u64,
    read: VecDeque<FeedEvent>,
    live: broadcast::Receiver<FeedEvent>,
    height: watch::Receiver<u64>,
    _place: Place,
}

impl Listener {
    /// Returns the next event; `None` when the relay stops.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.read.pop_front() {
                return Some(sent(&event));
            }
            // Before the read: a block stored during it triggers another read.
            self.height.mark_unchanged();
            match self.relay.store.events().list(&self.filter, self.after, PAGE).await {
                Ok(rows) if !rows.is_empty() => {
                    self.after = rows.last().map_or(self.after, |row| row.id);
                    self.read.extend(rows.into_iter().map(FeedEvent::stored));
                    continue;
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "events not read now");
                    tokio::time::sleep(RETRY).await;
                }
            }
            tokio::select! {
                () = self.relay.cancel.cancelled() => return None,
                changed = self.height.changed() => changed.ok()?,
                live = self.live.recv() => match live {
                    Ok(event) if event.matches(&self.filter) => return Some(sent(&event)),
                    Ok(_) => {}
                    Err(RecvError::Lagged(missed)) => {
                        return Some(Event::default().event("missed").data(missed.to_string()));
                    }
                    Err(RecvError::Closed) => return None,
                }
            }
        }
    }
}

fn sent(event: &FeedEvent) -> Event {
    let sent = Event::default().event(&event.event);
    let sent = match event.id {
        Some(id) => sent.id(id.to_string()),
        None => sent,
    };
    sent.json_data(event).unwrap_or_else(|_| Event::default().event("unreadable"))
}
