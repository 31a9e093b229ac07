//! What a block's events indicate must be refreshed, and the events that are kept of it.

use std::collections::{BTreeMap, BTreeSet};

use gateway_api::events::{
    EnginesDeclared, GatewayEvent, KeyRotated, NodeDissented, NodeRegistered, NodeSilent, NodeSlashed,
    NodeUnjailed, NodeUpdated, StakeChanged, StakeWithdrawn,
};
use gateway_api::{NodeId, ProjectId, RequestId, ScheduleId};
use gateway_service::ContractBlock;
use gateway_store::NewEvent;

/// What a block's events indicate must be refreshed.
#[derive(Debug, Default)]
pub(super) struct Touched {
    pub(super) opened: BTreeSet<RequestId>,
    pub(super) ended: BTreeSet<RequestId>,
    pub(super) fulfilled: BTreeSet<RequestId>,
    pub(super) nodes: BTreeSet<NodeId>,
    pub(super) refused: BTreeMap<RequestId, String>,
}

/// Reads from a block's events what must be refreshed.
pub(super) fn touched(block: &ContractBlock) -> Touched {
    let mut touched = Touched::default();
    for found in &block.events {
        note(&mut touched, found.event.clone(), block.height);
    }
    touched
}

/// Returns the events of a block as stored.
pub(super) fn kept(block: &ContractBlock) -> Vec<NewEvent> {
    let kept = block.events.iter().map(|found| {
        let raw = &found.raw;
        let number = |key: &str| raw.attribute(key).and_then(|text| text.parse().ok());
        NewEvent {
            height: block.height,
            time_ms: block.time_ns / 1_000_000,
            event: raw.ty.strip_prefix("wasm-").unwrap_or(&raw.ty).to_owned(),
            project: number("project").map(ProjectId),
            request: number("request").map(RequestId),
            schedule: number("schedule").map(ScheduleId),
            attributes: raw.attributes.iter().filter(|(key, _)| !key.starts_with('_')).cloned().collect(),
        }
    });
    kept.collect()
}

fn note(touched: &mut Touched, event: GatewayEvent, height: u64) {
    match event {
        GatewayEvent::RequestOpened(event) => {
            tracing::info!(request = %event.request, project = %event.project, height, "request opened");
            touched.opened.insert(event.request);
        }
        GatewayEvent::RoundOpened(event) => {
            tracing::debug!(round = %event.round, height, "round opened");
        }
        GatewayEvent::RequestFulfilled(event) => {
            let (class, seats, quorum_seats) = (event.class, event.seats, event.quorum_seats);
            tracing::info!(request = %event.request, %class, seats, quorum_seats, height, "request fulfilled");
            metrics::counter!("gateway_relay_fulfilled_total", "class" => class.as_str()).increment(1);
            touched.ended.insert(event.request);
            touched.fulfilled.insert(event.request);
        }
        GatewayEvent::RequestExpired(event) => {
            tracing::info!(request = %event.request, height, "request expired");
            metrics::counter!("gateway_relay_expired_total").increment(1);
            touched.ended.insert(event.request);
        }
        GatewayEvent::CallbackDelivered(event) => {
            touched.fulfilled.insert(event.request);
        }
        GatewayEvent::CallbackFailed(event) => {
            tracing::warn!(request = %event.request, error = event.error, height, "callback failed");
            touched.fulfilled.insert(event.request);
        }
        GatewayEvent::PublicationRefused(event) => {
            tracing::warn!(request = %event.request, reason = event.reason, height, "publication refused");
            metrics::counter!("gateway_relay_refusals_total", "reason" => event.reason.clone()).increment(1);
            touched.refused.insert(event.request, event.reason);
        }
        // Keys, units and jail decide whose attestations count.
        GatewayEvent::NodeRegistered(NodeRegistered { node, .. })
        | GatewayEvent::StakeChanged(StakeChanged { node, .. })
        | GatewayEvent::StakeWithdrawn(StakeWithdrawn { node, .. })
        | GatewayEvent::KeyRotated(KeyRotated { node, .. })
        | GatewayEvent::NodeUpdated(NodeUpdated { node, .. })
        | GatewayEvent::EnginesDeclared(EnginesDeclared { node, .. })
        | GatewayEvent::NodeSlashed(NodeSlashed { node, .. })
        | GatewayEvent::NodeDissented(NodeDissented { node, .. })
        | GatewayEvent::NodeSilent(NodeSilent { node, .. })
        | GatewayEvent::NodeUnjailed(NodeUnjailed { node, .. }) => {
            touched.nodes.insert(node);
        }
        // Irrelevant to a relay; new kinds are found by reconciliation.
        _ => {}
    }
}
