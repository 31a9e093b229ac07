//! Submits beacon tickets to the contract for nodes without an account: only valid tickets, only those lower than every known
//! one, and each once.

use gateway_api::{AttestationBytes, BeaconResponse, ExecuteMsg, NodeResponse, QueryMsg, SignedTicket};
use gateway_chain::outbox::NewItem;
use gateway_http::Problem;
use gateway_protocol::{Member, ticket_value, verify_ticket};

use crate::beacon_state::Known;
use crate::context::Relay;

/// Takes a node's ticket and queues it if it is the lowest known; returns whether it was.
pub(crate) async fn take(relay: &Relay, node: &NodeResponse, ticket: &SignedTicket) -> Result<bool, Problem> {
    let invalid = |what: &str| Problem::invalid("proof", what.to_owned());
    let member =
        Member::of(node, ticket.epoch).map_err(|refusal| Problem::invalid("node", refusal.to_string()))?;
    let proof =
        AttestationBytes::from_slice(&ticket.proof).map_err(|refusal| invalid(&refusal.to_string()))?;
    let value = ticket_value(&proof.output, member.units)
        .ok_or_else(|| Problem::invalid("node", "the node has no units in this epoch"))?;
    let known = current(relay).await?;
    if known.epoch != ticket.epoch {
        return Err(Problem::conflict(format!("the epoch is {}", known.epoch)).field("epoch"));
    }
    let is_lower = |known: &Known| known.lowest.is_none_or(|lowest| value < lowest);
    if !is_lower(&known) {
        return Ok(false);
    }
    verify_ticket(&relay.domain(), &known.seed, &member.key, &proof)
        .map_err(|error| invalid(&error.to_string()))?;
    // One caller at a time compares and queues: a lower ticket may have arrived in the meantime.
    let mut slot = relay.beacon.lock().await;
    let Some(known) = slot.as_mut().filter(|known| known.epoch == ticket.epoch && is_lower(known)) else {
        return Ok(false);
    };
    let msg = ExecuteMsg::SubmitTicket { node: ticket.node, proof: ticket.proof.clone() };
    let msg = serde_json::to_vec(&msg).map_err(Problem::internal)?;
    let key = format!("ticket/{}/{}", ticket.epoch, ticket.node);
    let work = relay.store.begin().await?;
    let item = work.outbox().enqueue(&NewItem { key, msg, funds: Vec::new(), reserved_gas: 0 }).await;
    let item = item?.id;
    work.commit().await?;
    relay.outbox.nudge();
    known.lowest = Some(value);
    tracing::info!(epoch = %ticket.epoch, node = %ticket.node, item, "beacon ticket queued");
    Ok(true)
}

/// Returns the contract's beacon, queried at most once per height, whatever epochs callers name.
async fn current(relay: &Relay) -> Result<Known, Problem> {
    let height = relay.height();
    if let Some(known) = relay.beacon.lock().await.as_ref().filter(|known| known.height == height) {
        return Ok(known.clone());
    }
    let BeaconResponse { epoch, seed, lowest, .. } = ask(relay).await?;
    let mut slot = relay.beacon.lock().await;
    let queued = slot.as_ref().filter(|known| known.epoch == epoch).and_then(|known| known.lowest);
    let lowest = queued.into_iter().chain(lowest.map(|ticket| ticket.value)).min();
    Ok(slot.insert(Known { height, epoch, seed, lowest }).clone())
}

async fn ask(relay: &Relay) -> Result<BeaconResponse, Problem> {
    let _permit = relay.lookup().await?;
    let asked = relay.query.ask(&QueryMsg::Beacon {}).await.map(|answer| answer.value);
    Ok(asked?)
}
