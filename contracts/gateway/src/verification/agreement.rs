//! What each attestation says and which of them agree, under the version's rule.

use super::{Fault, Seated};
use crate::state::projects::VersionRecord;
use crate::state::requests::Request;
use gateway_api::{AgreementRule, Body, NodeKey, OutcomeClass, Policy, Publication, Refusal};
use gateway_protocol::{
    body_digest, weighted_median, BodyDigest, Decimal, Domain, OutcomeHash, OutcomePreimage, Vote,
};

/// Checks a body's size, and that it is on the chain where it is small enough: nobody can hide a small result.
pub(super) fn check_body(body: &Body, max_bytes: u32, inline_limit: u32) -> Result<(), Refusal> {
    let (size, inline) = match body {
        Body::Inline { text } => (text.len() as u64, true),
        Body::Hashed { size, .. } => (u64::from(*size), false),
    };
    if size > u64::from(max_bytes) {
        return Err(Refusal::BodyTooLarge {});
    }
    if inline != (size <= u64::from(inline_limit)) {
        return Err(Refusal::BodyForm {});
    }
    Ok(())
}

/// The tolerance where attestations open their own values: an agreed error has no value.
fn tolerance(policy: &Policy, class: OutcomeClass) -> Option<u16> {
    match policy.rule {
        AgreementRule::Median { tolerance_bps } if class == OutcomeClass::Ok => Some(tolerance_bps),
        AgreementRule::Median { .. } | AgreementRule::Exact {} => None,
    }
}

/// Whether all attestations of a publication are for one outcome.
pub(super) fn is_exact(policy: &Policy, class: OutcomeClass) -> bool {
    tolerance(policy, class).is_none()
}

/// The outcome that each attestation commits to, in their order.
pub(super) fn outcomes(
    domain: Domain<'_>,
    request: &Request,
    version: &VersionRecord,
    publication: &Publication,
) -> Result<Vec<OutcomeHash>, Fault> {
    let outcome = |body: BodyDigest| {
        domain.outcome(&OutcomePreimage {
            request: publication.request,
            code: version.code,
            input: request.input_hash,
            engine: publication.engine,
            class: publication.class,
            body,
        })
    };
    if tolerance(&version.policy, publication.class).is_none() {
        let body = match &publication.body {
            Body::Inline { text } => body_digest(text),
            Body::Hashed { sha256, size } => BodyDigest { sha256: *sha256, size: *size },
        };
        return Ok(vec![outcome(body); publication.attestations.len()]);
    }
    publication
        .attestations
        .iter()
        .map(|attestation| match &attestation.value {
            Some(value) => Ok(outcome(body_digest(value))),
            None => Err(Refusal::InvalidValue { node: attestation.node }.into()),
        })
        .collect()
}

/// Whether each attestation agrees with the result, in their order.
pub(super) fn agreeing(
    policy: &Policy,
    publication: &Publication,
    nodes: &[(Seated, NodeKey)],
) -> Result<Vec<bool>, Fault> {
    let Some(tolerance_bps) = tolerance(policy, publication.class) else {
        return Ok(vec![true; nodes.len()]);
    };
    let mut votes = Vec::with_capacity(nodes.len());
    for (attestation, (seated, _)) in publication.attestations.iter().zip(nodes) {
        let node = attestation.node;
        let value = attestation.value.as_deref().unwrap_or_default();
        let value: Decimal = value.parse().map_err(|_| Refusal::InvalidValue { node })?;
        votes.push(Vote { value, seats: seated.seats });
    }
    let median = weighted_median(&votes).ok_or(Refusal::NotTheMedian {})?;
    match &publication.body {
        Body::Inline { text } if text == median.as_str() => {}
        Body::Inline { .. } | Body::Hashed { .. } => return Err(Refusal::NotTheMedian {}.into()),
    }
    Ok(votes.iter().map(|vote| vote.value.agrees_with(median, tolerance_bps)).collect())
}
