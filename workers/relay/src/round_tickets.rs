//! Gathers nodes' tickets for rounds that draw requests of the class `beacon`, and brings those that make the draw's seed to the
//! contract in one message. What is gathered is lost with the process: a node whose ticket the contract does not show brings
//! it again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gateway_api::{
    AttestationBytes, Epoch, ExecuteMsg, NodeResponse, NodeTicket, Round, RoundResponse, Seed, limits,
};
use gateway_chain::outbox::NewItem;
use gateway_daemon_runtime::{CancellationToken, Retryable};
use gateway_http::Problem;
use gateway_protocol::{Member, ticket_value, verify_ticket};
use tokio::sync::Notify;

use crate::context::Relay;
use crate::error::RelayError;
use crate::mirror;

/// Rounds asked of the contract while the height stays the same, whatever callers name.
const QUESTIONS: u32 = 16;

/// The rounds that take tickets.
#[derive(Debug, Default)]
pub(crate) struct RoundTickets {
    rounds: Mutex<Rounds>,
    /// Notified when a round has all the tickets that it needs.
    complete: Notify,
}

#[derive(Debug, Default)]
struct Rounds {
    known: BTreeMap<Round, Gathering>,
    /// A height, and the rounds asked for at it.
    asked: (u64, u32),
}

/// What a ticket of a round is verified by.
#[derive(Clone, Copy, Debug)]
struct Terms {
    seed: Seed,
    epoch: Epoch,
}

/// The tickets of a round.
#[derive(Debug)]
struct Gathering {
    terms: Terms,
    /// The round's height.
    height: u64,
    /// Tickets that make the seed without a fallback.
    needed: usize,
    /// The lowest, one of each operator, in ascending order of their values.
    lowest: Vec<Gathered>,
    /// The height at which the first of those came that are not queued.
    since: Option<u64>,
}

#[derive(Clone, Debug)]
struct Gathered {
    operator: String,
    value: Seed,
    /// The ticket, while nothing has been queued for the contract that holds it.
    pending: Option<NodeTicket>,
}

impl Gathering {
    /// Whether the contract may still take a ticket in the block after `height`.
    fn is_open(&self, height: u64) -> bool {
        let known = self.lowest.iter().filter(|ticket| ticket.pending.is_none()).count();
        let blocks =
            if known >= self.needed { limits::BEACON_BLOCKS } else { limits::BEACON_FALLBACK_BLOCKS };
        height < self.height.saturating_add(blocks)
    }

    /// Whether a ticket would be among the lowest.
    fn improves(&self, operator: &str, value: &Seed) -> bool {
        match self.lowest.iter().find(|ticket| ticket.operator == operator) {
            Some(own) => *value < own.value,
            None if self.lowest.len() < limits::BEACON_TICKETS => true,
            None => self.lowest.last().is_some_and(|last| *value < last.value),
        }
    }

    fn add(&mut self, ticket: Gathered) {
        self.lowest.retain(|known| known.operator != ticket.operator);
        let at = self.lowest.partition_point(|known| known.value <= ticket.value);
        self.lowest.insert(at, ticket);
        self.lowest.truncate(limits::BEACON_TICKETS);
    }

    /// The tickets to bring to the contract now: all that are needed have come, or a block has passed since the first.
    fn due(&self, height: u64) -> Vec<NodeTicket> {
        let waited = self.since.is_some_and(|since| height > since);
        if !self.is_open(height) || !(waited || self.lowest.len() >= self.needed) {
            return Vec::new();
        }
        self.lowest.iter().filter_map(|ticket| ticket.pending.clone()).collect()
    }
}

impl RoundTickets {
    fn rounds(&self) -> MutexGuard<'_, Rounds> {
        self.rounds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes one of the questions that may be asked at a height.
    fn may_ask(&self, height: u64) -> bool {
        let (at, count) = &mut self.rounds().asked;
        if *at != height {
            (*at, *count) = (height, 0);
        }
        *count += 1;
        *count <= QUESTIONS
    }

    fn add(&self, round: Round, ticket: Gathered, height: u64) -> bool {
        let mut rounds = self.rounds();
        let Some(gathering) = rounds.known.get_mut(&round) else { return false };
        if !gathering.is_open(height) || !gathering.improves(&ticket.operator, &ticket.value) {
            return false;
        }
        gathering.add(ticket);
        gathering.since.get_or_insert(height);
        if gathering.lowest.len() >= gathering.needed {
            self.complete.notify_one();
        }
        true
    }

    /// Forgets rounds that are over, and returns what is due of the others.
    fn due(&self, height: u64) -> Vec<(Round, Vec<NodeTicket>)> {
        let mut rounds = self.rounds();
        let over =
            |gathering: &Gathering| height > gathering.height.saturating_add(limits::BEACON_FALLBACK_BLOCKS);
        rounds.known.retain(|_, gathering| !over(gathering));
        let due = rounds.known.iter().map(|(round, gathering)| (*round, gathering.due(height)));
        due.filter(|(_, tickets)| !tickets.is_empty()).collect()
    }

