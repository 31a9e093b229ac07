//! `POST /v1/abstentions`: a node's signed statement that it has no outcome, and why. Stored to explain a request's progress.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gateway_api::{MAX_ABSTENTION_DETAIL, Refusal, RequestStatus, SignedAbstention};
use gateway_daemon_runtime::text::clean;
use gateway_http::{Problem, extract};
use gateway_protocol::{Member, verify_abstention};
use gateway_store::AbstentionRow;
use serde::{Deserialize, Serialize};

use super::attestations::{CATCH_UP, drawn_request, known_node, refuse};
use crate::context::Relay;

/// The response to an abstention.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AbstentionReceipt {
    /// The request.
    pub request: u64,
    /// The node.
    pub node: u32,
}

/// Takes a node's abstention. A later one, or an attestation, takes its place.
#[utoipa::path(
    post,
    path = "/v1/abstentions",
    request_body(content = ref("#/components/schemas/SignedAbstention")),
    responses(
        (status = 200, description = "Kept", body = AbstentionReceipt),
        (status = 400, description = "The detail is too long"),
        (status = 404, description = "No such request or node"),
        (status = 409, description = "The request is not drawn yet, or has ended"),
        (status = 422, description = "The node has no units in the draw's epoch, or the signature is not its key's")
    )
)]
pub(super) async fn post(
    State(relay): State<Arc<Relay>>,
    extract::Json(signed): extract::Json<SignedAbstention>,
) -> Result<Json<AbstentionReceipt>, Problem> {
    let SignedAbstention { request, node, reason, .. } = signed;
    if signed.detail.len() > MAX_ABSTENTION_DETAIL {
        return Err(Problem::invalid("detail", format!("it takes at most {MAX_ABSTENTION_DETAIL} bytes")));
    }
    let seen = drawn_request(&relay, request, CATCH_UP).await?;
    let draw = match (seen.status, &seen.draw) {
        (RequestStatus::Drawn, Some(draw)) => draw,
        (RequestStatus::Waiting | RequestStatus::Drawn, _) => return Err(refuse(&Refusal::NotDrawn {})),
        (RequestStatus::Fulfilled | RequestStatus::Expired, _) => return Err(refuse(&Refusal::Closed {})),
    };
    let known = known_node(&relay, node).await?;
    let member = Member::of(&known, draw.epoch).map_err(|refusal| refuse(&refusal))?;
    verify_abstention(&relay.domain(), &member.key, &signed).map_err(|error| {
        let kind =
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_signature", "The abstention is refused");
        kind.detail(error.to_string())
    })?;
    let detail = clean(&signed.detail, MAX_ABSTENTION_DETAIL);
    tracing::info!(%request, %node, %reason, detail, "node abstains");
    metrics::counter!("gateway_relay_abstentions_total", "reason" => reason.as_str()).increment(1);
    let work = relay.store.begin().await?;
    work.abstentions().put(&AbstentionRow { request, node, reason, detail }).await?;
    work.commit().await?;
    Ok(Json(AbstentionReceipt { request: request.get(), node: node.get() }))
}
