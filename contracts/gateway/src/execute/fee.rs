//! What a request costs: its committee's seats, the publisher's part and the owner's price. The estimate and the charge
//! are this one computation.

use crate::error::ContractError;
use crate::state::requests::Charge;
use cosmwasm_std::Uint128;
use gateway_api::{Policy, Settings};

/// The charge of a request under a policy and settings; `sent` is what it comes to.
pub(crate) fn charge(settings: &Settings, policy: &Policy) -> Result<Charge, ContractError> {
    let committee = settings.seat_price.checked_mul(Uint128::from(policy.committee))?;
    let (relay, project) = (settings.relay_price, policy.price);
    let sent = committee.checked_add(relay)?.checked_add(project)?;
    Ok(Charge {
        sent,
        committee,
        seat: settings.seat_price,
        relay,
        project,
        treasury_bps: settings.treasury_bps,
    })
}
