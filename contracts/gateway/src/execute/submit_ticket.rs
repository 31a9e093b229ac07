//! Takes a beacon ticket. A node's tickets for an epoch are fixed by its key and the epoch's seed: there is nothing to
//! choose but whether to show them. The lowest one makes the next epoch's seed.

use cosmwasm_std::{Binary, DepsMut, Env, Response};
use gateway_api::events::TicketAccepted;
use gateway_api::{AttestationBytes, NodeId, Ticket};
use gateway_protocol::{ticket_value, verify_ticket};

use crate::domain::domain;
use crate::error::ContractError;
use crate::state::counter::{COUNTER, LOWEST};
use crate::state::nodes::node as load;

pub(crate) fn submit_ticket(
    deps: DepsMut<'_>,
    env: &Env,
    id: NodeId,
    proof: &Binary,
) -> Result<Response, ContractError> {
    let counter = COUNTER.load(deps.storage)?;
    let node = load(deps.storage, id)?;
    let member = node.member_at(id, counter.epoch).map_err(|_| ContractError::InactiveNode {})?;
    let invalid = |reason: String| ContractError::InvalidProof { reason };
    let proof = AttestationBytes::from_slice(proof).map_err(|refusal| invalid(refusal.to_string()))?;
    let value = ticket_value(&proof.output, member.units).ok_or(ContractError::InactiveNode {})?;
    // One that is not the lowest changes nothing: no need to verify it.
    if LOWEST.may_load(deps.storage)?.is_some_and(|lowest| lowest.value <= value) {
        return Ok(Response::new());
    }
    verify_ticket(&domain(env), &counter.epoch_seed, &member.key, &proof)
        .map_err(|error| invalid(error.to_string()))?;
    LOWEST.save(deps.storage, &Ticket { node: id, output: proof.output, value })?;
    Ok(Response::new().add_event(TicketAccepted { epoch: counter.epoch, node: id }))
}
