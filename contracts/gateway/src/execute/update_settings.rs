//! Replaces the settings. Open requests keep the version they were opened with.

use cosmwasm_std::{to_json_vec, DepsMut, Response, StdError};
use gateway_api::events::SettingsUpdated;
use gateway_api::{Settings, SettingsError};

use crate::error::ContractError;
use crate::state::governance::{current_settings, save_settings, GOVERNANCE};

pub(crate) fn update_settings(deps: DepsMut<'_>, settings: Settings) -> Result<Response, ContractError> {
    settings.validate()?;
    if let Some(treasury) = &settings.treasury {
        deps.api.addr_validate(treasury)?;
    }
    let (version, current) = current_settings(deps.storage)?;
    // What is held is held in one denom; another would mix up the ledger.
    if settings.denom != current.denom {
        return Err(SettingsError { field: "denom", bound: "the denom that the contract began with" }.into());
    }
    let settings_version = version.next();
    save_settings(deps.storage, settings_version, &settings)?;
    let mut governance = GOVERNANCE.load(deps.storage)?;
    governance.settings_version = settings_version;
    GOVERNANCE.save(deps.storage, &governance)?;
    let json = |settings: &Settings| String::from_utf8(to_json_vec(settings)?).map_err(StdError::from);
    let (settings, previous) = (json(&settings)?, json(&current)?);
    Ok(Response::new().add_event(SettingsUpdated { settings_version, settings, previous }))
}
