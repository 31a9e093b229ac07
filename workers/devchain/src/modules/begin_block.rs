//! What the chain does before a block's transactions: it mints, and gives the minted coins and the fees of the last block's
//! transactions to the validator (x/mint, x/distribution). Only totals are kept: there are no delegators here.

use cosmwasm_std::Coin;

use super::context::Ctx;
use super::{bank, coins};
use crate::address::{AddressCodec, module_address};
use crate::error::{ExecError, code};
use crate::event::Event;
use crate::tx::ante::FEE_COLLECTOR;

/// Amount minted per block, in the smallest unit of the denom of fees: typical of a young chain.
const MINTED: u128 = 1_000_000;
const MINT: &str = "mint";
const DISTRIBUTION: &str = "distribution";

/// Mints and distributes.
///
/// # Errors
/// [`ExecError::Store`].
pub(crate) fn begin_block(ctx: &Ctx) -> Result<Vec<Event>, ExecError> {
    let mut events = Vec::new();
    let (mint, collector) = (module_address(MINT), module_address(FEE_COLLECTOR));
    let minted = [Coin::new(MINTED, ctx.chain.config.denom.clone())];
    bank::mint(&mut ctx.state(), &mint, &minted[0])?;
    let (minter, amount) = (ctx.chain.encode(&mint)?, coins::text(&minted));
    events.push(Event::new("coin_received").with("receiver", &minter).with("amount", &amount));
    events.push(Event::new("coinbase").with("minter", minter).with("amount", amount));
    bank::send(ctx, &mint, &collector, &minted, &mut events)?;
    events.push(
        Event::new("mint")
            .with("bonded_ratio", "1.000000000000000000")
            .with("inflation", "0.070000000000000000")
            .with("annual_provisions", format!("{}.000000000000000000", MINTED * 5_259_600))
            .with("amount", MINTED.to_string()),
    );
    // No commit precedes the first block, so there is nobody to reward.
    if ctx.block.height > 1 {
        let collected = bank::all_balances(&mut ctx.state(), &collector)?;
        bank::send(ctx, &collector, &module_address(DISTRIBUTION), &collected, &mut events)?;
        let shares: Vec<String> = collected
            .iter()
            .map(|coin| format!("{}.000000000000000000{}", coin.amount, coin.denom))
            .collect();
        let tenths = collected.iter().map(|coin| {
            let amount = coin.amount.u128();
            format!("{}.{}00000000000000000{}", amount / 10, amount % 10, coin.denom)
        });
        let tenths: Vec<String> = tenths.collect();
        let validator = validator_address(ctx)?;
        events.push(Event::new("commission").with("amount", tenths.join(",")).with("validator", &validator));
        events.push(Event::new("rewards").with("amount", shares.join(",")).with("validator", validator));
    }
    Ok(events)
}

/// Returns the validator's address in the form of its operator's account.
fn validator_address(ctx: &Ctx) -> Result<String, ExecError> {
    let prefix = format!("{}valoper", ctx.chain.config.bech32_prefix);
    let codec = AddressCodec::new(&prefix).map_err(|e| ExecError::sdk(code::INVALID_ADDRESS, e))?;
    codec.encode(&module_address("validator")).map_err(|e| ExecError::sdk(code::INVALID_ADDRESS, e))
}
