//! Ends a request before anything can have drawn it, and returns its funds.

use cosmwasm_std::{DepsMut, Response};
use gateway_api::events::RequestExpired;
use gateway_api::RequestId;

use crate::error::ContractError;
use crate::operations::refund;
use crate::state::counter::{drawing_round, ROUNDS};
use crate::state::governance::current_settings;
use crate::state::ledger::Book;
use crate::state::requests::{request as load, DrawSource, Ends, State};

pub(crate) fn cancel(deps: DepsMut<'_>, id: RequestId) -> Result<Response, ContractError> {
    let mut request = load(deps.storage, id)?;
    let drawn = match request.draw {
        DrawSource::Next(hint) | DrawSource::Beacon(hint) => {
            let storage = &*deps.storage;
            drawing_round(&mut |round| ROUNDS.may_load(storage, round.get()), hint, request.height)?.is_some()
        }
        DrawSource::Fixed(_) => true,
    };
    if request.state != State::Open || drawn {
        return Err(ContractError::NotCancellable {});
    }
    let (_, settings) = current_settings(deps.storage)?;
    let (mut book, mut ends) = (Book::open(deps.storage)?, Ends::new());
    let returned = request.charge.sent;
    book.release(returned)?;
    ends.end(deps.storage, id, &mut request, State::Expired, returned)?;
    let refund = refund::give_back(deps.storage, &mut book, (id, &request), returned, &settings.denom)?;
    ends.close(deps.storage)?;
    book.close(deps.storage)?;
    let event = RequestExpired { request: id, project: request.project, returned };
    Ok(Response::new().add_event(event).add_submessages(refund))
}
