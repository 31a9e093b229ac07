//! Reads the funds of a message that takes some: one coin of the one denom.

use cosmwasm_std::{MessageInfo, Uint128};

use crate::error::ContractError;

/// What was sent: nothing, or one coin of the denom.
pub(crate) fn sent(info: &MessageInfo, denom: &str) -> Result<Uint128, ContractError> {
    match info.funds.as_slice() {
        [] => Ok(Uint128::zero()),
        [coin] if coin.denom == denom => Ok(coin.amount),
        _ => Err(ContractError::WrongFunds { denom: denom.to_owned() }),
    }
}
