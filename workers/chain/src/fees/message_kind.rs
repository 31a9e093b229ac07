//! What decides the gas of a message: its kind and its counts, read from its JSON; and whether it did all it could.

use gateway_api::events::GatewayEvent;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::outbox::OutboxItem;
use crate::types::TxEvents;

/// Kinds of messages whose gas is modelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// `tick`
    Tick,
    /// `submit_ticket`
    Ticket,
    /// `submit_round_tickets`
    RoundTickets,
    /// `request`
    Request,
    /// `publish`
    Publish,
    /// `attest`
    Attest,
}

/// A message as the cost model sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Its kind; `None` for those that have no model.
    pub kind: Option<MessageKind>,
    /// Results in it.
    pub results: u32,
    /// Proofs in it.
    pub proofs: u32,
    /// Bytes of its JSON.
    pub bytes: usize,
    /// Gas of callbacks that it may have to leave room for.
    pub reserved: u64,
    /// Whether it travels in one message with the other requests of its transaction.
    pub merges: bool,
}

/// The JSON of a tick.
pub(crate) const TICK: &[u8] = br#"{"tick":{}}"#;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Known {
    Tick(IgnoredAny),
    SubmitTicket(IgnoredAny),
    SubmitRoundTickets { tickets: Vec<IgnoredAny> },
    Request(IgnoredAny),
    Publish { publications: Vec<Counted> },
    Attest { publication: Counted },
}

#[derive(Deserialize)]
struct Counted {
    attestations: Vec<IgnoredAny>,
}

impl Shape {
    /// Reads a message. `reserved` is the gas that callbacks may use in it.
    pub fn of(msg: &[u8], reserved: u64) -> Self {
        let plain = |kind| (Some(kind), 0, 0);
        let count = |list: &[Counted]| {
            let proofs: usize = list.iter().map(|one| one.attestations.len()).sum();
            (list.len() as u32, proofs as u32)
        };
        let (kind, results, proofs) = match serde_json::from_slice(msg) {
            Ok(Known::Tick(_)) => plain(MessageKind::Tick),
            Ok(Known::SubmitTicket(_)) => plain(MessageKind::Ticket),
            Ok(Known::SubmitRoundTickets { tickets }) => {
                (Some(MessageKind::RoundTickets), 0, tickets.len() as u32)
            }
            Ok(Known::Request(_)) => plain(MessageKind::Request),
            Ok(Known::Publish { publications }) => {
                let (results, proofs) = count(&publications);
                (Some(MessageKind::Publish), results, proofs)
            }
            Ok(Known::Attest { publication }) => {
                let (results, proofs) = count(&[publication]);
                (Some(MessageKind::Attest), results, proofs)
            }
            Err(_) => (None, 0, 0),
        };
        Self { kind, results, proofs, bytes: msg.len(), reserved, merges: false }
    }

    /// A tick's.
    pub(crate) fn tick() -> Self {
        Self::of(TICK, 0)
    }

    /// Whether a simulation does with it what a block does: tickets are late in it and callbacks are not counted.
    pub(super) fn is_faithful(&self) -> bool {
        let kind = matches!(self.kind, Some(MessageKind::Tick | MessageKind::Request | MessageKind::Publish));
        kind && self.reserved == 0
    }

    /// Reads a queued message. A request that has failed before travels alone, so that no other fails with it.
    pub fn of_item(item: &OutboxItem) -> Self {
        let shape = Self::of(&item.msg, item.reserved_gas);
        Self { merges: shape.kind == Some(MessageKind::Request) && item.attempts == 0, ..shape }
    }
}

/// What a transaction did, by its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Done {
    /// Whether the messages did all that they were sent for. What came too late does little and uses little gas: learning
    /// from it would make the next limit too low.
    pub(super) all: bool,
    /// What happened beside it.
    pub(super) effects: Effects,
}

/// What messages may set off beyond what they were sent for, at a cost of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Effects {
    /// Rounds that opened, most of them in passing.
    pub(super) rounds: u32,
    /// Epochs that opened.
    pub(super) epochs: u32,
    /// Requests that were fulfilled by single attestations, not by a publication.
    pub(super) fulfilled: u32,
}

impl Done {
    /// Reads the events of an executed transaction.
    pub(super) fn of(contract: &str, messages: &[Shape], tx: &TxEvents) -> Self {
        let (mut rounds, mut epochs, mut tickets, mut shown, mut opened, mut ended, mut kept) =
            (0, 0, 0, 0, 0, 0, 0);
        for raw in &tx.events {
            match GatewayEvent::decode(contract, &raw.ty, &raw.pairs()) {
                Ok(Some(GatewayEvent::RoundOpened(_))) => rounds += 1,
                Ok(Some(GatewayEvent::EpochOpened(_))) => epochs += 1,
                Ok(Some(GatewayEvent::TicketAccepted(_))) => tickets += 1,
                Ok(Some(GatewayEvent::RoundTicketAccepted(_))) => shown += 1,
                Ok(Some(GatewayEvent::RequestOpened(_))) => opened += 1,
                Ok(Some(GatewayEvent::RequestFulfilled(_))) => ended += 1,
                Ok(Some(GatewayEvent::AttestationsKept(_))) => kept += 1,
                _ => {}
            }
        }
        let (mut expected, mut results) = ([0u32; 4], 0);
        for message in messages {
            match message.kind {
                // Whether it found a round due is in the counts.
                Some(MessageKind::Tick) => {}
                Some(MessageKind::Ticket) => expected[0] += 1,
                Some(MessageKind::Request) => expected[1] += 1,
                Some(MessageKind::Attest) => expected[2] += 1,
                Some(MessageKind::RoundTickets) => expected[3] += message.proofs,
                Some(MessageKind::Publish) => results += message.results,
                None => return Self { all: false, effects: Effects { rounds, epochs, fulfilled: 0 } },
            }
        }
        let did =
            [tickets, opened, kept + ended, shown].iter().zip(expected).all(|(did, wanted)| *did >= wanted);
        let fulfilled = ended.saturating_sub(results).min(expected[2]);
        Self { all: did && ended >= results, effects: Effects { rounds, epochs, fulfilled } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_known_by_their_json_alone() {
        let shape = |json: &str| Shape::of(json.as_bytes(), 0);
        assert_eq!(shape(r#"{"tick":{}}"#).kind, Some(MessageKind::Tick));
        let publish = r#"{"publish":{"publications":[{"request":"1","attestations":[{},{},{}]},{"attestations":[{}]}]}}"#;
        let publish = shape(publish);
        assert_eq!((publish.kind, publish.results, publish.proofs), (Some(MessageKind::Publish), 2, 4));
        let attest = shape(r#"{"attest":{"publication":{"request":"1","attestations":[{}]}}}"#);
        assert_eq!((attest.kind, attest.proofs), (Some(MessageKind::Attest), 1));
        for other in [r#"{"claim":{}}"#, r#"{"publish":{}}"#, "not json"] {
            assert_eq!(shape(other).kind, None, "{other}");
        }
    }
}
