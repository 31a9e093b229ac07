//! The treasury's share of fees, and what is slashed: credited to the treasury, or burned where there is none.

use cosmwasm_std::{coins, Addr, BankMsg, Uint128};
use gateway_api::limits;

use crate::error::ContractError;
use crate::state::ledger::Book;

/// A share of an amount, in basis points, rounded down.
pub(crate) fn part(amount: Uint128, bps: u16) -> Result<Uint128, ContractError> {
    Ok(amount.checked_mul(Uint128::from(bps))?.checked_div(Uint128::from(limits::BPS))?)
}

/// Gives an amount to the treasury, or burns it.
pub(crate) fn give(
    book: &mut Book,
    treasury: Option<&str>,
    amount: Uint128,
    denom: &str,
) -> Result<Option<BankMsg>, ContractError> {
    match treasury {
        _ if amount.is_zero() => Ok(None),
        // Validated when the settings were taken.
        Some(treasury) => book.credit(&Addr::unchecked(treasury), amount).map(|()| None),
        None => Ok(Some(BankMsg::Burn { amount: coins(amount.u128(), denom) })),
    }
}
