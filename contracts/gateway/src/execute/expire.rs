//! Ends overdue requests, the oldest deadline first, in steps as large as the sender pays for, and refunds them whole.

use super::{callback, refund};
use crate::error::ContractError;
use crate::state::governance::current_settings;
use crate::state::ledger::Book;
use crate::state::requests::{end, request as load, State, DEADLINES};
use cosmwasm_std::{DepsMut, Env, Response};
use gateway_api::events::RequestExpired;
use gateway_api::{limits, RequestId, Resolution};

pub(crate) fn expire(deps: DepsMut<'_>, env: &Env, limit: Option<u32>) -> Result<Response, ContractError> {
    let limit = limit.unwrap_or(limits::DEFAULT_PAGE);
    if limit == 0 || limit > limits::MAX_PAGE {
        return Err(ContractError::Limit { max: limits::MAX_PAGE });
    }
    // A request may still be fulfilled in the block of its deadline.
    let overdue = DEADLINES
        .keys(deps.storage, None)
        .take(limit as usize)
        .take_while(|key| !matches!(key, Ok((deadline, _)) if *deadline >= env.block.height))
        .collect::<Result<Vec<_>, _>>()?;
    let (_, settings) = current_settings(deps.storage)?;
    let mut book = Book::open(deps.storage)?;
    let mut response = Response::new();
    for (_, id) in overdue {
        let id = RequestId(id);
        let mut request = load(deps.storage, id)?;
        let returned = request.charge.sent;
        book.release(returned)?;
        end(deps.storage, id, &mut request, State::Expired, returned)?;
        response = response
            .add_event(RequestExpired { request: id, project: request.project, returned })
            .add_submessages(refund::transfer(id, &request.requester, returned, &settings.denom))
            .add_submessages(callback::send(deps.storage, id, &request, Resolution::Expired {}, 0)?);
    }
    book.close(deps.storage)?;
    Ok(response)
}