    fn queued(&self, round: Round, tickets: &[NodeTicket]) {
        let mut rounds = self.rounds();
        let Some(gathering) = rounds.known.get_mut(&round) else { return };
        for known in &mut gathering.lowest {
            known.pending.take_if(|pending| tickets.iter().any(|ticket| ticket.node == pending.node));
        }
        if gathering.lowest.iter().all(|known| known.pending.is_none()) {
            gathering.since = None;
        }
    }
}

/// Takes a node's ticket for a round: keeps it for the contract where it is among the lowest known; whether it is.
///
/// # Errors
/// The round takes no tickets, the node has no units in its epoch, the proof does not hold, or the chain does not answer.
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
    let improves = |known: &Gathering| known.improves(&operator, &value);
    if !relay.round_tickets.rounds().known.get(&round).is_some_and(improves) {
        return Ok(false);
    }
    verify_ticket(&relay.domain(), &terms.seed, &member.key, &proof)
        .map_err(|error| invalid(&error.to_string()))?;
    let gathered = Gathered { operator, value, pending: Some(ticket) };
    Ok(relay.round_tickets.add(round, gathered, relay.height()))
}

/// What tickets of a round are verified by; asked of the contract once.
async fn terms(relay: &Relay, round: Round) -> Result<Terms, Problem> {
    let closed = || Problem::conflict(format!("round {round} takes no tickets")).field("round");
    let height = relay.height();
    if let Some(known) = relay.round_tickets.rounds().known.get(&round) {
        return if known.is_open(height) { Ok(known.terms) } else { Err(closed()) };
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
    relay.round_tickets.rounds().known.entry(round).or_insert(gathering);
    Ok(terms)
}

/// A round with the tickets that the contract has; `None` where it takes none.
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

/// Brings what has been gathered to the contract, until cancelled.
///
/// # Errors
/// The database fails for good.
pub(crate) async fn bring(relay: Arc<Relay>, cancel: CancellationToken) -> Result<(), RelayError> {
    let mut height = relay.height.subscribe();
    loop {
        tokio::select! {
            () = cancel.cancelled() => return Ok(()),
            () = relay.round_tickets.complete.notified() => {}
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

#[cfg(test)]
mod tests {
    use gateway_api::NodeId;

    use super::*;

    fn gathering(needed: usize) -> Gathering {
        let terms = Terms { seed: Seed([0; 32]), epoch: Epoch(2) };
        Gathering { terms, height: 100, needed, lowest: Vec::new(), since: None }
    }

    fn ticket(operator: u32, value: u8) -> Gathered {
        let pending = Some(NodeTicket { node: NodeId(operator), proof: vec![value].into() });
        Gathered { operator: operator.to_string(), value: Seed([value; 32]), pending }
    }

    fn tickets(of: impl IntoIterator<Item = (u32, u8)>, needed: usize) -> RoundTickets {
        let round_tickets = RoundTickets::default();
        round_tickets.rounds().known.insert(Round(1), gathering(needed));
        for (operator, value) in of {
            round_tickets.add(Round(1), ticket(operator, value), 100);
        }
        round_tickets
    }

    fn due(tickets: &RoundTickets, height: u64) -> Vec<u32> {
        tickets.due(height).into_iter().flat_map(|(_, due)| due).map(|ticket| ticket.node.get()).collect()
    }

    #[test]
    fn the_lowest_of_seven_operators_go_together_once() {
        let tickets = tickets((1..=9).map(|n| (n, 20 - n as u8)), 7);
        assert_eq!(due(&tickets, 100), [9, 8, 7, 6, 5, 4, 3]);
        let queued: Vec<_> = tickets.due(100).remove(0).1;
        tickets.queued(Round(1), &queued);
        assert_eq!(due(&tickets, 101), [0u32; 0]);
        assert!(!tickets.add(Round(1), ticket(5, 16), 101), "its operator has a lower one");
        assert!(tickets.add(Round(1), ticket(10, 1), 101));
        assert_eq!(due(&tickets, 101), [10]);
    }

    #[test]
    fn too_few_go_a_block_later_and_none_when_the_round_is_over() {
        let few = tickets([(1, 5), (2, 6)], 7);
        assert_eq!(due(&few, 100), [0u32; 0]);
        assert_eq!(due(&few, 101), [1, 2]);
        assert_eq!(due(&few, 100 + limits::BEACON_FALLBACK_BLOCKS), [0u32; 0]);
        assert_eq!(due(&few, 101 + limits::BEACON_FALLBACK_BLOCKS), [0u32; 0]);
        assert!(few.rounds().known.is_empty());
    }

    #[test]
    fn a_round_with_enough_of_them_closes_after_its_three_blocks() {
        let tickets = tickets([(1, 5), (2, 6)], 2);
        let queued: Vec<_> = tickets.due(100).remove(0).1;
        tickets.queued(Round(1), &queued);
        assert!(tickets.add(Round(1), ticket(3, 1), 102));
        assert!(!tickets.add(Round(1), ticket(4, 1), 100 + limits::BEACON_BLOCKS));
    }

    #[test]
    fn callers_cause_a_bounded_number_of_questions_at_a_height() {
        let tickets = RoundTickets::default();
        let asked = |height| (0..100).filter(|_| tickets.may_ask(height)).count();
        assert_eq!([asked(7), asked(7), asked(8)], [16, 0, 16]);
    }
}
