//! The checks before a transaction's messages, in the SDK's order, and their effects: the fee paid, the key recorded, the
//! sequence incremented. Executes no message.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cosmrs::proto::cosmos::auth::v1beta1::BaseAccount;
use cosmrs::proto::cosmos::tx::v1beta1::SignerInfo;

use super::decode::DecodedTx;
use super::signature;
use crate::address::module_address;
use crate::error::{ExecError, code};
use crate::event::Event;
use crate::modules::{Ctx, auth, bank, coins};

const MAX_MEMO: usize = 256;
const TX_BYTE: u64 = 10;
const VERIFY_SECP256K1: u64 = 1_000;
/// Bytes that a signature adds to a transaction, for simulations sent without one.
const SIGNATURE_BYTES: usize = 70;
/// The account that receives fees.
pub(crate) const FEE_COLLECTOR: &str = "fee_collector";

/// The purpose of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Admission to the mempool.
    Check,
    /// In a block.
    Deliver,
    /// An estimate: signatures and minimum fees do not matter.
    Simulate,
}

/// Runs all checks. The caller undoes everything if any fails.
pub(crate) fn run(ctx: &Ctx, tx: &DecodedTx, mode: Mode) -> Result<Vec<Event>, ExecError> {
    let mut events = Vec::new();
    check_shape(ctx, tx)?;
    let mut len = tx.len;
    if mode == Mode::Simulate {
        len += SIGNATURE_BYTES * tx.raw.signatures.iter().filter(|s| s.is_empty()).count();
    }
    ctx.state().consume(TX_BYTE * len as u64, "txSize")?;
    deduct_fee(ctx, tx, mode, &mut events)?;
    let accounts = set_public_keys(ctx, tx, &mut events)?;
    for (((signer, info), signature), mut account) in
        tx.signers.iter().zip(&tx.auth.signer_infos).zip(&tx.raw.signatures).zip(accounts)
    {
        ctx.state().consume(VERIFY_SECP256K1, "ante verify: secp256k1")?;
        verify(ctx, tx, info, signature, &account, mode)?;
        account.sequence += 1;
        auth::set(&mut ctx.state(), signer, &account)?;
    }
    Ok(events)
}

fn check_shape(ctx: &Ctx, tx: &DecodedTx) -> Result<(), ExecError> {
    if tx.raw.signatures.is_empty() {
        return Err(ExecError::sdk(code::NO_SIGNATURES, "no signatures"));
    }
    let (expected, got) = (tx.signers.len(), tx.raw.signatures.len());
    if expected != got || expected != tx.auth.signer_infos.len() {
        let text = format!("wrong number of signers; expected {expected}, got {got}");
        return Err(ExecError::sdk(code::UNAUTHORIZED, text));
    }
    let (timeout, height) = (tx.body.timeout_height, ctx.block.height);
    if timeout > 0 && height > timeout {
        let text = format!("block height: {height}, timeout height: {timeout}");
        return Err(ExecError::sdk(code::TX_TIMEOUT_HEIGHT, text));
    }
    if tx.body.memo.len() > MAX_MEMO {
        let text = format!(
            "maximum number of characters is {MAX_MEMO} but received {} characters",
            tx.body.memo.len()
        );
        return Err(ExecError::sdk(code::MEMO_TOO_LARGE, text));
    }
    Ok(())
}

fn deduct_fee(ctx: &Ctx, tx: &DecodedTx, mode: Mode, events: &mut Vec<Event>) -> Result<(), ExecError> {
    let config = &ctx.chain.config;
    let least = u128::from(tx.gas_limit).saturating_mul(config.min_gas_price);
    let paid = tx.fee.iter().find(|c| c.denom == config.denom).map_or(0, |c| c.amount.u128());
    let fee = coins::text(&tx.fee);
    if mode != Mode::Simulate && paid < least {
        // Archway's own wording (x/rewards), which differs from the SDK's.
        let text = format!("tx fee {fee} is less than min fee: {least}{}", config.denom);
        return Err(ExecError::sdk(code::INSUFFICIENT_FEE, text));
    }
    let payer = tx.fee_payer();
    let payer_text = ctx.chain.encode(payer)?;
    if auth::get(&mut ctx.state(), payer)?.is_none() {
        let text = format!("fee payer address: {payer_text} does not exist");
        return Err(ExecError::sdk(code::UNKNOWN_ADDRESS, text));
    }
    if !tx.fee.is_empty() {
        bank::send(ctx, payer, &module_address(FEE_COLLECTOR), &tx.fee, events).map_err(
            |error| match error {
                // The ante handler wraps the bank's error in its own of the same code.
                ExecError::Failed { code: code::INSUFFICIENT_FUNDS, log, .. } => {
                    ExecError::sdk(code::INSUFFICIENT_FUNDS, log)
                }
                other => other,
            },
        )?;
    }
    events.push(Event::new("tx").with("fee", fee).with("fee_payer", payer_text));
    Ok(())
}

/// Records the key of each account that signs for the first time, and returns the accounts.
fn set_public_keys(
    ctx: &Ctx,
    tx: &DecodedTx,
    events: &mut Vec<Event>,
) -> Result<Vec<BaseAccount>, ExecError> {
    let mut accounts = Vec::with_capacity(tx.signers.len());
    for (index, (signer, info)) in tx.signers.iter().zip(&tx.auth.signer_infos).enumerate() {
        let mut state = ctx.state();
        let mut account = auth::require(&mut state, &ctx.chain.codec, signer)?;
        if let Some(any) = &info.public_key {
            let key = signature::public_key(any)?;
            if signature::address_of(key) != *signer {
                let text = format!(
                    "pubKey does not match signer address {} with signer index: {index}",
                    account.address
                );
                return Err(ExecError::sdk(code::INVALID_PUBKEY, text));
            }
            if account.pub_key.is_none() {
                account.pub_key = Some(any.clone());
                auth::set(&mut state, signer, &account)?;
            }
        }
        let acc_seq = format!("{}/{}", account.address, info.sequence);
        events.push(Event::new("tx").with("acc_seq", acc_seq));
        accounts.push(account);
    }
    for signature in &tx.raw.signatures {
        events.push(Event::new("tx").with("signature", STANDARD.encode(signature)));
    }
    Ok(accounts)
}

fn verify(
    ctx: &Ctx,
    tx: &DecodedTx,
    info: &SignerInfo,
    signature: &[u8],
    account: &BaseAccount,
    mode: Mode,
) -> Result<(), ExecError> {
    if info.sequence != account.sequence {
        let text = wrong_sequence(account.sequence, info.sequence);
        return Err(ExecError::sdk(code::WRONG_SEQUENCE, text));
    }
    if mode == Mode::Simulate {
        return Ok(());
    }
    signature::require_direct(info.mode_info.as_ref())?;
    let Some(any) = &account.pub_key else {
        return Err(ExecError::sdk(code::INVALID_PUBKEY, "pubkey on account is not set"));
    };
    let key = signature::public_key(any)?;
    let (chain_id, number) = (&ctx.chain.config.chain_id, account.account_number);
    if signature::verify(&key, signature, &tx.raw, chain_id, number) {
        return Ok(());
    }
    let text = format!(
        "signature verification failed; please verify account number ({number}) and chain-id ({chain_id}): \
         (unable to verify single signer signature)"
    );
    Err(ExecError::sdk(code::UNAUTHORIZED, text))
}

/// Returns the text from which clients parse the expected sequence.
pub(crate) fn wrong_sequence(expected: u64, got: u64) -> String {
    format!("account sequence mismatch, expected {expected}, got {got}")
}
