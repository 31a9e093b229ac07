//! The node's part in the beacon: at most one ticket per epoch, and only if it would be the lowest. A ticket that is probably
//! low is submitted early; by then the others see that theirs are not needed.

use std::sync::Arc;

use gateway_api::{
    BeaconResponse, ConfigResponse, CounterResponse, Epoch, ExecuteMsg, NodeId, QueryMsg, Seed, SignedTicket,
};
use gateway_chain::outbox::NewItem;
use gateway_daemon_runtime::CancellationToken;
use gateway_protocol::ticket_value;

use crate::context::{Context, News};
use crate::error::NodeError;
use crate::new_heights::NewHeights;

/// Blocks that a ticket waits for each one that is probably lower.
const SPACING: u64 = 2;
/// Blocks a transaction may need: none is started later than this before the epoch's end.
const MARGIN: u64 = 1;

/// The node's task in an epoch.
#[derive(Debug)]
struct Turn {
    epoch: Epoch,
    node: NodeId,
    seed: Seed,
    value: Seed,
    /// Heights at which the ticket is checked and submitted, until that has been done.
    heights: Option<(u64, u64)>,
}

/// Takes part until cancelled. If the chain does not answer, retries in the next block: the beacon is no reason to stop.
///
/// # Errors
/// [`NodeError::Store`].
pub(crate) async fn take_part(context: Arc<Context>, cancel: CancellationToken) -> Result<(), NodeError> {
    let mut heights = NewHeights::of(&context, cancel);
    let mut turn: Option<Turn> = None;
    while let Some(News { height, epoch, .. }) = heights.next().await {
        match step(&context, turn.take().filter(|turn| turn.epoch >= epoch), height).await {
            Ok(next) => turn = next,
            Err(error @ (NodeError::Chain(_) | NodeError::Signer(_))) => {
                tracing::warn!(%error, "cannot read the chain for the beacon or draw, retrying")
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Handles the epoch's ticket at a height, drawing it first if necessary.
async fn step(context: &Context, turn: Option<Turn>, height: u64) -> Result<Option<Turn>, NodeError> {
    let mut turn = match turn {
        Some(turn) => turn,
        None => match draw(context).await? {
            Some(turn) => turn,
            None => return Ok(None),
        },
    };
    match turn.heights {
        Some((_, last)) if height > last => turn.heights = None,
        Some((due, _)) if height >= due => {
            let beacon: BeaconResponse = context.query.ask(&QueryMsg::Beacon {}).await?.value;
            if beacon.epoch != turn.epoch {
                return Ok(None);
            }
            let needed = beacon.lowest.is_none_or(|lowest| turn.value < lowest.value);
            if !needed || show(context, &turn).await? {
                turn.heights = None;
            }
        }
        _ => {}
    }
    Ok(Some(turn))
}

/// Draws the ticket of the current epoch and decides when to check it; `None` if the key belongs to no node.
async fn draw(context: &Context) -> Result<Option<Turn>, NodeError> {
    let BeaconResponse { epoch, seed, .. } = context.query.ask(&QueryMsg::Beacon {}).await?.value;
    let Some((node, units)) = context.membership.at(&context.query, epoch).await? else { return Ok(None) };
    let output = context.key.ticket(&context.domain(), &seed).await?.output;
    let Some(value) = ticket_value(&output, units) else {
        return Ok(Some(Turn { epoch, node, seed, value: seed, heights: None }));
    };
    let counter: CounterResponse = context.query.ask(&QueryMsg::Counter {}).await?.value;
    if counter.epoch != epoch {
        return Ok(None);
    }
    let ConfigResponse { settings, .. } = context.query.ask(&QueryMsg::Config {}).await?.value;
    let wait = wait(&value, counter.total_units, settings.epoch_blocks);
    let end = counter.epoch_height.saturating_add(settings.epoch_blocks);
    let heights = (counter.epoch_height.saturating_add(wait), end.saturating_sub(MARGIN + 1));
    tracing::debug!(%epoch, ?heights, "beacon ticket drawn");
    Ok(Some(Turn { epoch, node, seed, value, heights: Some(heights) }))
}

/// Returns the blocks to hold a ticket back: two for each of the epoch's tickets that is probably below it, at most half the
/// epoch.
pub(crate) fn wait(value: &Seed, total_units: u64, epoch_blocks: u64) -> u64 {
    lower_tickets(value, total_units).saturating_mul(SPACING).min(epoch_blocks / 2)
}

/// Estimates how many tickets of all units are below this one's value, which is uniform.
pub(crate) fn lower_tickets(value: &Seed, total_units: u64) -> u64 {
    let start = value.0.iter().take(8).fold(0u64, |number, byte| (number << 8) | u64::from(*byte));
    u64::try_from((u128::from(start) * u128::from(total_units)) >> 64).unwrap_or(u64::MAX)
}

/// Returns the key under which an epoch's ticket is queued: the same after every restart.
pub(crate) fn key(epoch: Epoch) -> String {
    format!("ticket:{epoch}")
}

/// Submits the ticket to the contract, or to a relay if the node has no account; returns whether either has it now.
async fn show(context: &Context, turn: &Turn) -> Result<bool, NodeError> {
    let Turn { epoch, node, seed, .. } = turn;
    let proof = context.key.ticket(&context.domain(), seed).await?.to_binary();
    let Some(account) = &context.account else {
        return Ok(submit(context, &SignedTicket { epoch: *epoch, node: *node, proof }).await);
    };
    let msg = serde_json::to_vec(&ExecuteMsg::SubmitTicket { node: *node, proof })?;
    let work = context.store.begin().await?;
    // One from before a restart is the same.
    let item =
        work.outbox().enqueue(&NewItem { key: key(*epoch), msg, funds: Vec::new(), reserved_gas: 0 }).await?;
    work.commit().await?;
    account.nudge();
    tracing::info!(%epoch, item = item.id, "beacon ticket queued for the contract");
    count("queued");
    Ok(true)
}

/// Submits the ticket to one relay after another until one accepts it.
async fn submit(context: &Context, ticket: &SignedTicket) -> bool {
    for relay in &context.relays {
        let (sent, relay) = (relay.post("/v1/tickets", ticket).await, relay.url());
        match sent {
            Ok(_) => {
                tracing::info!(epoch = %ticket.epoch, relay, "relay accepted the beacon ticket");
                count("submitted");
                return true;
            }
            Err(error) => {
                tracing::info!(epoch = %ticket.epoch, relay, %error, "relay did not accept the beacon ticket")
            }
        }
    }
    false
}

fn count(step: &'static str) {
    metrics::counter!("gateway_node_tickets_total", "step" => step).increment(1);
}
