//! Adds coins to a schedule's budget, whoever sends them.

use cosmwasm_std::{DepsMut, MessageInfo, Response};
use gateway_api::ScheduleId;

use crate::error::ContractError;
use crate::operations::funds;
use crate::operations::schedules::changed;
use crate::state::governance::current_settings;
use crate::state::ledger::Book;
use crate::state::schedules::{schedule, SCHEDULES};

pub(crate) fn fund_schedule(
    deps: DepsMut<'_>,
    info: &MessageInfo,
    id: ScheduleId,
) -> Result<Response, ContractError> {
    let (_, settings) = current_settings(deps.storage)?;
    let amount = funds::sent(info, &settings.denom)?;
    let mut record = schedule(deps.storage, id)?;
    if record.asked.subscription.is_some() {
        return Err(ContractError::PaidBySubscription {});
    }
    record.budget = record.budget.checked_add(amount)?;
    SCHEDULES.save(deps.storage, id.get(), &record)?;
    let mut book = Book::open(deps.storage)?;
    book.schedule_in(amount)?;
    book.close(deps.storage)?;
    Ok(Response::new().add_event(changed(id, &record)))
}
