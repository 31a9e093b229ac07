//! `GET /v1/epochs`: each node's conduct by epoch, from sums that the database maintains.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use gateway_api::{Epoch, NodeId, NodeResponse, UnitsFrom};
use gateway_http::{Problem, extract};
use gateway_store::{EpochConduct, NodeConduct};
use serde::{Deserialize, Serialize};

use super::cached;
use crate::context::Relay;

/// Epochs per page: the default and the maximum.
const PAGE: u32 = 6;
const MAX_PAGE: u32 = 30;

/// Which epochs.
#[derive(Clone, Copy, Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EpochsQuery {
    /// Only those below this one; the `next` of the page before.
    before: Option<u64>,
    /// Most entries, 1 to 30; 6 where absent.
    #[param(minimum = 1, maximum = 30)]
    limit: Option<u32>,
}

/// A page of epochs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct EpochsView {
    /// Epochs that have results, the newest first.
    pub items: Vec<EpochView>,
    /// What to name as `before` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// What was seen of the nodes in an epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct EpochView {
    /// The epoch.
    pub epoch: u64,
    /// Results of requests that it drew, as far as this relay knows them.
    pub results: u64,
    /// Every node that has units in it, by id.
    pub nodes: Vec<ConductView>,
}

/// What was seen of a node in an epoch. Of results from before the relay's time only those who agreed are known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ConductView {
    /// The node.
    pub node: u32,
    /// Its units.
    pub units: u32,
    /// Results that it attested to.
    pub results: u64,
    /// Those of them whose outcome was its own: agreement is their share.
    pub agreeing: u64,
    /// Seats that it attested with.
    pub seats: u64,
    /// Seats that its units were to expect in the epoch's results, in thousandths: presence is the share of them that was seen.
    pub expected_thousandths: u64,
}

/// Agreement and presence of nodes by epoch, the newest epoch first.
#[utoipa::path(get, path = "/v1/epochs", params(EpochsQuery), responses(
    (status = 200, description = "A page; it has an ETag", body = EpochsView),
    (status = 304, description = "The caller has it (`If-None-Match`)")
))]
pub(super) async fn get(
    State(relay): State<Arc<Relay>>,
    extract::Query(query): extract::Query<EpochsQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = query.limit.unwrap_or(PAGE).clamp(1, MAX_PAGE);
    let epochs = relay.store.conduct().epochs(query.before.map(Epoch), limit.into()).await?;
    let next = if epochs.len() < limit as usize { None } else { epochs.last().map(|last| last.epoch.get()) };
    let nodes = relay.store.nodes().all().await?;
    let items = epochs.into_iter().map(|epoch| view(epoch, &nodes)).collect();
    cached::json(&headers, "public, max-age=10", &EpochsView { items, next })
}

fn view(epoch: EpochConduct, nodes: &[NodeResponse]) -> EpochView {
    let seen: BTreeMap<NodeId, NodeConduct> = epoch.nodes.iter().map(|seen| (seen.node, *seen)).collect();
    let nodes = nodes.iter().filter_map(|node| {
        let units = UnitsFrom::at(&node.schedule, epoch.epoch);
        let seen = seen.get(&node.node);
        let NodeConduct { results, agreeing, seats, .. } =
            seen.copied().unwrap_or(NodeConduct { node: node.node, results: 0, agreeing: 0, seats: 0 });
        // Millionths of a seat per unit.
        let expected_thousandths = epoch.expected.saturating_mul(units.into()) / 1000;
        (units > 0 || results > 0).then(|| ConductView {
            node: node.node.get(),
            units,
            results,
            agreeing,
            seats,
            expected_thousandths,
        })
    });
    EpochView { epoch: epoch.epoch.get(), results: epoch.results, nodes: nodes.collect() }
}
