//! Computes a request's effective policy and fee: its committee's seats, the publisher's part with the callback's gas, the
//! owner's price and the keepers' part. The estimate and the charge are this one computation.

use cosmwasm_std::Uint128;
use gateway_api::{CallbackRequest, Overrides, Policy, Settings};

use crate::error::ContractError;
use crate::state::requests::Charge;

/// What a request gets.
pub(crate) struct Terms {
    /// The effective policy.
    pub(crate) policy: Policy,
    /// Blocks it lives.
    pub(crate) ttl_blocks: u64,
    /// What it is charged and may have back; `sent` is what it comes to.
    pub(crate) charge: Charge,
    /// What it pays into the keepers' pool.
    pub(crate) keepers: Uint128,
    /// Gas of the callback, where one is asked for.
    pub(crate) callback_gas: Option<u64>,
}

/// The terms of a request with overrides under a version's policy and settings.
pub(crate) fn terms(
    settings: &Settings,
    policy: Policy,
    overrides: Option<Overrides>,
    callback: Option<&CallbackRequest>,
) -> Result<Terms, ContractError> {
    let overrides = overrides.unwrap_or_default();
    let policy = overrides.apply(policy)?;
    let ttl_blocks = overrides.life(settings.ttl_blocks)?;
    let committee = settings.seat_price.checked_mul(Uint128::from(policy.committee))?;
    let callback_gas = callback.map(|wanted| callback_gas(&policy, wanted)).transpose()?;
    // For each 1,000 gas that have begun.
    let thousands = Uint128::from(callback_gas.unwrap_or_default().div_ceil(1000));
    let for_callback = settings.callback_gas_price.unwrap_or_default().checked_mul(thousands)?;
    let (relay, project) = (settings.relay_price.checked_add(for_callback)?, policy.price);
    let keepers = settings.keepers.map_or(Uint128::zero(), |keepers| keepers.price);
    let sent = committee.checked_add(relay)?.checked_add(project)?;
    let fee = sent.checked_add(keepers)?;
    match overrides.max_fee {
        Some(max) if fee > max => return Err(ContractError::FeeAboveCap { fee, max }),
        Some(_) | None => {}
    }
    let (seat, treasury_bps) = (settings.seat_price, settings.treasury_bps);
    let charge = Charge { sent, committee, seat, relay, project, treasury_bps };
    Ok(Terms { policy, ttl_blocks, charge, keepers, callback_gas })
}

fn callback_gas(policy: &Policy, wanted: &CallbackRequest) -> Result<u64, ContractError> {
    let max = policy.callback_gas;
    let gas = wanted.gas_limit.unwrap_or(max);
    if gas == 0 || gas > max {
        return Err(ContractError::CallbackGas { max });
    }
    Ok(gas)
}
