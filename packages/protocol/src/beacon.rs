//! The beacon's tickets: made by nodes, checked by the contract and by relays, compared by everybody. An epoch's lowest one
//! makes the next epoch's seed. It knows neither which ticket is the lowest so far nor who may show one.

use gateway_api::{AttestationBytes, Commit, NodeKey, RequestId, Salt, Seed, VrfOutput, limits};

use crate::hash::hash;
use crate::{Domain, DrawContext, ProofError, SecretKey, verify_one};

/// Requests number from 1: the draw of none, by the epoch's seed, is the beacon's.
const BEACON: RequestId = RequestId(0);

/// What a ticket's proof signs: there is nothing to say, so it is fixed. The draw binds the chain and the contract.
fn commit(seed: &Seed, key: &NodeKey) -> Commit {
    Commit(hash("gateway/beacon", &[&seed.0, &key.0]))
}

/// A key's ticket in the epoch of a seed: fixed by the two, so there is nothing to choose but whether to show it.
#[must_use]
pub fn make_ticket(domain: &Domain<'_>, seed: &Seed, key: &SecretKey) -> AttestationBytes {
    let context = DrawContext::new(domain, seed, BEACON);
    key.attest(&context, &commit(seed, &key.public()), Salt([0; 32]))
}

/// Checks that a ticket is the key's in the epoch of a seed.
///
/// # Errors
/// See [`ProofError`].
pub fn verify_ticket(
    domain: &Domain<'_>,
    seed: &Seed,
    key: &NodeKey,
    ticket: &AttestationBytes,
) -> Result<(), ProofError> {
    verify_one(&DrawContext::new(domain, seed, BEACON), key, ticket, &commit(seed, key))
}

/// What tickets are compared by: the lowest hash of the output with each of the node's units, which count up to 64. More
/// stake, more chances; without a unit there is none.
#[must_use]
pub fn ticket_value(output: &VrfOutput, units: u32) -> Option<Seed> {
    (0..units.min(limits::MAX_UNITS))
        .map(|unit| Seed(hash("gateway/ticket", &[&output.0, &unit.to_be_bytes()])))
        .min()
}
