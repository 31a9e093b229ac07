//! Pays an address everything it may claim, whoever sends the message.

use cosmwasm_std::{coins, BankMsg, DepsMut, MessageInfo, Response};
use gateway_api::events::RewardsClaimed;

use crate::error::ContractError;
use crate::state::governance::current_settings;
use crate::state::ledger::take_claimable;

pub(crate) fn claim(
    deps: DepsMut<'_>,
    info: MessageInfo,
    address: Option<String>,
) -> Result<Response, ContractError> {
    let address = match address {
        Some(address) => deps.api.addr_validate(&address)?,
        None => info.sender,
    };
    let amount = take_claimable(deps.storage, &address)?;
    if amount.is_zero() {
        return Err(ContractError::NothingToClaim {});
    }
    let (_, settings) = current_settings(deps.storage)?;
    let to_address = address.into_string();
    Ok(Response::new()
        .add_event(RewardsClaimed { address: to_address.clone(), amount })
        .add_message(BankMsg::Send { to_address, amount: coins(amount.u128(), settings.denom) }))
}
