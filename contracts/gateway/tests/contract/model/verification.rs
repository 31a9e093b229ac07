//! Who agrees, whether that is a quorum, and who is paid: from what nodes said, not from proofs.

use std::collections::{BTreeMap, BTreeSet};

use cosmwasm_std::Addr;
use gateway_api::*;
use gateway_protocol::{body_digest, Threshold};

use super::acts::Draft;
use super::reference::{part, Fact, Reference, Request};

/// What a draft comes to if all of it is true.
pub(crate) struct Evaluated {
    agreed: Vec<(NodeId, Addr, u32)>,
    quorum_seats: u32,
    min_operators: usize,
    /// Seats that attest, and those that have to.
    attesting: (u32, u32),
}

impl Evaluated {
    fn seats(&self) -> u32 {
        self.agreed.iter().map(|(_, _, seats)| seats).sum()
    }

    pub(crate) fn is_quorum(&self) -> bool {
        let operators: BTreeSet<_> = self.agreed.iter().map(|(_, operator, _)| operator).collect();
        let (attesting, needed) = self.attesting;
        attesting >= needed
            && self.seats() >= self.quorum_seats
            && self.seats() > 0
            && operators.len() >= self.min_operators
    }
}

/// The lowest value at or below which stand half of all seats.
fn median(votes: &[(u64, u32)]) -> Option<u64> {
    let mut seats: Vec<u64> = votes.iter().flat_map(|(value, seats)| vec![*value; *seats as usize]).collect();
    seats.sort_unstable();
    seats.get(seats.len().saturating_sub(1) / 2).copied()
}

/// The number that a value under `median` or `median_fields` is about.
fn number(says: &str) -> u64 {
    let digits: String = says.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or_default()
}

/// A value of a number, as the rule's projects answer.
pub(crate) fn value(rule: &AgreementRule, number: u64) -> String {
    match rule {
        AgreementRule::MedianFields { .. } => format!("{{\"p\":{number}}}"),
        _ => number.to_string(),
    }
}

/// What values come to under a rule that compares them.
pub(crate) fn aggregated(rule: &AgreementRule, votes: &[(String, u32)]) -> Option<String> {
    if let AgreementRule::Mode { .. } = rule {
        let mut seats: BTreeMap<&str, u32> = BTreeMap::new();
        for (says, own) in votes {
            *seats.entry(says).or_default() += own;
        }
        let lowest = |says: &str| std::cmp::Reverse(body_digest(says).sha256);
        let (says, _) = seats.into_iter().max_by_key(|(says, seats)| (*seats, lowest(says)))?;
        return Some(says.to_owned());
    }
    let numbers: Vec<_> = votes.iter().map(|(says, seats)| (number(says), *seats)).collect();
    median(&numbers).map(|median| value(rule, median))
}

/// Whether a value agrees with what all come to.
fn agrees(rule: &AgreementRule, says: &str, body: &str) -> bool {
    let tolerance = match rule {
        AgreementRule::Median { tolerance_bps } => *tolerance_bps,
        AgreementRule::MedianFields { fields } => fields[0].tolerance_bps,
        AgreementRule::Exact {} | AgreementRule::Mode { .. } => return says == body,
    };
    number(says).abs_diff(number(body)) * 10_000 <= number(body) * u64::from(tolerance)
}

impl Reference {
    /// The draw's epoch, height and units.
    pub(crate) fn drawn(&self, request: &Request) -> Option<(u64, u64, u64)> {
        let (height, epoch) = self.rounds[request.round? as usize];
        let (_, units) = self.epochs[epoch as usize];
        // Attempts of a `fast` request count from the request.
        Some((epoch, height.max(request.height), units))
    }

    /// The seats a node has in an attempt, by its own key's output.
    pub(crate) fn seats(&self, draft: &Draft, node: NodeId, attempt: u8) -> u32 {
        let request = &self.requests[&draft.request];
        let Some((epoch, _, total)) = self.drawn(request) else { return 0 };
        let Some(output) = draft.outputs.get(&node) else { return 0 };
        let units = self.nodes[&node].units(epoch);
        Threshold::new(request.policy.committee, Attempt(attempt), total).seats(output, units)
    }

