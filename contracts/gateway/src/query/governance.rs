//! Queries of the admin, the guardian and the settings.

use cosmwasm_std::{Addr, Storage};
use gateway_api::{ConfigResponse, GovernanceResponse};

use crate::error::ContractError;
use crate::release::RELEASE;
use crate::state::governance::{current_settings, GOVERNANCE};

pub(super) fn governance(storage: &dyn Storage) -> Result<GovernanceResponse, ContractError> {
    let record = GOVERNANCE.load(storage)?;
    Ok(GovernanceResponse {
        paused: record.paused,
        offered_to: record.pending_admin.map(Addr::into_string),
        guardian: record.guardian.map(Addr::into_string),
        halted_until: (record.halted_until > 0).then_some(record.halted_until),
    })
}

pub(super) fn config(storage: &dyn Storage) -> Result<ConfigResponse, ContractError> {
    let admin = GOVERNANCE.load(storage)?.admin.into_string();
    let (settings_version, settings) = current_settings(storage)?;
    Ok(ConfigResponse { admin, release: RELEASE.to_owned(), settings, settings_version })
}
