//! `GET /v1/received/{id}`: the state of a request received while the chain did not answer.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use gateway_http::{Caller, Problem, extract};
use gateway_store::ReceivedState;
use serde::{Deserialize, Serialize};

use crate::context::Relay;

/// A received request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReceivedView {
    /// Its id.
    pub id: u64,
    /// `received` while it waits for the chain, `queued`, `opened` or `refused`.
    pub status: String,
    /// The request's id on the chain, once it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<u64>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Returns the state of a received request, to the API key that sent it only.
#[utoipa::path(
    get,
    path = "/v1/received/{id}",
    params(("id" = u64, Path, description = "The id that was given with 202")),
    security(("api_key" = [])),
    responses(
        (status = 200, description = "Where it stands", body = ReceivedView),
        (status = 401, description = "No or unknown API key"),
        (status = 404, description = "This key sent no such request")
    )
)]
pub(super) async fn get(
    State(relay): State<Arc<Relay>>,
    caller: Caller,
    extract::Path(id): extract::Path<u64>,
) -> Result<Json<ReceivedView>, Problem> {
    let row = relay.store.received().get(id).await?.filter(|row| row.payer == caller.name);
    let row = row.ok_or_else(|| Problem::not_found(format!("there is no received request {id}")))?;
    let request = relay.store.sponsored().get(&row.payer, &row.key).await?.and_then(|sent| sent.request);
    let status = match (row.state, request) {
        (ReceivedState::Waiting, _) => "received",
        (ReceivedState::Queued, None) => "queued",
        (ReceivedState::Queued, Some(_)) => "opened",
        (ReceivedState::Refused, _) => "refused",
    };
    let request = request.map(gateway_api::RequestId::get);
    Ok(Json(ReceivedView { id, status: status.to_owned(), request, reason: row.reason }))
}
