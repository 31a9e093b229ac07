//! Gathers nodes' tickets for rounds that draw requests of the class `beacon`, and submits those that form the draw's seed to
//! the contract in one message. Gathered tickets are lost with the process: a node whose ticket the contract does not show
//! sends it again.

use std::sync::Arc;

use gateway_api::{AttestationBytes, ExecuteMsg, NodeResponse, NodeTicket, Round, RoundResponse};
use gateway_chain::outbox::NewItem;
use gateway_daemon_runtime::{CancellationToken, Retryable};
use gateway_http::Problem;
use gateway_protocol::{Member, ticket_value, verify_ticket};

use crate::context::Relay;
use crate::error::RelayError;
use crate::gathering::{Gathered, Gathering, Terms};
use crate::mirror;

/// Takes a node's ticket for a round and keeps it for the contract if it is among the lowest known; returns whether it is.
///
/// # Errors
/// [`Problem::conflict`] when the round accepts no tickets, [`Problem::invalid`] when the node has no units in its epoch or the
/// proof is invalid, [`Problem::unavailable`] when the chain does not answer.
pub(crate) async fn take(
    relay: &Relay,
    node: &NodeResponse,
    round: Round,
    ticket: NodeTicket,
) -> Result<bool, Problem> {
    let invalid = |what: &str| Problem::invalid("proof", what.to_owned());
    let proof =
        AttestationBytes::from_slice(&ticket.proof).map_err(|refusal| invalid(&refusal.to_string()))?;
    let terms = terms(relay, round).await?;
    let member =
        Member::of(node, terms.epoch).map_err(|refusal| Problem::invalid("node", refusal.to_string()))?;
    let value = ticket_value(&proof.output, member.units)
        .ok_or_else(|| Problem::invalid("node", "the node has no units in the round's epoch"))?;
    let operator = node.operator.clone();
    if !relay.round_tickets.improves(round, &operator, &value) {
        return Ok(false);
    }
    verify_ticket(&relay.domain(), &terms.seed, &member.key, &proof)
        .map_err(|error| invalid(&error.to_string()))?;
    let gathered = Gathered { operator, value, pending: Some(ticket) };
    Ok(relay.round_tickets.add(round, gathered, relay.height()))
}

/// Returns the terms by which tickets of a round are verified; queried from the contract once.
async fn terms(relay: &Relay, round: Round) -> Result<Terms, Problem> {
    let closed = || Problem::conflict(format!("round {round} takes no tickets")).field("round");
    let height = relay.height();
    if let Some(known) = relay.round_tickets.terms(round, height) {
        return known.ok_or_else(closed);
    }
    if !relay.round_tickets.may_ask(height) {
        return Err(Problem::unavailable("too many rounds are asked for", 1));
    }
    let asked = {
        let _permit = relay.lookup().await?;
        mirror::round(&relay.query, round).await?
    };
    let response = asked.ok_or_else(|| Problem::not_found(format!("there is no round {round} yet")))?;
    let terms = Terms { seed: response.seed, epoch: response.epoch };
    let gathering = gathering(relay, terms, response).await?.ok_or_else(closed)?;
    relay.round_tickets.insert(round, gathering);
    Ok(terms)
}

/// Returns a round with the tickets that the contract has; `None` if it accepts none.
async fn gathering(
    relay: &Relay,
    terms: Terms,
    response: RoundResponse,
) -> Result<Option<Gathering>, Problem> {
    let Some(beacon) = response.beacon.filter(|beacon| beacon.drawn_from.is_none()) else { return Ok(None) };
    let mut lowest = Vec::with_capacity(beacon.lowest.len());
    let ids: Vec<_> = beacon.lowest.iter().map(|ticket| ticket.node).collect();
    let nodes = relay.store.nodes().among(&ids).await?;
    for ticket in beacon.lowest {
        if let Some(node) = nodes.iter().find(|node| node.node == ticket.node) {
            lowest.push(Gathered { operator: node.operator.clone(), value: ticket.value, pending: None });
        }
    }
    let needed = beacon.needed as usize;
    Ok(Some(Gathering { terms, height: response.height, needed, lowest, since: None }))
}

/// Submits gathered tickets to the contract until cancelled.
///
/// # Errors
/// [`RelayError::Store`] when the database fails permanently.
pub(crate) async fn relay_tickets(relay: Arc<Relay>, cancel: CancellationToken) -> Result<(), RelayError> {
    let mut height = relay.height.subscribe();
    loop {
        tokio::select! {
            () = cancel.cancelled() => return Ok(()),
            () = relay.round_tickets.completed() => {}
            changed = height.changed() => if changed.is_err() { return Ok(()) },
        }
        for (round, tickets) in relay.round_tickets.due(relay.height()) {
            match queue(&relay, round, &tickets).await {
                Ok(()) => relay.round_tickets.queued(round, &tickets),
                Err(error) if error.is_retryable() => tracing::warn!(%round, %error, "tickets wait"),
                Err(error) => return Err(error),
            }
        }
    }
}

async fn queue(relay: &Relay, round: Round, tickets: &[NodeTicket]) -> Result<(), RelayError> {
    let nodes: Vec<_> = tickets.iter().map(|ticket| ticket.node.to_string()).collect();
    let nodes = nodes.join(",");
    let msg = serde_json::to_vec(&ExecuteMsg::SubmitRoundTickets { round, tickets: tickets.to_vec() })
        .map_err(|source| RelayError::Json { what: "tickets of a round", source })?;
    let key = format!("round-tickets/{round}/{nodes}");
    let work = relay.store.begin().await?;
    let item = work.outbox().enqueue(&NewItem { key, msg, funds: Vec::new(), reserved_gas: 0 }).await?.id;
    work.commit().await?;
    relay.outbox.nudge();
    tracing::info!(%round, nodes, item, "tickets of a round queued");
    metrics::counter!("gateway_relay_round_tickets_total").increment(tickets.len() as u64);
    Ok(())
}
