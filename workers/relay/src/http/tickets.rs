//! `POST /v1/tickets`: a node's beacon ticket, shown to the contract by the relay where it is the lowest known.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use gateway_api::SignedTicket;
use gateway_http::{Problem, extract};
use serde::{Deserialize, Serialize};

use crate::beacon;
use crate::context::Relay;

/// The response to a beacon ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TicketReceipt {
    /// The epoch.
    pub epoch: u64,
    /// Whether the ticket goes to the contract; if not, a lower one is known and nothing is left to do.
    pub forwarded: bool,
}

/// Takes a node's beacon ticket. The relay pays for showing it; sending it again is harmless.
#[utoipa::path(
    post,
    path = "/v1/tickets",
    request_body(content = ref("#/components/schemas/SignedTicket")),
    responses(
        (status = 200, description = "Queued for the contract, or not needed", body = TicketReceipt),
        (status = 400, description = "The node has no units in the epoch, or the proof does not hold"),
        (status = 404, description = "No such node"),
        (status = 409, description = "The ticket is for another epoch")
    )
)]
pub(super) async fn post(
    State(relay): State<Arc<Relay>>,
    extract::Json(ticket): extract::Json<SignedTicket>,
) -> Result<Json<TicketReceipt>, Problem> {
    let taken = take(&relay, &ticket).await;
    let verdict = match &taken {
        Ok(true) => "forwarded",
        Ok(false) => "not_needed",
        Err(_) => "refused",
    };
    metrics::counter!("gateway_relay_tickets_total", "verdict" => verdict).increment(1);
    taken.map(|forwarded| Json(TicketReceipt { epoch: ticket.epoch.get(), forwarded }))
}

async fn take(relay: &Relay, ticket: &SignedTicket) -> Result<bool, Problem> {
    let node = super::attestations::known_node(relay, ticket.node).await?;
    beacon::take(relay, &node, ticket).await
}
