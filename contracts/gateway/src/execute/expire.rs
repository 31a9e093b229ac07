//! Ends overdue requests, the oldest deadline first, in steps as large as the sender pays for, and refunds them whole.

use super::{callback, refund};
use crate::error::ContractError;
use crate::state::governance::current_settings;
use crate::state::ledger::Book;
use crate::state::requests::{request as load, Ends, State, DEADLINES};
use cosmwasm_std::{DepsMut, Env, Response, Storage};
use gateway_api::events::RequestExpired;
use gateway_api::{limits, RequestId, Resolution, Settings};

pub(crate) fn expire(deps: DepsMut<'_>, env: &Env, limit: Option<u32>) -> Result<Response, ContractError> {
    let limit = limit.unwrap_or(limits::DEFAULT_PAGE);
    if limit == 0 || limit > limits::MAX_PAGE {
        return Err(ContractError::Limit { max: limits::MAX_PAGE });
    }
    let (_, settings) = current_settings(deps.storage)?;
    end_overdue(deps.storage, env.block.height, &settings, limit, true)
}

/// Ends those of the oldest overdue requests that call nobody back: the chain's own calls have no gas for that.
pub(crate) fn sweep(
    storage: &mut dyn Storage,
    height: u64,
    settings: &Settings,
    limit: u32,
) -> Result<Response, ContractError> {
    end_overdue(storage, height, settings, limit, false)
}

fn end_overdue(
    storage: &mut dyn Storage,
    height: u64,
    settings: &Settings,
    limit: u32,
    calling: bool,
) -> Result<Response, ContractError> {
    // A request may still be fulfilled in the block of its deadline.
    let overdue = DEADLINES
        .keys(storage, None)
        .take(limit as usize)
        .take_while(|key| !matches!(key, Ok((deadline, _)) if *deadline >= height))
        .collect::<Result<Vec<_>, _>>()?;
    let mut book = Book::open(storage)?;
    let (mut ends, mut response) = (Ends::new(), Response::new());
    for (_, id) in overdue {
        let id = RequestId(id);
        let mut request = load(storage, id)?;
        if !calling && request.callback_gas.is_some() {
            continue;
        }
        let returned = request.charge.sent;
        book.release(returned)?;
        ends.end(storage, id, &mut request, State::Expired, returned)?;
        response = response
            .add_event(RequestExpired { request: id, project: request.project, returned })
            .add_submessages(refund::transfer(id, &request.requester, returned, &settings.denom))
            .add_submessages(callback::send(storage, id, &request, Resolution::Expired {}, 0)?);
    }
    ends.close(storage)?;
    book.close(storage)?;
    Ok(response)
}
