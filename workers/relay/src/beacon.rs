//! Shows nodes' beacon tickets to the contract for nodes that have no account: only valid ones, only such as are lower than
//! every one known, and each once.

use gateway_api::{
    AttestationBytes, BeaconResponse, Epoch, ExecuteMsg, NodeResponse, QueryMsg, Seed, SignedTicket,
};
use gateway_chain::outbox::NewItem;
use gateway_daemon_runtime::Problem;
use gateway_protocol::{ticket_value, verify_ticket};
use tokio::sync::Mutex;

use crate::context::Relay;

/// What the relay knows of the current epoch's beacon. One caller at a time asks and queues.
#[derive(Debug, Default)]
pub(crate) struct Beacon(Mutex<Option<Known>>);

#[derive(Debug)]
struct Known {
    /// The height at which the contract was asked.
    height: u64,
    epoch: Epoch,
    seed: Seed,
    /// The lowest value among the contract's and those queued here.
    lowest: Option<Seed>,
}

/// Takes a node's ticket: queues it where it is the lowest known; whether it was.
pub(crate) async fn take(relay: &Relay, node: &NodeResponse, ticket: &SignedTicket) -> Result<bool, Problem> {
    let invalid = |what: &str| Problem::invalid("proof", what.to_owned());
    let units = node.units_at(ticket.epoch);
    let proof =
        AttestationBytes::from_slice(&ticket.proof).map_err(|refusal| invalid(&refusal.to_string()))?;
    let value = ticket_value(&proof.output, units)
        .ok_or_else(|| Problem::invalid("node", "the node has no units in this epoch"))?;
    let mut slot = relay.beacon.0.lock().await;
    let known = current(relay, &mut slot, ticket.epoch).await?;
    if known.epoch != ticket.epoch {
        return Err(Problem::conflict(format!("the epoch is {}", known.epoch)).field("epoch"));
    }
    if known.lowest.is_some_and(|lowest| lowest <= value) {
        return Ok(false);
    }
    verify_ticket(&relay.domain(), &known.seed, &node.key, &proof)
        .map_err(|error| invalid(&error.to_string()))?;
    let msg = ExecuteMsg::SubmitTicket { node: ticket.node, proof: ticket.proof.clone() };
    let msg = serde_json::to_vec(&msg).map_err(Problem::internal)?;
    let key = format!("ticket/{}/{}", ticket.epoch, ticket.node);
    let work = relay.store.begin().await.map_err(Problem::internal)?;
    let item = work.outbox().enqueue(&NewItem { key, msg, funds: Vec::new() }).await;
    let item = item.map_err(Problem::internal)?.id;
    work.commit().await.map_err(Problem::internal)?;
    relay.outbox.nudge();
    known.lowest = Some(value);
    tracing::info!(epoch = %ticket.epoch, node = %ticket.node, item, "beacon ticket queued");
    Ok(true)
}

/// What the contract says, asked once a height, and at once where a caller speaks of another epoch.
async fn current<'a>(
    relay: &Relay,
    slot: &'a mut Option<Known>,
    epoch: Epoch,
) -> Result<&'a mut Known, Problem> {
    let height = relay.height();
    let fresh = match slot.take() {
        Some(known) if known.height == height && known.epoch == epoch => known,
        old => match ask(relay).await {
            Ok(BeaconResponse { epoch, seed, lowest, .. }) => {
                let queued = old.filter(|known| known.epoch == epoch).and_then(|known| known.lowest);
                let lowest = queued.into_iter().chain(lowest.map(|ticket| ticket.value)).min();
                Known { height, epoch, seed, lowest }
            }
            Err(problem) => {
                *slot = old;
                return Err(problem);
            }
        },
    };
    Ok(slot.insert(fresh))
}

async fn ask(relay: &Relay) -> Result<BeaconResponse, Problem> {
    let _permit = relay.lookup().await?;
    let asked = relay.query.ask(&QueryMsg::Beacon {}).await;
    asked.map_err(|error| Problem::unavailable(format!("the chain does not answer: {error}"), 2))
}
