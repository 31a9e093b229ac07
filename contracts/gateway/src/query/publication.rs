//! Says what the contract would say of a publication, or of one word for it, now, by the same judge that `Publish` asks.

use crate::error::ContractError;
use crate::execute::domain;
use crate::state::governance::settings_at;
use crate::state::requests::REQUESTS;
use crate::verification::{
    evaluate, verify_each, verify_publication, BlockContext, Fault, Judgement, Lookup,
};
use cosmwasm_std::{Env, Storage};
use gateway_api::{Attempt, Body, Publication, PublicationVerdict, SignedOutcome};
use gateway_protocol::{body_digest, BodyDigest};

pub(super) fn check(
    storage: &dyn Storage,
    env: &Env,
    publication: &Publication,
) -> Result<PublicationVerdict, ContractError> {
    verdict(verify_publication(bench(env), &mut Lookup::new(storage), publication))
}

/// What would be said of one node's word among others.
pub(super) fn check_one(
    storage: &dyn Storage,
    env: &Env,
    signed_outcome: SignedOutcome,
    attempt: Attempt,
) -> Result<PublicationVerdict, ContractError> {
    let SignedOutcome { request, engine, class, body, mut attestation } = signed_outcome;
    // Under `median` the body is the value.
    attestation.value.get_or_insert_with(|| body.clone());
    let attestations = vec![attestation];
    let asked = REQUESTS.may_load(storage, request.get())?;
    let settings = asked.map(|asked| settings_at(storage, asked.settings_version)).transpose()?;
    let inline = settings.is_none_or(|settings| body.len() <= settings.inline_limit() as usize);
    let body = if inline {
        Body::Inline { text: body }
    } else {
        let BodyDigest { sha256, size } = body_digest(&body);
        Body::Hashed { sha256, size }
    };
    let publication = Publication { request, attempt, engine, class, body, attestations };
    verdict(evaluate(bench(env), &mut Lookup::new(storage), &publication))
}

fn bench(env: &Env) -> BlockContext<'_> {
    BlockContext { domain: domain(env), height: env.block.height }
}

fn verdict(judged: Result<Judgement, Fault>) -> Result<PublicationVerdict, ContractError> {
    let judgement = match judged {
        Ok(judgement) => judgement,
        Err(Fault::Refused(reason)) => return Ok(PublicationVerdict::Refused { reason }),
        Err(Fault::Broken(error)) => return Err(error),
    };
    Ok(match verify_each(&judgement) {
        Ok(()) => PublicationVerdict::Accepted { seats: judgement.seats, operators: judgement.operators },
        Err(reason) => PublicationVerdict::Refused { reason },
    })
}
