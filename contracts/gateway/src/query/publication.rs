//! Says what the contract would say of a publication now, by the same judge that `Publish` asks.

use crate::error::ContractError;
use crate::execute::domain;
use crate::judge::{judge, verify_each, Bench, Fault, Lookup};
use cosmwasm_std::{Env, Storage};
use gateway_api::{Publication, PublicationVerdict};

pub(super) fn check(
    storage: &dyn Storage,
    env: &Env,
    publication: &Publication,
) -> Result<PublicationVerdict, ContractError> {
    let bench = Bench { domain: domain(env), height: env.block.height };
    let judgement = match judge(bench, &mut Lookup::new(storage), publication) {
        Ok(judgement) => judgement,
        Err(Fault::Refused(reason)) => return Ok(PublicationVerdict::Refused { reason }),
        Err(Fault::Broken(error)) => return Err(error),
    };
    Ok(match verify_each(&judgement) {
        Ok(()) => PublicationVerdict::Accepted { seats: judgement.seats, operators: judgement.operators },
        Err(reason) => PublicationVerdict::Refused { reason },
    })
}
