//! Takes a beacon ticket. A node's tickets for an epoch are fixed by its key and the epoch's seed: there is nothing to
//! choose but whether to show them. The lowest one makes the next epoch's seed.

use super::domain;
use crate::error::ContractError;
use crate::state::counter::{COUNTER, LOWEST};
use crate::state::nodes::node as load;
use cosmwasm_std::{Binary, DepsMut, Env, Response};
use gateway_api::events::TicketAccepted;
use gateway_api::{AttestationBytes, Commit, NodeId, NodeKey, RequestId, Seed, Ticket, VrfOutput};
use gateway_proof::{hash, verify_one, DrawContext};

/// Requests number from 1: the draw of none, by the epoch's seed, is the beacon's.
const BEACON: RequestId = RequestId(0);

/// The lowest hash of an output with each of a node's units: more stake, more tickets.
fn value(output: &VrfOutput, units: u32) -> Option<Seed> {
    (0..units).map(|unit| Seed(hash("gateway/ticket", &[&output.0, &unit.to_be_bytes()]))).min()
}

/// What a ticket's proof signs: there is nothing to say, so it is fixed.
fn commit(seed: &Seed, key: &NodeKey) -> Commit {
    Commit(hash("gateway/beacon", &[&seed.0, &key.0]))
}

pub(crate) fn submit_ticket(
    deps: DepsMut<'_>,
    env: &Env,
    id: NodeId,
    proof: &Binary,
) -> Result<Response, ContractError> {
    let counter = COUNTER.load(deps.storage)?;
    let node = load(deps.storage, id)?;
    let units = node.units_at(counter.epoch);
    let key = node.key_at(counter.epoch).ok_or(ContractError::InactiveNode {})?;
    let invalid = |reason: String| ContractError::InvalidProof { reason };
    let proof = AttestationBytes::from_slice(proof).map_err(|refusal| invalid(refusal.to_string()))?;
    let value = value(&proof.output, units).ok_or(ContractError::InactiveNode {})?;
    // One that is not the lowest changes nothing: no need to verify it.
    if LOWEST.may_load(deps.storage)?.is_some_and(|lowest| lowest.value <= value) {
        return Ok(Response::new());
    }
    let context = DrawContext::new(&domain(env), &counter.epoch_seed, BEACON);
    verify_one(&context, &key, &proof, &commit(&counter.epoch_seed, &key))
        .map_err(|error| invalid(error.to_string()))?;
    LOWEST.save(deps.storage, &Ticket { node: id, output: proof.output, value })?;
    Ok(Response::new().add_event(TicketAccepted { epoch: counter.epoch, node: id }))
}
