//! Tells of fees, rewards and what the contract holds.

use crate::error::ContractError;
use crate::execute::fee::terms;
use crate::state::governance::current_settings;
use crate::state::ledger::{claimable, totals};
use crate::state::projects;
use cosmwasm_std::{Deps, Storage};
use gateway_api::{FeeResponse, LedgerResponse, Overrides, ProjectId, RewardsResponse};

pub(super) fn estimate(
    storage: &dyn Storage,
    height: u64,
    project: ProjectId,
    overrides: Option<Overrides>,
) -> Result<FeeResponse, ContractError> {
    let (_, settings) = current_settings(storage)?;
    let version = projects::project(storage, project)?.active_at(height);
    let policy = projects::version(storage, project, version)?.policy;
    let charge = terms(&settings, policy, overrides)?.charge;
    Ok(FeeResponse {
        denom: settings.denom,
        total: charge.sent,
        committee: charge.committee,
        relay: charge.relay,
        project: charge.project,
    })
}

pub(super) fn rewards(deps: Deps<'_>, address: &str) -> Result<RewardsResponse, ContractError> {
    let address = deps.api.addr_validate(address)?;
    Ok(RewardsResponse { amount: claimable(deps.storage, &address)? })
}

pub(super) fn ledger(storage: &dyn Storage) -> Result<LedgerResponse, ContractError> {
    let (_, settings) = current_settings(storage)?;
    let totals = totals(storage)?;
    Ok(LedgerResponse {
        denom: settings.denom,
        stake: totals.stake,
        reserved: totals.reserved,
        claimable: totals.claimable,
    })
}
