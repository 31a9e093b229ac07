//! Callbacks: reserved by a message, executed once at the end of the block they are reserved for, whatever their outcome
//! (`x/callback`). Anything offered above the exact price is kept; of the rest the unused gas is refunded.

use cosmrs::proto::prost::Message;
use cosmwasm_std::Coin;

use super::messages::{Callback, MsgCancelCallback, MsgCancelCallbackResponse, MsgRequestCallback};
use super::{CALLBACK_GAS, MODULE, estimate, events};
use crate::address::module_address;
use crate::error::{ExecError, code};
use crate::event::Event;
use crate::modules::{Ctx, bank, coins};
use crate::state::keys;
use crate::state::layers::Range;
use crate::tx::ante::FEE_COLLECTOR;
use crate::wasm;

/// Returns an error of the module by its code (`x/callback/types/errors.go`).
fn refused(code: u32, context: &str) -> ExecError {
    let text = match code {
        2 => "contract with given address not found",
        3 => "callback with given job id already exists for given height",
        4 => "callback request height is not in the future",
        5 => "sender not authorized to register callback",
        6 => "callback with given job id does not exist for given height",
        _ => "insufficient fees to register callback",
    };
    let log = if context.is_empty() { text.to_owned() } else { format!("{context}: {text}") };
    ExecError::Failed { codespace: MODULE, code, log }
}

/// Returns the callbacks reserved for a height, in execution order: by contract, then by job.
pub(super) fn at(ctx: &Ctx, height: u64) -> Result<Vec<Callback>, ExecError> {
    let mut range = Range::prefix(&keys::callbacks(height));
    let mut found = Vec::new();
    while let Some((key, value)) = ctx.state().first(&range)? {
        found.push(Callback::decode(value.as_slice()).map_err(|e| ExecError::Store(e.to_string()))?);
        range.skip(key);
    }
    Ok(found)
}

/// Returns the key under which a callback is stored.
fn key(ctx: &Ctx, contract: &str, height: i64, job: u64) -> Result<Vec<u8>, ExecError> {
    let height = u64::try_from(height).map_err(|_| refused(4, ""))?;
    Ok(keys::callback(height, &ctx.chain.decode(contract)?, job))
}

/// Refuses everyone except the contract itself and its admin.
fn authorise(ctx: &Ctx, contract: &str, sender: &str) -> Result<(), ExecError> {
    let address = ctx.chain.decode(contract)?;
    let info = wasm::contract_info(&mut ctx.state(), &address)?.ok_or_else(|| refused(2, ""))?;
    if sender == contract || sender == info.admin { Ok(()) } else { Err(refused(5, "")) }
}

/// Handles `MsgRequestCallback`.
///
/// # Errors
/// [`ExecError::Failed`] with the chain's own codes: the height is past, too far ahead or full; the offer is below the price;
/// the sender is not authorised, or the callback is already reserved.
pub(crate) fn request(ctx: &Ctx, msg: &MsgRequestCallback, out: &mut Vec<Event>) -> Result<(), ExecError> {
    let price = estimate::price(ctx, msg.callback_height)?;
    let denom = &ctx.chain.config.denom;
    let offered = coins::from_proto(msg.fees.as_slice())?;
    let amount = match offered.as_slice() {
        [coin] if coin.denom == *denom => coin.amount.u128(),
        // The chain compares coins and panics on the transaction if their denoms differ.
        _ => return Err(ExecError::sdk(code::PANIC, "invalid coin denominations; panic")),
    };
    let Some(surplus) = amount.checked_sub(price.total()) else {
        let text = format!("expected {}{denom}, got {amount}{denom}", price.total());
        return Err(refused(7, &text));
    };
    authorise(ctx, &msg.contract_address, &msg.sender)?;
    let key = key(ctx, &msg.contract_address, msg.callback_height, msg.job_id)?;
    if ctx.state().get(&key)?.is_some() {
        return Err(refused(3, ""));
    }
    let callback = Callback {
        contract_address: msg.contract_address.clone(),
        job_id: msg.job_id,
        callback_height: msg.callback_height,
        fee_split: Some(price.split(ctx, Some(surplus))),
        reserved_by: msg.sender.clone(),
        max_gas_limit: CALLBACK_GAS,
    };
    ctx.state().set(key, callback.encode_to_vec())?;
    bank::send(ctx, &ctx.chain.decode(&msg.sender)?, &module_address(MODULE), &offered, out)?;
    out.push(events::registered(&callback));
    Ok(())
}

