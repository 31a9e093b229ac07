//! Applies the aggregation rule of `gateway-protocol` to a publication: the outcomes committed to, and who agrees.

use gateway_api::{AgreementRule, OutcomeClass, Policy, Publication, Refusal};
use gateway_protocol::{
    aggregate, body_digest, compared_value, compares_values, not_the_aggregate, BodyDigest, ComparedValue,
    DrawnRequest, OutcomeHash, Seated,
};

use super::Fault;

/// Whether all attestations of a publication are for one outcome.
pub(super) fn is_exact(policy: &Policy, class: OutcomeClass) -> bool {
    !compares_values(&policy.rule, class)
}

/// The outcome that each attestation commits to, in their order, and whether it agrees with the result.
pub(super) fn outcomes(
    drawn: &DrawnRequest<'_>,
    policy: &Policy,
    publication: &Publication,
    nodes: &[Seated],
) -> Result<Vec<(OutcomeHash, bool)>, Fault> {
    let outcome = |body: BodyDigest| drawn.outcome(publication.engine, publication.class, body);
    let published = BodyDigest::of(&publication.body);
    if is_exact(policy, publication.class) {
        return Ok(vec![(outcome(published), true); publication.attestations.len()]);
    }
    let mut bodies = Vec::with_capacity(nodes.len());
    let mut values = Vec::with_capacity(nodes.len());
    for (attestation, seated) in publication.attestations.iter().zip(nodes) {
        let (body, value) = match (&attestation.value, &policy.rule) {
            (Some(text), rule) => {
                let value = compared_value(rule, publication.class, text).ok().flatten();
                let value = value.ok_or(Refusal::InvalidValue { node: attestation.node })?;
                (if let ComparedValue::Whole(body) = value { body } else { body_digest(text) }, value)
            }
            (None, AgreementRule::Mode { .. }) => (published, ComparedValue::Whole(published)),
            (None, _) => return Err(Refusal::InvalidValue { node: attestation.node }.into()),
        };
        bodies.push(body);
        values.push((value, seated.seats));
    }
    let found = aggregate(&policy.rule, &values).filter(|found| found.body == published);
    let agrees = found.ok_or_else(|| not_the_aggregate(&policy.rule))?.agrees;
    Ok(bodies.into_iter().map(outcome).zip(agrees).collect())
}
