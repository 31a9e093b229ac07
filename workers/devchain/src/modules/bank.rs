//! Balances and transfers. Knows no reasons for transfers: fees, funds and messages all pass through here.

use cosmrs::proto::cosmos::bank::v1beta1::{MsgMultiSend, MsgSend};
use cosmwasm_std::Coin;

use super::context::Ctx;
use super::{auth, coins};
use crate::error::{ExecError, code};
use crate::event::Event;
use crate::state::layers::Range;
use crate::state::{Session, keys};

/// Returns an address's balance of one denomination.
pub(crate) fn balance(state: &mut Session, address: &[u8], denom: &str) -> Result<u128, ExecError> {
    read_amount(state, &keys::balance(address, denom))
}

/// Returns all balances of an address, sorted by denomination.
pub(crate) fn all_balances(state: &mut Session, address: &[u8]) -> Result<Vec<Coin>, ExecError> {
    let prefix = keys::balances(address);
    let mut range = Range::prefix(&prefix);
    let mut found = Vec::new();
    while let Some((key, value)) = state.first(&range)? {
        let denom = String::from_utf8_lossy(key.get(prefix.len()..).unwrap_or_default()).into_owned();
        found.push(Coin::new(parse_amount(&value)?, denom));
        range.skip(key);
    }
    Ok(found)
}

/// Returns the supply of a denomination.
pub(crate) fn supply(state: &mut Session, denom: &str) -> Result<u128, ExecError> {
    read_amount(state, &keys::supply(denom))
}

/// Transfers coins and emits events. Creates the receiver's account if it is new.
pub(crate) fn send(
    ctx: &Ctx,
    from: &[u8],
    to: &[u8],
    amount: &[Coin],
    events: &mut Vec<Event>,
) -> Result<(), ExecError> {
    let (from_text, to_text) = (ctx.chain.encode(from)?, ctx.chain.encode(to)?);
    let text = coins::text(amount);
    let mut state = ctx.state();
    subtract(&mut state, from, amount)?;
    events.push(Event::new("coin_spent").with("spender", &from_text).with("amount", &text));
    add(&mut state, to, amount)?;
    events.push(Event::new("coin_received").with("receiver", &to_text).with("amount", &text));
    auth::ensure(&mut state, &ctx.chain.codec, to)?;
    events.push(
        Event::new("transfer").with("recipient", to_text).with("sender", &from_text).with("amount", text),
    );
    events.push(Event::new("message").with("sender", from_text));
    Ok(())
}

/// Burns coins of an address.
pub(crate) fn burn(
    ctx: &Ctx,
    from: &[u8],
    amount: &[Coin],
    events: &mut Vec<Event>,
) -> Result<(), ExecError> {
    let from_text = ctx.chain.encode(from)?;
    let text = coins::text(amount);
    let mut state = ctx.state();
    subtract(&mut state, from, amount)?;
    for coin in amount {
        let key = keys::supply(&coin.denom);
        let left = read_amount(&mut state, &key)?.saturating_sub(coin.amount.u128());
        write_amount(&mut state, key, left)?;
    }
    events.push(Event::new("coin_spent").with("spender", &from_text).with("amount", &text));
    events.push(Event::new("burn").with("burner", from_text).with("amount", text));
    Ok(())
}

/// Mints coins: for genesis and for the chain's own minting.
pub(crate) fn mint(state: &mut Session, to: &[u8], coin: &Coin) -> Result<(), ExecError> {
    add(state, to, std::slice::from_ref(coin))?;
    let key = keys::supply(&coin.denom);
    let total = checked_add(read_amount(state, &key)?, coin)?;
    write_amount(state, key, total)
}

/// Handles `MsgSend`.
pub(crate) fn msg_send(ctx: &Ctx, msg: &MsgSend, events: &mut Vec<Event>) -> Result<(), ExecError> {
    let amount = positive(coins::from_proto(&msg.amount)?)?;
    let (from, to) = (ctx.chain.decode(&msg.from_address)?, ctx.chain.decode(&msg.to_address)?);
    send(ctx, &from, &to, &amount, events)
}

/// Handles `MsgMultiSend`, which has exactly one input.
pub(crate) fn msg_multi_send(
    ctx: &Ctx,
    msg: &MsgMultiSend,
    events: &mut Vec<Event>,
) -> Result<(), ExecError> {
    let invalid = |why: &str| ExecError::sdk(code::INVALID_REQUEST, why);
    let [input] = msg.inputs.as_slice() else { return Err(invalid("multiple senders not allowed")) };
    let total = positive(coins::from_proto(&input.coins)?)?;
    let mut left = total.clone();
    let from = ctx.chain.decode(&input.address)?;
    let mut outputs = Vec::with_capacity(msg.outputs.len());
    for output in &msg.outputs {
        let amount = positive(coins::from_proto(&output.coins)?)?;
        for coin in &amount {
            let rest = left.iter_mut().find(|c| c.denom == coin.denom);
            let rest = rest.ok_or_else(|| invalid("sum inputs != sum outputs"))?;
            rest.amount =
                rest.amount.checked_sub(coin.amount).map_err(|_| invalid("sum inputs != sum outputs"))?;
        }
        outputs.push((ctx.chain.decode(&output.address)?, amount));
    }
    if left.iter().any(|coin| !coin.amount.is_zero()) {
        return Err(invalid("sum inputs != sum outputs"));
    }
    for (to, amount) in outputs {
        send(ctx, &from, &to, &amount, events)?;
    }
    Ok(())
}

fn positive(amount: Vec<Coin>) -> Result<Vec<Coin>, ExecError> {
    if amount.is_empty() { Err(ExecError::sdk(code::INVALID_COINS, "")) } else { Ok(amount) }
}

fn subtract(state: &mut Session, from: &[u8], amount: &[Coin]) -> Result<(), ExecError> {
    for coin in amount {
        let key = keys::balance(from, &coin.denom);
        let have = read_amount(state, &key)?;
        let left = have.checked_sub(coin.amount.u128()).ok_or_else(|| {
            let denom = &coin.denom;
            ExecError::sdk(
                code::INSUFFICIENT_FUNDS,
                format!("spendable balance {have}{denom} is smaller than {coin}"),
            )
        })?;
        write_amount(state, key, left)?;
    }
    Ok(())
}

fn add(state: &mut Session, to: &[u8], amount: &[Coin]) -> Result<(), ExecError> {
    for coin in amount {
        let key = keys::balance(to, &coin.denom);
        let total = checked_add(read_amount(state, &key)?, coin)?;
        write_amount(state, key, total)?;
    }
    Ok(())
}

fn checked_add(have: u128, coin: &Coin) -> Result<u128, ExecError> {
    have.checked_add(coin.amount.u128()).ok_or_else(|| ExecError::sdk(code::INVALID_COINS, coin))
}

fn read_amount(state: &mut Session, key: &[u8]) -> Result<u128, ExecError> {
    state.get(key)?.map_or(Ok(0), |bytes| parse_amount(&bytes))
}

fn parse_amount(bytes: &[u8]) -> Result<u128, ExecError> {
    std::str::from_utf8(bytes)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| ExecError::Store("an amount is not a number".to_owned()))
}

/// Writes a balance; a zero balance has no entry, as in the SDK.
fn write_amount(state: &mut Session, key: Vec<u8>, amount: u128) -> Result<(), ExecError> {
    if amount == 0 { state.remove(key) } else { state.set(key, amount.to_string().into_bytes()) }
}
