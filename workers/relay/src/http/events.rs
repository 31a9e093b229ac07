//! `GET /v1/events`: what happens, as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, StreamExt};
use gateway_http::Problem;
use tokio_stream::wrappers::BroadcastStream;

use crate::context::Relay;
use crate::feed::FeedEvent;

const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// What happens from now on, one event each. An event named `missed` says how many a slow listener has missed.
#[utoipa::path(get, path = "/v1/events", responses(
    (status = 200, description = "A stream of events, each with a FeedEvent as its data", content_type = "text/event-stream", body = FeedEvent)
))]
pub(super) async fn get(
    State(relay): State<Arc<Relay>>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let listener = relay.feed.listen().ok_or_else(|| Problem::unavailable("too many listeners", 30))?;
    let cancel = relay.cancel.clone();
    let events = BroadcastStream::new(listener).map(|received| {
        Ok(match received {
            Ok(event) => Event::default()
                .event(&event.event)
                .json_data(&event)
                .unwrap_or_else(|_| Event::default().event("unreadable")),
            Err(missed) => Event::default().event("missed").data(missed.to_string()),
        })
    });
    let events = events.take_until(cancel.cancelled_owned());
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}
