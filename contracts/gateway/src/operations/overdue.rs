//! Ends requests whose deadline has passed and refunds them whole. Calls nobody back: a callback becomes due and is delivered
//! by a message of its own.

use cosmwasm_std::{Addr, Response, Storage, Uint128};
use gateway_api::events::RequestExpired;
use gateway_api::{RequestId, Settings};

use super::{callback, refund};
use crate::error::ContractError;
use crate::state::ledger::Book;
use crate::state::requests::{Ends, State, DEADLINES, REQUESTS};

/// Finds the overdue requests with the oldest deadlines. A request may still be fulfilled in the block of its deadline.
pub(crate) fn overdue(
    storage: &dyn Storage,
    height: u64,
    limit: u32,
) -> Result<Vec<RequestId>, ContractError> {
    DEADLINES
        .keys(storage, None)
        .take(limit as usize)
        .take_while(|key| !matches!(key, Ok((deadline, _)) if *deadline >= height))
        .map(|key| key.map(|(_, id)| RequestId(id)))
        .collect()
}

/// Ends those of the requests that are overdue, and skips the others. A keeper earns the settings' bounty for each.
pub(crate) fn end_overdue(
    storage: &mut dyn Storage,
    height: u64,
    settings: &Settings,
    requests: &[RequestId],
    keeper: Option<&Addr>,
) -> Result<Response, ContractError> {
    let mut book = Book::open(storage)?;
    let (mut ends, mut response, mut ended) = (Ends::new(), Response::new(), 0u32);
    for id in requests.iter().copied() {
        let Some(mut request) = REQUESTS.may_load(storage, id.get())? else { continue };
        if request.state != State::Open || request.deadline >= height {
            continue;
        }
        ended += 1;
        let returned = request.charge.sent;
        book.release(returned)?;
        ends.end(storage, id, &mut request, State::Expired, returned)?;
        response = response
            .add_event(RequestExpired { request: id, project: request.project, returned })
            .add_events(callback::mark_due(storage, id, &request)?)
            .add_submessages(refund::give_back(
                storage,
                &mut book,
                (id, &request),
                returned,
                &settings.denom,
            )?);
    }
    if let (Some(keepers), Some(keeper)) = (&settings.keepers, keeper) {
        let bounties = keepers.expire.checked_mul(Uint128::from(ended))?;
        response = response.add_events(book.bounty(keeper, bounties)?);
    }
    ends.close(storage)?;
    book.close(storage)?;
    Ok(response)
}
