//! What a request is judged by and what it costs: its committee's seats, the publisher's part and the owner's price. The
//! estimate and the charge are this one computation.

use crate::error::ContractError;
use crate::state::requests::Charge;
use cosmwasm_std::Uint128;
use gateway_api::{Overrides, Policy, Settings};

/// What a request gets.
pub(crate) struct Terms {
    /// The policy it is judged by.
    pub(crate) policy: Policy,
    /// Blocks it lives.
    pub(crate) ttl_blocks: u64,
    /// What it is charged; `sent` is what it comes to.
    pub(crate) charge: Charge,
}

/// The terms of a request with overrides under a version's policy and settings.
pub(crate) fn terms(
    settings: &Settings,
    policy: Policy,
    overrides: Option<Overrides>,
) -> Result<Terms, ContractError> {
    let overrides = overrides.unwrap_or_default();
    let policy = overrides.apply(policy)?;
    let ttl_blocks = overrides.life(settings.ttl_blocks)?;
    let committee = settings.seat_price.checked_mul(Uint128::from(policy.committee))?;
    let (relay, project) = (settings.relay_price, policy.price);
    let sent = committee.checked_add(relay)?.checked_add(project)?;
    match overrides.max_fee {
        Some(max) if sent > max => return Err(ContractError::FeeAboveCap { fee: sent, max }),
        Some(_) | None => {}
    }
    let (seat, treasury_bps) = (settings.seat_price, settings.treasury_bps);
    let charge = Charge { sent, committee, seat, relay, project, treasury_bps };
    Ok(Terms { policy, ttl_blocks, charge })
}
