//! Verifies an attestation before it is stored: a drawn request, a member of its committee, a valid proof.
//!
//! Pure: all inputs are arguments. The rules are those of `gateway-protocol`; the refusals and their order are the contract's:
//! cheap checks first.

use gateway_api::{
    AttestationBytes, DrawInfo, NodeResponse, Refusal, RequestResponse, RequestStatus, SignedOutcome,
};
use gateway_protocol::{
    Domain, DrawnRequest, Member, body_digest, check_engine, compared_value, seats_by_attempt,
};
use gateway_store::AttestationRow;

/// Returns the draw of a request that can still be answered at `height`.
///
/// # Errors
/// [`Refusal::Closed`], [`Refusal::PastDeadline`] or [`Refusal::NotDrawn`].
pub(crate) fn open_draw(request: &RequestResponse, height: u64) -> Result<&DrawInfo, Refusal> {
    match (request.status, &request.draw) {
        (RequestStatus::Fulfilled | RequestStatus::Expired, _) => Err(Refusal::Closed {}),
        _ if height > request.deadline => Err(Refusal::PastDeadline {}),
        (RequestStatus::Drawn, Some(draw)) => Ok(draw),
        (RequestStatus::Waiting | RequestStatus::Drawn, _) => Err(Refusal::NotDrawn {}),
    }
}

/// Verifies an attestation and converts it to a row.
///
/// The key is the one in force in the draw's epoch: a node that has since rotated its key still attests with the old one.
///
/// # Errors
/// - [`Refusal::BodyTooLarge`], [`Refusal::WrongEngine`], [`Refusal::ProofLength`];
/// - [`Refusal::InactiveNode`] for a node that is jailed, or had no units in the draw's epoch;
/// - [`Refusal::NoSeat`] if no attempt gives it a seat;
/// - [`Refusal::InvalidValue`] if the rule compares values and the body is not comparable;
/// - [`Refusal::InvalidProof`].
pub(crate) fn verify(
    domain: Domain<'_>,
    request: &RequestResponse,
    draw: &DrawInfo,
    node: &NodeResponse,
    signed: &SignedOutcome,
) -> Result<AttestationRow, Refusal> {
    let SignedOutcome { engine, class, body, attestation, .. } = signed;
    if body.len() > request.policy.max_result_bytes as usize {
        return Err(Refusal::BodyTooLarge {});
    }
    check_engine(draw.engine, *engine)?;
    let proof = AttestationBytes::from_slice(&attestation.proof)?;
    let member = Member::of(node, draw.epoch)?;
    let seats = seats_by_attempt(member, &request.policy, draw.total_units, &proof)?;
    let invalid = Refusal::InvalidValue { node: member.node };
    // The commitment covers the value itself, so the body must equal it.
    let value = match compared_value(&request.policy.rule, *class, body) {
        Ok(Some(_)) if attestation.value.as_ref().is_none_or(|value| value == body) => Some(body.clone()),
        Ok(None) => None,
        Ok(Some(_)) | Err(_) => return Err(invalid),
    };
    let drawn = DrawnRequest::of(domain, request, draw);
    let digest = body_digest(body);
    let outcome = drawn.outcome(*engine, *class, digest);
    let invalid = |_| Refusal::InvalidProof { node: member.node };
    drawn.verify(&member.key, &proof, &outcome).map_err(invalid)?;
    Ok(AttestationRow {
        request: request.request,
        node: member.node,
        operator: node.operator.clone(),
        engine: *engine,
        class: *class,
        outcome: outcome.to_string(),
        digest: digest.sha256,
        size: digest.size,
        body: body.clone(),
        value,
        proof: attestation.proof.to_vec(),
        seats,
    })
}

#[cfg(test)]
mod tests;
