//! Who is in a committee: the key and units a node draws with in an epoch, and the seats its attestation claims.

use gateway_api::{
    Attempt, AttestationBytes, Epoch, KeyFrom, NodeId, NodeKey, NodeResponse, Policy, Refusal, UnitsFrom,
    limits,
};

use crate::Threshold;

/// A node as it takes part in the draws of one epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// The node.
    pub node: NodeId,
    /// The key in force in the epoch: after a rotation the old one draws until the new one's first epoch.
    pub key: NodeKey,
    /// Its units in the epoch, 1 to [`limits::MAX_UNITS`].
    pub units: u32,
}

/// A member with the seats that its VRF output claims. Whether the output is its own, only the proof can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seated {
    /// The member.
    pub member: Member,
    /// Its seats, at least 1.
    pub seats: u32,
}

impl Member {
    /// Returns the member that a node is in an epoch.
    ///
    /// A jailed node is no member of any epoch, whenever the draw was: jail takes effect at once.
    ///
    /// # Errors
    /// [`Refusal::InactiveNode`] for a node that is jailed, or has no key or no units in the epoch.
    pub fn at(
        node: NodeId,
        keys: &[KeyFrom],
        schedule: &[UnitsFrom],
        jailed: bool,
        epoch: Epoch,
    ) -> Result<Self, Refusal> {
        let units = if jailed { 0 } else { UnitsFrom::at(schedule, epoch) };
        match KeyFrom::at(keys, epoch) {
            Some(key) if units > 0 => Ok(Self { node, key, units }),
            _ => Err(Refusal::InactiveNode { node }),
        }
    }

    /// Returns the member that a node is in an epoch, from what the contract answers about it.
    ///
    /// # Errors
    /// See [`Member::at`].
    pub fn of(node: &NodeResponse, epoch: Epoch) -> Result<Self, Refusal> {
        Self::at(node.node, &node.keys, &node.schedule, node.jailed_until.is_some(), epoch)
    }
}

/// Evaluates an attestation but for its proof: the seats that its output claims for a member.
///
/// # Errors
/// [`Refusal::NoSeat`] where the output wins none.
pub fn evaluate_attestation(
    member: Member,
    threshold: &Threshold,
    proof: &AttestationBytes,
) -> Result<Seated, Refusal> {
    match threshold.seats(&proof.output, member.units) {
        0 => Err(Refusal::NoSeat { node: member.node }),
        seats => Ok(Seated { member, seats }),
    }
}

/// Returns the seats that an attestation claims at attempts 0, 1 and 2. They never decrease from one to the next.
///
/// # Errors
/// [`Refusal::NoSeat`] where not even the last attempt gives one.
pub fn seats_by_attempt(
    member: Member,
    policy: &Policy,
    total_units: u64,
    proof: &AttestationBytes,
) -> Result<[u32; limits::ATTEMPTS as usize], Refusal> {
    let mut seats = [0; limits::ATTEMPTS as usize];
    for (attempt, seats) in (0..limits::ATTEMPTS).map(Attempt).zip(&mut seats) {
        let threshold = Threshold::new(policy.committee, attempt, total_units);
        *seats = threshold.seats(&proof.output, member.units);
    }
    if seats.iter().all(|seats| *seats == 0) {
        return Err(Refusal::NoSeat { node: member.node });
    }
    Ok(seats)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: NodeId = NodeId(7);
    const OLD: NodeKey = NodeKey([1; 32]);
    const NEW: NodeKey = NodeKey([2; 32]);

    fn member(jailed: bool, epoch: u64) -> Result<Member, Refusal> {
        let keys = [KeyFrom { epoch: Epoch(0), key: OLD }, KeyFrom { epoch: Epoch(6), key: NEW }];
        let schedule = [UnitsFrom { epoch: Epoch(2), units: 5 }, UnitsFrom { epoch: Epoch(9), units: 0 }];
        Member::at(NODE, &keys, &schedule, jailed, Epoch(epoch))
    }

    #[test]
    fn the_key_in_force_in_the_epoch_draws() {
        assert_eq!(member(false, 5), Ok(Member { node: NODE, key: OLD, units: 5 }));
        assert_eq!(member(false, 6), Ok(Member { node: NODE, key: NEW, units: 5 }));
    }

    #[test]
    fn without_units_or_in_jail_a_node_is_no_member() {
        let inactive = Err(Refusal::InactiveNode { node: NODE });
        assert_eq!(member(false, 1), inactive);
        assert_eq!(member(false, 9), inactive);
        assert_eq!(member(true, 5), inactive);
    }
}
