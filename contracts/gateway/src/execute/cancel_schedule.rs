//! Ends a schedule and pays its owner what is left of the budget. Requests that it has opened go on.

use cosmwasm_std::{coins, BankMsg, DepsMut, Response};
use gateway_api::events::ScheduleEnded;
use gateway_api::ScheduleId;

use crate::error::ContractError;
use crate::state::governance::current_settings;
use crate::state::ledger::Book;
use crate::state::schedules::{end, schedule};

pub(crate) fn cancel_schedule(deps: DepsMut<'_>, id: ScheduleId) -> Result<Response, ContractError> {
    let (_, settings) = current_settings(deps.storage)?;
    let record = schedule(deps.storage, id)?;
    end(deps.storage, id, record.next);
    let returned = record.budget;
    let mut book = Book::open(deps.storage)?;
    book.schedule_out(returned)?;
    book.close(deps.storage)?;
    let to_address = record.owner.into_string();
    let amount = coins(returned.u128(), settings.denom);
    let back = (!returned.is_zero()).then_some(BankMsg::Send { to_address, amount });
    let event = ScheduleEnded { schedule: id, reason: "cancelled".to_owned(), returned };
    Ok(Response::new().add_event(event).add_messages(back))
}
