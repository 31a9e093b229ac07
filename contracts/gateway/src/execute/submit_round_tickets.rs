//! Takes tickets for a round that draws requests of the class `beacon`: the lowest of seven operators make the draw's seed with
//! the round's. A node's ticket is fixed by its key and the round's seed, so there is nothing to choose but whether to show
//! it; and whoever chose the round's time could not know the tickets of others.

use cosmwasm_std::{DepsMut, Env, Response};
use gateway_api::events::RoundTicketAccepted;
use gateway_api::{limits, AttestationBytes, NodeTicket, Round, Ticket};
use gateway_protocol::{ticket_value, verify_ticket};

use crate::domain::domain;
use crate::error::ContractError;
use crate::state::counter::{
    takes_tickets, tickets_needed, RoundTicket, RoundTickets, ROUNDS, ROUND_TICKETS,
};
use crate::state::nodes::node as load;

pub(crate) fn submit_round_tickets(
    deps: DepsMut<'_>,
    env: &Env,
    round: Round,
    tickets: Vec<NodeTicket>,
) -> Result<Response, ContractError> {
    let max = limits::MAX_TICKETS;
    if tickets.is_empty() || tickets.len() > max {
        return Err(ContractError::TicketCount { max });
    }
    let record =
        ROUNDS.may_load(deps.storage, round.get())?.ok_or(ContractError::NotFound { what: "such round" })?;
    let needed = tickets_needed(deps.storage, &record)?;
    let kept = ROUND_TICKETS.may_load(deps.storage, round.get())?;
    let mut lowest = kept.map_or(Vec::new(), |kept| kept.lowest);
    let height = env.block.height;
    if !takes_tickets(&record, height, lowest.len() >= needed) {
        return Err(ContractError::NoTickets { round });
    }
    let mut response = Response::new();
    for NodeTicket { node: id, proof } in tickets {
        let node = load(deps.storage, id)?;
        let member = node.member_at(id, record.epoch).map_err(|_| ContractError::InactiveNode {})?;
        let invalid = |reason: String| ContractError::InvalidProof { reason };
        let proof = AttestationBytes::from_slice(&proof).map_err(|refusal| invalid(refusal.to_string()))?;
        let value = ticket_value(&proof.output, member.units).ok_or(ContractError::InactiveNode {})?;
        // One of an operator that has a lower one, or above a full list, changes nothing: no need to verify it.
        let known = lowest.iter().find(|kept: &&RoundTicket| kept.operator == node.operator);
        let bound = match known {
            Some(own) => Some(own.ticket.value),
            None if lowest.len() >= limits::BEACON_TICKETS => lowest.last().map(|last| last.ticket.value),
            None => None,
        };
        if bound.is_some_and(|bound| bound <= value) {
            continue;
        }
        verify_ticket(&domain(env), &record.seed, &member.key, &proof)
            .map_err(|error| invalid(error.to_string()))?;
        lowest.retain(|kept| kept.operator != node.operator);
        let at = lowest.partition_point(|kept| kept.ticket.value <= value);
        let ticket = Ticket { node: id, output: proof.output, value };
        lowest.insert(at, RoundTicket { ticket, operator: node.operator });
        lowest.truncate(limits::BEACON_TICKETS);
        response = response.add_event(RoundTicketAccepted { round, node: id });
    }
    if !response.events.is_empty() {
        let outputs: Vec<_> = lowest.iter().map(|kept| kept.ticket.output).collect();
        let seed = domain(env).beacon_seed(&record.seed, &outputs);
        ROUND_TICKETS.save(deps.storage, round.get(), &RoundTickets { lowest, seed, height })?;
    }
    Ok(response)
}
