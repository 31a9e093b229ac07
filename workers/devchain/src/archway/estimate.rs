//! The price of a reservation: the gas of the callback at the current price, plus each block of waiting
//! (`x/callback/keeper/fees.go`).

use cosmwasm_std::Coin;

use super::messages::FeeSplit;
use super::{CALLBACK_GAS, FEE_PER_BLOCK_AHEAD, MAX_AHEAD, MAX_PER_HEIGHT, callbacks};
use crate::error::ExecError;
use crate::modules::{Ctx, coins};

/// The parts of a reservation's price, in the denom of fees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Price {
    pub(super) transaction: u128,
    pub(super) future: u128,
}

impl Price {
    /// Returns the minimum offer. The fee for places already taken at the height is zero on the main net.
    pub(super) fn total(self) -> u128 {
        self.transaction.saturating_add(self.future)
    }

    /// Returns the parts as the chain stores and returns them.
    pub(super) fn split(self, ctx: &Ctx, surplus: Option<u128>) -> FeeSplit {
        let coin = |amount| Some(coins::to_proto(&Coin::new(amount, ctx.chain.config.denom.clone())));
        FeeSplit {
            transaction_fees: coin(self.transaction),
            block_reservation_fees: coin(0),
            future_reservation_fees: coin(self.future),
            surplus_fees: surplus.and_then(coin),
        }
    }
}

/// Returns the price of an amount of gas.
pub(super) fn gas_fee(ctx: &Ctx, gas: u64) -> u128 {
    u128::from(gas).saturating_mul(ctx.chain.config.min_gas_price)
}

/// Returns the current price of a callback at a height.
///
/// # Errors
/// [`ExecError::Failed`] when the height is not in the future, too far ahead, or full: gRPC errors without a code of the chain.
pub(super) fn price(ctx: &Ctx, height: i64) -> Result<Price, ExecError> {
    let now = ctx.block.height;
    let ahead = u64::try_from(height).ok().and_then(|height| height.checked_sub(now)).filter(|n| *n > 0);
    let Some(ahead) = ahead else {
        return Err(status("InvalidArgument", format!("block height {height} is not in the future")));
    };
    if ahead > MAX_AHEAD {
        let most = now + MAX_AHEAD;
        let text = format!(
            "block height {height} is too far in the future. max block height callback can be registered at {most}"
        );
        return Err(status("OutOfRange", text));
    }
    if callbacks::at(ctx, now + ahead)?.len() >= MAX_PER_HEIGHT {
        return Err(status("OutOfRange", format!("block height {height} has reached max reservation limit")));
    }
    Ok(Price {
        transaction: gas_fee(ctx, CALLBACK_GAS),
        future: FEE_PER_BLOCK_AHEAD.saturating_mul(u128::from(ahead)),
    })
}

/// Converts a gRPC status to an error of a message or query: it has no code of its own, so ABCI reports code 1 of `undefined`.
fn status(kind: &str, text: String) -> ExecError {
    ExecError::Failed {
        codespace: "undefined",
        code: 1,
        log: format!("rpc error: code = {kind} desc = {text}"),
    }
}
