//! Returns what a request did not use: to the subscription or the schedule that paid, or by a transfer that may fail without harm: what cannot
//! be sent is credited instead.

use cosmwasm_std::{coin, BankMsg, DepsMut, Response, Storage, SubMsg, Uint128};
use gateway_api::events::RefundCredited;
use gateway_api::RequestId;

use crate::error::ContractError;
use crate::state::ledger::Book;
use crate::state::requests::{request as load, Request};
use crate::state::schedules::SCHEDULES;
use crate::state::subscriptions::{subscription, SUBSCRIPTIONS};
use crate::submessage::{check_depth, id, Kind};

/// Returns an amount that has been released: the transfer, where one is needed.
pub(crate) fn give_back(
    storage: &mut dyn Storage,
    book: &mut Book,
    (request, record): (RequestId, &Request),
    amount: Uint128,
    denom: &str,
) -> Result<Option<SubMsg>, ContractError> {
    if amount.is_zero() {
        return Ok(None);
    }
    if let Some(paid) = record.subscription {
        let mut kept = subscription(storage, paid)?;
        kept.give_back(&record.requester, amount)?;
        SUBSCRIPTIONS.save(storage, paid.get(), &kept)?;
        book.subscription_in(amount)?;
        return Ok(None);
    }
    if let Some(paid) = record.schedule {
        // One that has ended has no budget any more: its owner is paid.
        if let Some(mut kept) = SCHEDULES.may_load(storage, paid.get())? {
            kept.budget = kept.budget.checked_add(amount)?;
            SCHEDULES.save(storage, paid.get(), &kept)?;
            book.schedule_in(amount)?;
            return Ok(None);
        }
    }
    let to_address = record.refunded().to_string();
    let send = BankMsg::Send { to_address, amount: vec![coin(amount.u128(), denom)] };
    Ok(Some(SubMsg::reply_on_error(send, id(Kind::Refund, request))))
}

/// Credits a transfer that failed: its recipient may claim the coins.
pub(crate) fn failed(deps: DepsMut<'_>, request: RequestId, error: &str) -> Result<Response, ContractError> {
    check_depth(error)?;
    let record = load(deps.storage, request)?;
    let mut book = Book::open(deps.storage)?;
    book.credit(record.refunded(), record.returned)?;
    book.close(deps.storage)?;
    let (address, amount) = (record.refunded().to_string(), record.returned);
    Ok(Response::new().add_event(RefundCredited { request, address, amount }))
}
