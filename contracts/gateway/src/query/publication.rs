//! Answers what the contract would decide about a publication, or one attestation of it, in this block: by the verification
//! that `Publish` uses.

use cosmwasm_std::{Env, Storage};
use gateway_api::{Attempt, Publication, PublicationVerdict, SignedOutcome};
use gateway_protocol::published_body;

use crate::domain::domain;
use crate::error::ContractError;
use crate::state::governance::settings_at;
use crate::state::requests::REQUESTS;
use crate::verification::{
    evaluate, verify_each, verify_publication, BlockContext, Evaluation, Fault, Lookup,
};

pub(super) fn check(
    storage: &dyn Storage,
    env: &Env,
    publication: &Publication,
) -> Result<PublicationVerdict, ContractError> {
    verdict(verify_publication(block(env), &mut Lookup::new(storage), publication))
}

/// Evaluates one node's attestation without regard to the quorum.
pub(super) fn check_one(
    storage: &dyn Storage,
    env: &Env,
    signed_outcome: SignedOutcome,
    attempt: Attempt,
) -> Result<PublicationVerdict, ContractError> {
    let SignedOutcome { request, engine, class, body, mut attestation } = signed_outcome;
    // Where values are compared the body is the value.
    attestation.value.get_or_insert_with(|| body.clone());
    let attestations = vec![attestation];
    let asked = REQUESTS.may_load(storage, request.get())?;
    let settings = asked.map(|asked| settings_at(storage, asked.settings_version)).transpose()?;
    let body = published_body(body, settings.map_or(u32::MAX, |settings| settings.inline_limit()));
    let publication = Publication { request, attempt, engine, class, body, attestations };
    verdict(evaluate(block(env), &mut Lookup::new(storage), &publication))
}

fn block(env: &Env) -> BlockContext<'_> {
    BlockContext { domain: domain(env), height: env.block.height }
}

fn verdict(checked: Result<Evaluation, Fault>) -> Result<PublicationVerdict, ContractError> {
    let verified = match checked {
        Ok(verified) => verified,
        Err(Fault::Refused(reason)) => return Ok(PublicationVerdict::Refused { reason }),
        Err(Fault::Broken(error)) => return Err(error),
    };
    Ok(match verify_each(&verified) {
        Ok(()) => PublicationVerdict::Accepted { seats: verified.seats, operators: verified.operators },
        Err(reason) => PublicationVerdict::Refused { reason },
    })
}
