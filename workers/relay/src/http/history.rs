//! `GET /v1/history`: events within a range of heights, from the relay's database, and which of the heights it lacks.

use std::ops::RangeInclusive;
use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use gateway_api::{ProjectId, RequestId, ScheduleId};
use gateway_http::{Page, PageQuery, Problem, extract};
use gateway_store::{EventFilter, GapKind};
use serde::{Deserialize, Serialize};

use super::cached;
use crate::context::Relay;
use crate::feed::FeedEvent;

/// Which heights, which events, and which page of them.
#[derive(Clone, Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct HistoryQuery {
    /// The first height; 0 where absent.
    from: Option<u64>,
    /// The last height; the newest where absent.
    to: Option<u64>,
    /// Only those about a project.
    project: Option<u64>,
    /// Only those about a request.
    request: Option<u64>,
    /// Only those about a schedule: its firings, what it missed, its end.
    schedule: Option<u64>,
    /// Only those of a name, for example `gateway-settings-updated`.
    event: Option<String>,
    /// Begin after this id; the `next` of the page before.
    after: Option<u64>,
    /// Most entries, 1 to 100; 30 where absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// A page of what happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HistoryView {
    /// The newest height whose events are here.
    pub height: u64,
    /// The events, in the order of the chain.
    pub items: Vec<FeedEvent>,
    /// Heights of the range asked for whose events are not here, the newest first; empty where nothing is missing.
    pub missing: Vec<MissingView>,
    /// Where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// Heights whose events this relay does not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MissingView {
    /// The lowest.
    pub from: u64,
    /// The highest.
    pub to: u64,
    /// `filling` while they are being read from the chain, `pruned` where the relay's node of the chain does not have them any
    /// more, `not_kept` where they are older than what this relay keeps.
    pub reason: String,
}

/// Events of the contract by height: as the relay has followed the chain, and from before its time as far as its node of the
/// chain has the blocks. What is missing is named.
#[utoipa::path(get, path = "/v1/history", params(HistoryQuery), responses(
    (status = 200, description = "A page; it has an ETag", body = HistoryView),
    (status = 304, description = "The caller has it (`If-None-Match`)")
))]
pub(super) async fn get(
    State(relay): State<Arc<Relay>>,
    extract::Query(query): extract::Query<HistoryQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // Before the read: a block stored during it may already be in the page.
    let height = relay.height();
    let page = PageQuery { after: query.after, limit: query.limit };
    let heights = query.from.unwrap_or_default()..=query.to.unwrap_or(u64::MAX);
    let filter = EventFilter {
        project: query.project.map(ProjectId),
        request: query.request.map(RequestId),
        schedule: query.schedule.map(ScheduleId),
        event: query.event,
    };
    let rows =
        relay.store.events().at_heights(heights.clone(), &filter, page.start(), page.size().into()).await?;
    let events = rows.into_iter().map(FeedEvent::stored).collect();
    let Page { items, next } =
        Page::new(events, page.size(), |event: &FeedEvent| event.id.unwrap_or_default());
    let missing = missing(&relay, heights).await?;
    cached::json(&headers, cached::CHECKED, &HistoryView { height, items, missing, next })
}

/// Returns the parts of a range of heights that the database lacks.
async fn missing(relay: &Relay, asked: RangeInclusive<u64>) -> Result<Vec<MissingView>, Problem> {
    let gaps = relay.store.gaps().list(GapKind::Blocks).await?.into_iter().map(|gap| MissingView {
        from: gap.first,
        to: gap.last,
        reason: if gap.pruned { "pruned" } else { "filling" }.to_owned(),
    });
    let not_kept =
        MissingView { from: 1, to: relay.oldest_kept().saturating_sub(1), reason: "not_kept".to_owned() };
    let all = gaps.chain([not_kept]);
    let within = all.map(|range| MissingView {
        from: range.from.max(*asked.start()),
        to: range.to.min(*asked.end()),
        ..range
    });
    Ok(within.filter(|range| range.from <= range.to).collect())
}
