//! `GET /v1/results/{id}/evidence`: everything needed to verify a result, in one document. None of it has to be trusted: every
//! part is on the chain, and the document says where.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use gateway_api::events::GatewayEvent;
use gateway_api::{
    Attempt, CallbackStatus, Epoch, EpochResponse, KeyFrom, NodeId, NodeKey, Publication, QueryMsg,
    RequestId, RequestResponse, ResultResponse, Round, RoundResponse, UnitsFrom,
};
use gateway_chain::ChainError;
use gateway_chain::events::contract_events;
use gateway_http::{Problem, extract};
use gateway_store::AttestationRow;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::attestations::known_node;
use super::cached;
use super::requests::find;
use crate::context::Relay;
use crate::publication::Statement;

/// All that a result can be verified by.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct EvidenceView {
    /// The chain's id, which every preimage is bound to.
    pub chain_id: String,
    /// The contract's address, which every preimage is bound to.
    pub contract: String,
    /// The request.
    #[schema(value_type = Object)]
    pub request: RequestResponse,
    /// The result as the contract has it.
    #[schema(value_type = Object)]
    pub result: ResultResponse,
    /// Hash of the transaction that published it; absent where the relay's node no longer has the block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction: Option<String>,
    /// A publication of the result by the attestations that this relay has of the nodes that agreed. The one in the
    /// transaction may hold others; either can be verified.
    #[schema(value_type = Object)]
    pub publication: Publication,
    /// The round that drew the request.
    #[schema(value_type = Object)]
    pub round: RoundResponse,
    /// The round before it, from whose seed its own follows; absent for the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    pub previous_round: Option<RoundResponse>,
    /// The epoch whose units count.
    #[schema(value_type = Object)]
    pub epoch: EpochResponse,
    /// The nodes that agreed, as the epoch had them.
    pub nodes: Vec<HolderView>,
}

/// A node as an epoch had it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct HolderView {
    /// The node.
    #[schema(value_type = u32)]
    pub node: NodeId,
    /// Its operator.
    pub operator: String,
    /// The key it drew with.
    #[schema(value_type = String)]
    pub key: NodeKey,
    /// Its units.
    pub units: u32,
}

/// All that a result can be verified by: seed, publication, keys and units of the epoch, and the transaction.
#[utoipa::path(
    get,
    path = "/v1/results/{id}/evidence",
    params(("id" = u64, Path, description = "The request's id")),
    responses(
        (status = 200, description = "The evidence; it has an ETag, and is immutable once the callback, if any, is delivered", body = EvidenceView),
        (status = 304, description = "The caller has it (`If-None-Match`)"),
        (status = 404, description = "No such result")
    )
)]
pub(super) async fn get(
    State(relay): State<Arc<Relay>>,
    extract::Path(id): extract::Path<u64>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = RequestId(id);
    let request = find(&relay, id).await?.seen;
    let result = relay.store.results().get(id).await?;
    let result = result.ok_or_else(|| Problem::not_found(format!("request {id} has no result")))?;
    let round: RoundResponse = ask(&relay, &QueryMsg::Round { round: result.round }).await?;
    let previous = round.round.get().checked_sub(1).map(Round);
    let previous_round = match previous {
        Some(round) => Some(ask(&relay, &QueryMsg::Round { round }).await?),
        None => None,
    };
    let epoch: EpochResponse = ask(&relay, &QueryMsg::Epoch { epoch: round.epoch }).await?;
    let mut nodes = Vec::with_capacity(result.agreed.len());
    for agreed in &result.agreed {
        nodes.push(holder(&relay, agreed.node, round.epoch).await?);
    }
    let view = EvidenceView {
        chain_id: relay.chain_id.clone(),
        contract: relay.query.contract().to_owned(),
        transaction: transaction(&relay, &result).await?,
        publication: publication(&relay, &result).await?,
        request,
        result,
        round,
        previous_round,
        epoch,
        nodes,
    };
    // A failed callback is retried. Without its transaction the document is incomplete: the next node may have the block.
    let failed = matches!(view.result.callback, CallbackStatus::Failed { .. });
    let whole = !failed && view.transaction.is_some();
    cached::json(&headers, if whole { cached::FOR_EVER } else { cached::CHECKED }, &view)
}

async fn ask<T: DeserializeOwned>(relay: &Relay, question: &QueryMsg) -> Result<T, Problem> {
    let _permit = relay.lookup().await?;
    Ok(relay.query.ask(question).await?.value)
}

/// Returns a node with its key and units in an epoch.
async fn holder(relay: &Relay, node: NodeId, epoch: Epoch) -> Result<HolderView, Problem> {
    let known = known_node(relay, node).await?;
    let key = KeyFrom::at(&known.keys, epoch)
        .ok_or_else(|| Problem::not_found(format!("node {node} has no key")))?;
    Ok(HolderView { node, units: UnitsFrom::at(&known.schedule, epoch), operator: known.operator, key })
}

/// Returns the transaction that fulfilled the request, read from its block.
async fn transaction(relay: &Relay, result: &ResultResponse) -> Result<Option<String>, Problem> {
    let _permit = relay.lookup().await?;
    let block = match relay.query.chain().block(result.height).await {
        Ok(block) => block,
        Err(ChainError::Pruned { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let events = contract_events(relay.query.contract(), &block)?;
    Ok(events.into_iter().find_map(|located| match located.event {
        GatewayEvent::RequestFulfilled(event) if event.request == result.request => located.tx_hash,
        _ => None,
    }))
}

/// Returns the result's publication, rebuilt from the stored attestations of the agreeing nodes.
async fn publication(relay: &Relay, result: &ResultResponse) -> Result<Publication, Problem> {
    let kept = relay.store.attestations().of(result.request).await?;
    let agreed = |row: &&AttestationRow| result.agreed.iter().any(|agreed| agreed.node == row.node);
    let statement = Statement {
        request: result.request,
        attempt: Attempt(result.attempt),
        engine: result.engine,
        class: result.class,
        body: result.body.clone(),
        implied: false,
    };
    Ok(statement.by(kept.iter().filter(agreed)))
}
