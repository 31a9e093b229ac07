//! `POST /v1/tickets` and `POST /v1/rounds/{round}/tickets`: nodes' tickets for an epoch and for a round, submitted to the
//! contract by the relay if they are among the lowest known.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use gateway_api::{NodeTicket, Round, SignedTicket};
use gateway_http::{Problem, extract};
use serde::{Deserialize, Serialize};

use crate::context::Relay;
use crate::{beacon, round_tickets};

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
    count("epoch", &taken);
    taken.map(|forwarded| Json(TicketReceipt { epoch: ticket.epoch.get(), forwarded }))
}

fn count(of: &'static str, taken: &Result<bool, Problem>) {
    let verdict = match taken {
        Ok(true) => "forwarded",
        Ok(false) => "not_needed",
        Err(_) => "refused",
    };
    metrics::counter!("gateway_relay_tickets_total", "of" => of, "verdict" => verdict).increment(1);
}

async fn take(relay: &Relay, ticket: &SignedTicket) -> Result<bool, Problem> {
    let node = super::attestations::known_node(relay, ticket.node).await?;
    beacon::take(relay, &node, ticket).await
}

/// The relay's answer to a node that has sent its ticket for a round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RoundTicketReceipt {
    /// The round.
    pub round: u64,
    /// Whether the ticket goes to the contract; if not, enough lower ones are known.
    pub forwarded: bool,
}

/// Takes a node's ticket for a round that draws requests of the class `beacon`. The relay gathers the lowest and pays for showing
/// them in one transaction; sending a ticket again is harmless.
#[utoipa::path(
    post,
    path = "/v1/rounds/{round}/tickets",
    params(("round" = u64, Path, description = "The round")),
    request_body(content = ref("#/components/schemas/NodeTicket")),
    responses(
        (status = 200, description = "Kept for the contract, or not needed", body = RoundTicketReceipt),
        (status = 400, description = "The node has no units in the round's epoch, or the proof does not hold"),
        (status = 404, description = "No such node, or no such round yet"),
        (status = 409, description = "The round takes no tickets, or no more"),
        (status = 503, description = "The contract cannot be asked for the round now")
    )
)]
pub(super) async fn post_of_round(
    State(relay): State<Arc<Relay>>,
    extract::Path(round): extract::Path<u64>,
    extract::Json(ticket): extract::Json<NodeTicket>,
) -> Result<Json<RoundTicketReceipt>, Problem> {
    let taken = take_of_round(&relay, Round(round), ticket).await;
    count("round", &taken);
    taken.map(|forwarded| Json(RoundTicketReceipt { round, forwarded }))
}

async fn take_of_round(relay: &Relay, round: Round, ticket: NodeTicket) -> Result<bool, Problem> {
    let node = super::attestations::known_node(relay, ticket.node).await?;
    round_tickets::take(relay, &node, round, ticket).await
}