/// Handles `MsgCancelCallback`: refunds the gas, but not the fee for waiting and the surplus.
///
/// # Errors
/// [`ExecError::Failed`] when there is no such callback, or it is not the sender's.
pub(crate) fn cancel(
    ctx: &Ctx,
    msg: &MsgCancelCallback,
    out: &mut Vec<Event>,
) -> Result<MsgCancelCallbackResponse, ExecError> {
    let key = key(ctx, &msg.contract_address, msg.callback_height, msg.job_id)?;
    let Some(stored) = ctx.state().get(&key)? else {
        return Err(refused(6, "callback with given job id does not exist for given height"));
    };
    let callback = Callback::decode(stored.as_slice()).map_err(|e| ExecError::Store(e.to_string()))?;
    authorise(ctx, &msg.contract_address, &msg.sender)?;
    ctx.state().remove(key)?;
    let paid = Paid::of(&callback);
    let collected = paid.kept();
    pay(ctx, &ctx.chain.decode(&msg.sender)?, paid.transaction, out)?;
    pay(ctx, &module_address(FEE_COLLECTOR), collected, out)?;
    let refund = Coin::new(paid.transaction, ctx.chain.config.denom.clone());
    Ok(MsgCancelCallbackResponse { refund: Some(coins::to_proto(&refund)) })
}

/// What was paid for a callback.
#[derive(Clone, Copy)]
struct Paid {
    transaction: u128,
    future: u128,
    surplus: u128,
}

impl Paid {
    fn of(callback: &Callback) -> Self {
        let split = callback.fee_split.clone().unwrap_or_default();
        let amount = |coin: Option<cosmrs::proto::cosmos::base::v1beta1::Coin>| {
            coin.and_then(|coin| coin.amount.parse().ok()).unwrap_or_default()
        };
        Self {
            transaction: amount(split.transaction_fees),
            future: amount(split.future_reservation_fees),
            surplus: amount(split.surplus_fees),
        }
    }

    /// Returns what goes to the fee collector regardless of the gas used.
    fn kept(self) -> u128 {
        self.future.saturating_add(self.surplus)
    }
}

fn pay(ctx: &Ctx, to: &[u8], amount: u128, out: &mut Vec<Event>) -> Result<(), ExecError> {
    if amount == 0 {
        return Ok(());
    }
    let amount = [Coin::new(amount, ctx.chain.config.denom.clone())];
    bank::send(ctx, &module_address(MODULE), to, &amount, out)
}

/// Executes the callbacks of this block's height, after its transactions.
///
/// # Errors
/// [`ExecError::Store`] only: a failing contract loses its own writes and stops nothing else.
pub(crate) fn end_block(ctx: &Ctx) -> Result<Vec<Event>, ExecError> {
    let mut all = Vec::new();
    for callback in at(ctx, ctx.block.height)? {
        make(ctx, &callback, &mut all)?;
        let key = key(ctx, &callback.contract_address, callback.callback_height, callback.job_id)?;
        ctx.state().remove(key)?;
    }
    Ok(all)
}

fn make(ctx: &Ctx, callback: &Callback, all: &mut Vec<Event>) -> Result<(), ExecError> {
    let msg = serde_json::json!({ "callback": { "job_id": callback.job_id } }).to_string();
    let contract = ctx.chain.decode(&callback.contract_address)?;
    ctx.state().push_meter(callback.max_gas_limit);
    let result = ctx.atomically(|ctx| {
        let mut events = Vec::new();
        wasm::sudo(ctx, &contract, msg.as_bytes(), &mut events)?;
        Ok(events)
    });
    let used = ctx.state().pop_meter().used_to_limit();
    match result {
        Ok(events) => {
            all.extend(events);
            all.push(events::succeeded(callback, &msg, used));
        }
        Err(error @ ExecError::Store(_)) => return Err(error),
        Err(error) => all.push(events::failed(callback, &msg, used, &error.to_string())),
    }
    let paid = Paid::of(callback);
    let consumed = estimate::gas_fee(ctx, used).min(paid.transaction);
    pay(ctx, &ctx.chain.decode(&callback.reserved_by)?, paid.transaction - consumed, all)?;
    pay(ctx, &module_address(FEE_COLLECTOR), paid.kept().saturating_add(consumed), all)
}
