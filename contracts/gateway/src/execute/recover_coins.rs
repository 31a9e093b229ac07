//! Sends away coins that came in another denom than the settings': the ledger knows only that one, so nobody is owed any.

use cosmwasm_std::{BankMsg, DepsMut, Env, Response};
use gateway_api::events::CoinsRecovered;

use crate::error::ContractError;
use crate::state::governance::current_settings;

pub(crate) fn recover_coins(
    deps: DepsMut<'_>,
    env: &Env,
    denom: String,
    to: &str,
) -> Result<Response, ContractError> {
    let (_, settings) = current_settings(deps.storage)?;
    let to = deps.api.addr_validate(to)?.into_string();
    let held = deps.querier.query_balance(&env.contract.address, denom.as_str())?;
    if denom == settings.denom || held.amount.is_zero() {
        return Err(ContractError::NothingToRecover { denom });
    }
    let event = CoinsRecovered { denom, to: to.clone(), amount: held.amount };
    let send = BankMsg::Send { to_address: to, amount: vec![held] };
    Ok(Response::new().add_event(event).add_message(send))
}