    /// Evaluates a draft; `None` where the contract refuses it.
    pub(crate) fn evaluate(&self, draft: &Draft) -> Option<Evaluated> {
        let request = self.requests.get(&draft.request).filter(|request| request.status.is_none())?;
        let (_, drawn_at, total) = self.drawn(request)?;
        let attempt_blocks = u64::from(request.policy.wall_ms.div_ceil(1000)) + 1;
        let begins = drawn_at + attempt_blocks * u64::from(draft.attempt);
        if self.height > request.deadline || draft.attempt > 2 || begins > self.height {
            return None;
        }
        let nodes: BTreeSet<_> = draft.signers.iter().map(|signed_outcome| signed_outcome.node).collect();
        if nodes.is_empty() || nodes.len() != draft.signers.len() {
            return None;
        }
        let mut votes = Vec::new();
        for signed_outcome in &draft.signers {
            let node = self.nodes.get(&signed_outcome.node)?;
            let seats = self.seats(draft, signed_outcome.node, draft.attempt);
            if seats == 0 || !signed_outcome.own_key || (!draft.compared && signed_outcome.says != draft.body)
            {
                return None;
            }
            votes.push((signed_outcome, node.operator.clone(), seats));
        }
        let rule = &request.policy.rule;
        if draft.compared {
            let values: Vec<_> =
                votes.iter().map(|(signed, _, seats)| (signed.says.clone(), *seats)).collect();
            aggregated(rule, &values).filter(|found| *found == draft.body)?;
        }
        let attesting = votes.iter().map(|(.., seats)| seats).sum();
        let agreed = votes
            .iter()
            .filter(|(signed_outcome, ..)| !draft.compared || agrees(rule, &signed_outcome.says, &draft.body))
            .map(|(signed_outcome, operator, seats)| (signed_outcome.node, operator.clone(), *seats));
        let expected = (u64::from(request.policy.committee) << draft.attempt).min(total);
        let of = |bps: u16| u32::try_from((expected * u64::from(bps)).div_ceil(10_000)).unwrap();
        let (quorum_seats, needed) = match request.policy.rule {
            AgreementRule::Mode { min_bps } => (of(min_bps), of(request.policy.quorum_bps)),
            _ => (of(request.policy.quorum_bps), 0),
        };
        Some(Evaluated {
            agreed: agreed.collect(),
            quorum_seats,
            min_operators: request.policy.min_operators.into(),
            attesting: (attesting, needed),
        })
    }

    /// Adds to what has gathered; ends the request where that makes a quorum.
    pub(crate) fn attest(&mut self, draft: &Draft, from: &Addr) -> Vec<Fact> {
        let refused = vec![Fact::Refused(draft.request)];
        let Some(mut evaluated) = self.evaluate(draft).filter(|_| !draft.compared) else { return refused };
        let tallies = &self.requests[&draft.request].tallies;
        let own: BTreeSet<_> = draft.signers.iter().map(|signed_outcome| signed_outcome.node).collect();
        let elsewhere = tallies.iter().filter(|(body, _)| **body != draft.body);
        if elsewhere.flat_map(|(_, nodes)| nodes).any(|node| own.contains(node)) {
            return refused;
        }
        let before = tallies.get(&draft.body).cloned().unwrap_or_default();
        for node in before.iter().filter(|node| !own.contains(node)) {
            let seats = self.seats(draft, *node, draft.attempt);
            if seats > 0 {
                evaluated.agreed.push((*node, self.nodes[node].operator.clone(), seats));
            }
        }
        if evaluated.is_quorum() {
            return self.settle(draft, evaluated, from);
        }
        let all: BTreeSet<_> = before.into_iter().chain(own).collect();
        let (nodes, seats, quorum_seats) =
            (u32::try_from(all.len()).unwrap(), evaluated.seats(), evaluated.quorum_seats);
        let request = self.requests.get_mut(&draft.request).unwrap();
        request.tallies.insert(draft.body.clone(), all.into_iter().collect());
        vec![Fact::Kept { request: draft.request, nodes, seats, quorum_seats }]
    }

    /// Ends a request with a result: everybody has his part, the requester the rest.
    pub(crate) fn settle(&mut self, draft: &Draft, evaluated: Evaluated, publisher: &Addr) -> Vec<Fact> {
        let (id, seats, quorum_seats) = (draft.request, evaluated.seats(), evaluated.quorum_seats);
        let request = self.requests[&id].clone();
        let pool = request.seat_price * u128::from(request.policy.committee);
        let each = request.seat_price.min(pool / u128::from(seats));
        let mut left = request.sent;
        for (to, amount) in evaluated
            .agreed
            .iter()
            .map(|(node, _, seats)| {
                let node = &self.nodes[node];
                (node.payout.clone().unwrap_or(node.operator.clone()), each * u128::from(*seats))
            })
            .collect::<Vec<_>>()
            .into_iter()
            .chain([(publisher.clone(), request.relay_price)])
        {
            let cut = part(amount, request.treasury_bps);
            left -= amount;
            self.credit(&to, amount - cut);
            self.give_treasury(cut);
        }
        let owner = self.projects[&request.project].owner.clone();
        let price = request.policy.price.u128();
        self.credit(&owner, price);
        left -= price;
        self.give_back(&request, left);
        self.requests.get_mut(&id).unwrap().status = Some(RequestStatus::Fulfilled);
        let attempt = draft.attempt;
        let mut facts = vec![Fact::Fulfilled { request: id, attempt, seats, quorum_seats, returned: left }];
        facts.extend(self.call(id, 0));
        facts
    }
}
