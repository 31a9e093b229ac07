//! The tickets that a relay has gathered for rounds drawn by tickets: the lowest of each round, which of them the contract
//! lacks, and when they are due. Knows neither the chain nor the database; everything is in memory and bounded.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use gateway_api::{Epoch, NodeTicket, Round, Seed, limits};
use tokio::sync::Notify;

/// Rounds queried from the contract per height, whatever callers name.
const QUESTIONS: u32 = 16;

/// The rounds that accept tickets.
#[derive(Debug, Default)]
pub(crate) struct RoundTickets {
    rounds: Mutex<Rounds>,
    /// Notified when a round has all the tickets it needs.
    complete: Notify,
}

#[derive(Debug, Default)]
struct Rounds {
    known: BTreeMap<Round, Gathering>,
    /// A height, and the number of rounds queried at it.
    asked: (u64, u32),
}

/// The terms by which a ticket of a round is verified.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub(crate) seed: Seed,
    pub(crate) epoch: Epoch,
}

/// The tickets of a round.
#[derive(Debug)]
pub(crate) struct Gathering {
    pub(crate) terms: Terms,
    /// The round's height.
    pub(crate) height: u64,
    /// Tickets needed to form the seed without a fallback.
    pub(crate) needed: usize,
    /// The lowest tickets, one per operator, in ascending order of their values.
    pub(crate) lowest: Vec<Gathered>,
    /// The height at which the first unqueued ticket arrived.
    pub(crate) since: Option<u64>,
}

/// A ticket that is among the lowest known.
#[derive(Clone, Debug)]
pub(crate) struct Gathered {
    pub(crate) operator: String,
    pub(crate) value: Seed,
    /// The ticket, until it has been queued for the contract.
    pub(crate) pending: Option<NodeTicket>,
}

impl Gathering {
    /// Returns whether the contract may still accept a ticket in the block after `height`.
    fn is_open(&self, height: u64) -> bool {
        let known = self.lowest.iter().filter(|ticket| ticket.pending.is_none()).count();
        let blocks =
            if known >= self.needed { limits::BEACON_BLOCKS } else { limits::BEACON_FALLBACK_BLOCKS };
        height < self.height.saturating_add(blocks)
    }

    /// Returns whether a ticket would be among the lowest.
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

    /// Returns the tickets to submit now: once all needed ones have arrived, or a block has passed since the first.
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

    /// Returns whether a ticket would be among the lowest of a known round.
    pub(crate) fn improves(&self, round: Round, operator: &str, value: &Seed) -> bool {
        self.rounds().known.get(&round).is_some_and(|known| known.improves(operator, value))
    }

    /// Returns the terms by which tickets of a known round are verified; `Some(None)` if it no longer accepts any.
    pub(crate) fn terms(&self, round: Round, height: u64) -> Option<Option<Terms>> {
        self.rounds().known.get(&round).map(|known| known.is_open(height).then_some(known.terms))
    }

    /// Starts gathering for a round, unless gathering has already started.
    pub(crate) fn insert(&self, round: Round, gathering: Gathering) {
        self.rounds().known.entry(round).or_insert(gathering);
    }

    /// Waits until a round has all the tickets it needs.
    pub(crate) async fn completed(&self) {
        self.complete.notified().await;
    }

    /// Counts a query at a height; returns whether it is within the limit.
    pub(crate) fn may_ask(&self, height: u64) -> bool {
        let (at, count) = &mut self.rounds().asked;
        if *at != height {
            (*at, *count) = (height, 0);
        }
        *count += 1;
        *count <= QUESTIONS
    }

    /// Adds a verified ticket; returns whether it is among the lowest of an open round.
    pub(crate) fn add(&self, round: Round, ticket: Gathered, height: u64) -> bool {
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

    /// Drops rounds that are over, and returns the due tickets of the others.
    pub(crate) fn due(&self, height: u64) -> Vec<(Round, Vec<NodeTicket>)> {
        let mut rounds = self.rounds();
        let over =
            |gathering: &Gathering| height > gathering.height.saturating_add(limits::BEACON_FALLBACK_BLOCKS);
        rounds.known.retain(|_, gathering| !over(gathering));
        let due = rounds.known.iter().map(|(round, gathering)| (*round, gathering.due(height)));
        due.filter(|(_, tickets)| !tickets.is_empty()).collect()
    }

    /// Marks tickets of a round as queued for the contract.
    pub(crate) fn queued(&self, round: Round, tickets: &[NodeTicket]) {
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
    fn the_lowest_tickets_of_seven_operators_are_sent_together_once() {
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
