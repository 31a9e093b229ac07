//! The node's part in draws of the class `beacon`: its ticket for each round drawn by tickets. It goes to a relay, which
//! submits those of many nodes together; if the contract does not show it two blocks later, it goes to another relay, or into a
//! transaction of the node's own.

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway_api::events::RoundOpened;
use gateway_api::{
    CounterResponse, Epoch, EpochResponse, ExecuteMsg, NodeTicket, QueryMsg, Round, RoundResponse, Seed,
    limits,
};
use gateway_chain::ChainError;
use gateway_chain::outbox::NewItem;
use gateway_daemon_runtime::CancellationToken;
use gateway_protocol::ticket_value;

use crate::beacon::lower_tickets;
use crate::context::{Context, News};
use crate::error::NodeError;
use crate::new_heights::NewHeights;

/// Blocks a relay has to get a ticket into the contract.
const RELAY_BLOCKS: u64 = 2;
/// Blocks after a round's height from which a node pays for a ticket that is probably not among the lowest.
const LATE_BLOCKS: u64 = 4;

/// A ticket that the contract may still accept.
#[derive(Debug)]
struct Turn {
    round: Round,
    epoch: Epoch,
    /// The round's height.
    height: u64,
    value: Seed,
    ticket: NodeTicket,
    /// The height from which there is something to do.
    next: u64,
    /// Relays that have failed to submit it so far, and whether one has it now.
    relay: usize,
    relayed: bool,
}

/// The ticket's standing with the contract.
enum Standing {
    /// It is shown, or no longer makes a difference.
    Settled,
    /// It may be needed, but others' come first.
    Waits,
    /// It is needed.
    Needed,
}

