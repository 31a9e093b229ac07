//! Returns coins to a requester by a transfer that may fail without harm: what cannot be sent is credited instead.

use crate::error::ContractError;
use crate::reply::{id, Kind};
use crate::state::ledger::Book;
use crate::state::requests::request as load;
use cosmwasm_std::{coin, Addr, BankMsg, DepsMut, Response, SubMsg, Uint128};
use gateway_api::RequestId;

/// The transfer; none for nothing.
pub(crate) fn transfer(request: RequestId, to: &Addr, amount: Uint128, denom: &str) -> Option<SubMsg> {
    (!amount.is_zero()).then(|| {
        let send = BankMsg::Send { to_address: to.to_string(), amount: vec![coin(amount.u128(), denom)] };
        SubMsg::reply_on_error(send, id(Kind::Refund, request))
    })
}

/// The transfer failed: the requester may claim the coins.
pub(crate) fn failed(deps: DepsMut<'_>, request: RequestId) -> Result<Response, ContractError> {
    let record = load(deps.storage, request)?;
    let mut book = Book::open(deps.storage)?;
    book.credit(&record.requester, record.returned)?;
    book.close(deps.storage)?;
    Ok(Response::new())
}
