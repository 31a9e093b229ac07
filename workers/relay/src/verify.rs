//! Whether an attestation is what it says: a drawn request, a node that was active, a proof that holds, a seat that counts.
//!
//! Pure: everything it needs is given. The refusals are the contract's own, in its order: cheap checks first.

use gateway_api::{
    AgreementRule, Attempt, AttestationBytes, DrawInfo, NodeResponse, OutcomeClass, Refusal, RequestResponse,
    RequestStatus, SignedOutcome, limits,
};
use gateway_protocol::{Decimal, Domain, DrawContext, OutcomePreimage, Threshold, body_digest, verify_one};
use gateway_store::AttestationRow;

/// The draw of a request that can still be answered at `height`.
pub(crate) fn open_draw(request: &RequestResponse, height: u64) -> Result<&DrawInfo, Refusal> {
    match (request.status, &request.draw) {
        (RequestStatus::Fulfilled | RequestStatus::Expired, _) => Err(Refusal::Closed {}),
        _ if height > request.deadline => Err(Refusal::PastDeadline {}),
        (RequestStatus::Drawn, Some(draw)) => Ok(draw),
        (RequestStatus::Waiting | RequestStatus::Drawn, _) => Err(Refusal::NotDrawn {}),
    }
}

/// Checks an attestation but for its proof, and makes it a row.
pub(crate) fn examine(
    domain: &Domain<'_>,
    request: &RequestResponse,
    draw: &DrawInfo,
    node: &NodeResponse,
    signed: &SignedOutcome,
) -> Result<AttestationRow, Refusal> {
    let id = node.node;
    if signed.body.len() > request.policy.max_result_bytes as usize {
        return Err(Refusal::BodyTooLarge {});
    }
    let proof = AttestationBytes::from_slice(&signed.attestation.proof)?;
    let units = node.units_at(draw.epoch);
    if units == 0 {
        return Err(Refusal::InactiveNode { node: id });
    }
    let seats = [0, 1, 2].map(|attempt| {
        Threshold::new(request.policy.committee, Attempt(attempt), draw.total_units)
            .seats(&proof.output, units)
    });
    if seats.iter().all(|seats| *seats == 0) {
        return Err(Refusal::NoSeat { node: id });
    }
    let value = match (&request.policy.rule, signed.class) {
        (AgreementRule::Median { .. }, OutcomeClass::Ok) => {
            let value = signed.attestation.value.as_deref().unwrap_or(&signed.body);
            let fits = value.len() <= limits::MAX_VALUE_BYTES as usize;
            // The commitment covers the value itself, so the body has to be it.
            if !fits || value.parse::<Decimal>().is_err() || value != signed.body {
                return Err(Refusal::InvalidValue { node: id });
            }
            Some(value.to_owned())
        }
        _ => None,
    };
    let digest = body_digest(&signed.body);
    let outcome = domain.outcome(&OutcomePreimage {
        request: request.request,
        code: request.code.sha256,
        input: request.input_hash,
        engine: signed.engine,
        class: signed.class,
        body: digest,
    });
    Ok(AttestationRow {
        request: request.request,
        node: id,
        operator: node.operator.clone(),
        engine: signed.engine,
        class: signed.class,
        outcome: outcome.to_string(),
        digest: digest.sha256,
        size: digest.size,
        body: signed.body.clone(),
        value,
        proof: signed.attestation.proof.to_vec(),
        seats,
    })
}

/// Checks the proof: that the node's key drew these seats and signed this outcome.
pub(crate) fn prove(
    domain: &Domain<'_>,
    request: &RequestResponse,
    draw: &DrawInfo,
    node: &NodeResponse,
    row: &AttestationRow,
) -> Result<(), Refusal> {
    let proof = AttestationBytes::from_slice(&row.proof)?;
    let outcome = domain.outcome(&OutcomePreimage {
        request: request.request,
        code: request.code.sha256,
        input: request.input_hash,
        engine: row.engine,
        class: row.class,
        body: body_digest(&row.body),
    });
    let commit = domain.commit(request.request, &node.key, &outcome, &proof.salt);
    let context = DrawContext::new(domain, &draw.seed, request.request);
    verify_one(&context, &node.key, &proof, &commit).map_err(|_| Refusal::InvalidProof { node: node.node })
}

#[cfg(test)]
mod tests;