/// Takes part until cancelled. If the chain does not answer, retries in the next block.
///
/// # Errors
/// [`NodeError::Store`].
pub(crate) async fn take_part(context: Arc<Context>, cancel: CancellationToken) -> Result<(), NodeError> {
    let mut heights = NewHeights::of(&context, cancel);
    let (mut turns, mut resumed): (BTreeMap<Round, Turn>, bool) = (BTreeMap::new(), false);
    while let Some(News { height, .. }) = heights.next().await {
        if !resumed {
            match newest(&context).await {
                Ok(newest) => {
                    resumed = true;
                    newest.into_iter().for_each(|round| context.opened_rounds.add(round));
                }
                Err(error) => tracing::warn!(%error, "whether a round takes tickets is not known"),
            }
        }
        for opened in context.opened_rounds.take() {
            match draw(&context, &opened).await {
                Ok(Some(turn)) => _ = turns.entry(opened.round).or_insert(turn),
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(round = %opened.round, %error, "the ticket for a round has to wait");
                    if height < opened.height.saturating_add(limits::BEACON_FALLBACK_BLOCKS) {
                        context.opened_rounds.add(opened);
                    }
                }
            }
        }
        for (round, mut turn) in std::mem::take(&mut turns) {
            match step(&context, &mut turn, height).await {
                Ok(true) => {}
                Ok(false) => _ = turns.insert(round, turn),
                Err(NodeError::Chain(error)) => {
                    tracing::warn!(%round, %error, "the ticket for a round has to wait");
                    turns.insert(round, turn);
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

/// Returns the newest round, if it accepts tickets: a node that starts has missed its block.
async fn newest(context: &Context) -> Result<Option<RoundOpened>, ChainError> {
    let CounterResponse { round, .. } = context.query.ask(&QueryMsg::Counter {}).await?.value;
    let asked = context.query.ask::<RoundResponse, _>(&QueryMsg::Round { round }).await;
    let RoundResponse { seed, height, epoch, beacon, .. } = match asked {
        Ok(answer) => answer.value,
        // There is no round yet.
        Err(ChainError::Query { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let open = beacon.is_some_and(|beacon| beacon.drawn_from.is_none());
    Ok(open.then_some(RoundOpened { round, seed, epoch, height, beacon: true }))
}

/// Draws the ticket for a round; `None` if the key has no units in its epoch.
async fn draw(context: &Context, opened: &RoundOpened) -> Result<Option<Turn>, NodeError> {
    let RoundOpened { round, seed, epoch, height, .. } = opened;
    let Some((node, units)) = context.membership.at(&context.query, *epoch).await? else { return Ok(None) };
    let drawn = context.key.ticket(&context.domain(), seed).await?;
    let Some(value) = ticket_value(&drawn.output, units) else { return Ok(None) };
    let ticket = NodeTicket { node, proof: drawn.to_binary() };
    let (round, epoch, height) = (*round, *epoch, *height);
    Ok(Some(Turn { round, epoch, height, value, ticket, next: 0, relay: 0, relayed: false }))
}

/// Performs a ticket's next step at a height; returns whether that was the last.
async fn step(context: &Context, turn: &mut Turn, height: u64) -> Result<bool, NodeError> {
    if height >= turn.height.saturating_add(limits::BEACON_FALLBACK_BLOCKS) {
        return Ok(true);
    }
    if height < turn.next {
        return Ok(false);
    }
    if !turn.relayed && relay(context, turn).await {
        (turn.relayed, turn.next) = (true, height.saturating_add(RELAY_BLOCKS));
        return Ok(false);
    }
    turn.next = height.saturating_add(1);
    match standing(context, turn, height).await? {
        Standing::Settled => Ok(true),
        Standing::Waits => Ok(false),
        Standing::Needed => {
            turn.relayed = false;
            turn.relay = turn.relay.wrapping_add(1);
            submit_ticket(context, turn).await
        }
    }
}

/// Sends the ticket to one relay after another until one accepts it; returns whether one has.
async fn relay(context: &Context, turn: &Turn) -> bool {
    let path = format!("/v1/rounds/{}/tickets", turn.round);
    let count = context.relays.len();
    for relay in context.relays.iter().cycle().skip(turn.relay % count.max(1)).take(count) {
        match relay.post(&path, &turn.ticket).await {
            Ok(()) => {
                tracing::info!(round = %turn.round, relay = relay.url(), "a relay has the ticket for a round");
                counted("relayed");
                return true;
            }
            Err(error) => {
                tracing::info!(round = %turn.round, relay = relay.url(), %error, "ticket for a round not taken");
            }
        }
    }
    false
}

/// Queries the contract whether the ticket is shown, or would be among the lowest.
async fn standing(context: &Context, turn: &Turn, height: u64) -> Result<Standing, ChainError> {
    let query = context.query.at_least(height);
    let RoundResponse { beacon, .. } = query.ask(&QueryMsg::Round { round: turn.round }).await?.value;
    let Some(beacon) = beacon.filter(|beacon| beacon.drawn_from.is_none()) else {
        return Ok(Standing::Settled);
    };
    let missing = beacon.lowest.len() < beacon.needed as usize;
    let lower = beacon.lowest.last().is_none_or(|last| turn.value < last.value);
    if beacon.lowest.iter().any(|shown| shown.node == turn.ticket.node) || !(missing || lower) {
        return Ok(Standing::Settled);
    }
    if height >= turn.height.saturating_add(LATE_BLOCKS) {
        return Ok(Standing::Needed);
    }
    let EpochResponse { total_units, .. } =
        context.query.ask(&QueryMsg::Epoch { epoch: turn.epoch }).await?.value;
    let likely = lower_tickets(&turn.value, total_units) < 2 * limits::BEACON_TICKETS as u64;
    Ok(if likely { Standing::Needed } else { Standing::Waits })
}

/// Queues the ticket for the contract if the node has an account; returns whether it has.
async fn submit_ticket(context: &Context, turn: &Turn) -> Result<bool, NodeError> {
    let Some(account) = &context.account else { return Ok(false) };
    let (round, tickets) = (turn.round, vec![turn.ticket.clone()]);
    let msg = serde_json::to_vec(&ExecuteMsg::SubmitRoundTickets { round, tickets })?;
    let work = context.store.begin().await?;
    // One from before a restart is the same.
    let new = NewItem { key: key(round), msg, funds: Vec::new(), reserved_gas: 0 };
    let item = work.outbox().enqueue(&new).await?;
    work.commit().await?;
    account.nudge();
    tracing::info!(%round, item = item.id, "ticket for a round queued for the contract");
    counted("queued");
    Ok(true)
}

/// Returns the key under which a round's ticket is queued: the same after every restart.
pub(crate) fn key(round: Round) -> String {
    format!("round-ticket:{round}")
}

fn counted(step: &'static str) {
    metrics::counter!("gateway_node_round_tickets_total", "step" => step).increment(1);
}
