//! Publishes results. Each publication is verified on its own: one refused does not affect the others, and one for a request
//! that has ended does nothing. A round that is due opens in passing.

use cosmwasm_std::{DepsMut, Env, MessageInfo, Response};
use gateway_api::events::PublicationRefused;
use gateway_api::{limits, Publication, Refusal};

use crate::domain::domain;
use crate::error::ContractError;
use crate::operations::rounds::open_due;
use crate::operations::settle;
use crate::state::counter::COUNTER;
use crate::state::governance::current_settings;
use crate::state::ledger::Book;
use crate::state::requests::Ends;
use crate::state::vec_map::VecMap;
use crate::verification::{verify_all, verify_publication, BlockContext, Fault, Lookup};

pub(crate) fn publish(
    deps: DepsMut<'_>,
    env: &Env,
    info: MessageInfo,
    publications: Vec<Publication>,
) -> Result<Response, ContractError> {
    let max = limits::MAX_PUBLICATIONS;
    if publications.is_empty() || publications.len() > max {
        return Err(ContractError::PublicationCount { max });
    }
    let block = BlockContext { domain: domain(env), height: env.block.height };
    let mut lookup = Lookup::new(deps.storage);
    let mut verdicts = Vec::with_capacity(publications.len());
    for publication in &publications {
        verdicts.push(match verify_publication(block, &mut lookup, publication) {
            Ok(evaluation) => Ok(evaluation),
            Err(Fault::Refused(refusal)) => Err(refusal),
            Err(Fault::Broken(error)) => return Err(error),
        });
    }
    drop(lookup);
    verify_all(&mut verdicts);

    let (version, settings) = current_settings(deps.storage)?;
    let mut counter = COUNTER.load(deps.storage)?;
    let opened = open_due(deps.storage, env, (version, &settings), &mut counter)?;
    if !opened.is_empty() {
        COUNTER.save(deps.storage, &counter)?;
    }
    let (mut book, mut ends) = (Book::open(deps.storage)?, Ends::new());
    let mut settled = VecMap::new();
    let mut response = Response::new().add_events(opened);
    for (publication, verdict) in publications.into_iter().zip(verdicts) {
        let request = publication.request;
        // The same request may occur twice in a message: verified before either was settled.
        let verdict =
            verdict.and_then(
                |evaluation| {
                    if settled.insert(request) {
                        Ok(evaluation)
                    } else {
                        Err(Refusal::Closed {})
                    }
                },
            );
        response = match verdict {
            Ok(evaluation) => {
                let end = settle::Settlement {
                    evaluation,
                    publication,
                    publisher: &info.sender,
                    height: env.block.height,
                    settings: &settings,
                };
                settle::settle(deps.storage, &mut book, &mut ends, response, end)?
            }
            Err(refusal) => {
                response.add_event(PublicationRefused { request, reason: refusal.code().to_owned() })
            }
        };
    }
    ends.close(deps.storage)?;
    book.close(deps.storage)?;
    Ok(response)
}
