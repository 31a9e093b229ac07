//! Applies the aggregation rule of `gateway-protocol` to a publication: the outcomes committed to, and who agrees.

use gateway_api::{Body, OutcomeClass, Policy, Publication, Refusal};
use gateway_protocol::{
    body_digest, median_agreement, value_tolerance, BodyDigest, Decimal, DrawnRequest, OutcomeHash, Seated,
    WeightedValue,
};

use super::Fault;

/// Whether all attestations of a publication are for one outcome.
pub(super) fn is_exact(policy: &Policy, class: OutcomeClass) -> bool {
    value_tolerance(&policy.rule, class).is_none()
}

/// The outcome that each attestation commits to, in their order.
pub(super) fn outcomes(
    drawn: &DrawnRequest<'_>,
    policy: &Policy,
    publication: &Publication,
) -> Result<Vec<OutcomeHash>, Fault> {
    let outcome = |body: BodyDigest| drawn.outcome(publication.engine, publication.class, body);
    if is_exact(policy, publication.class) {
        return Ok(vec![outcome(BodyDigest::of(&publication.body)); publication.attestations.len()]);
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
    nodes: &[Seated],
) -> Result<Vec<bool>, Fault> {
    let Some(tolerance_bps) = value_tolerance(&policy.rule, publication.class) else {
        return Ok(vec![true; nodes.len()]);
    };
    let mut values = Vec::with_capacity(nodes.len());
    for (attestation, seated) in publication.attestations.iter().zip(nodes) {
        let node = attestation.node;
        let value = attestation.value.as_deref().unwrap_or_default();
        let value: Decimal = value.parse().map_err(|_| Refusal::InvalidValue { node })?;
        values.push(WeightedValue { value, seats: seated.seats });
    }
    let (median, agrees) = median_agreement(&values, tolerance_bps).ok_or(Refusal::NotTheMedian {})?;
    match &publication.body {
        Body::Inline { text } if text == median.as_str() => Ok(agrees),
        Body::Inline { .. } | Body::Hashed { .. } => Err(Refusal::NotTheMedian {}.into()),
    }
}
