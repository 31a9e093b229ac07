//! Who governs the contract and under which settings. Settings are kept by version: a request keeps its own.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Storage};
use gateway_api::{Settings, SettingsVersion};

use crate::error::ContractError;
use crate::state::codec::{Item, Map, Record};

/// Who governs.
#[cw_serde]
pub(crate) struct Governance {
    /// Who may change settings.
    pub(crate) admin: Addr,
    /// Whom the admin has offered its office; it takes effect when accepted.
    pub(crate) pending_admin: Option<Addr>,
    /// Whether new work is refused. Ends, claims and withdrawals never are.
    pub(crate) paused: bool,
    /// The version of the settings that new requests take.
    pub(crate) settings_version: SettingsVersion,
    /// Who may halt results beside the admin.
    pub(crate) guardian: Option<Addr>,
    /// The height of the last halt.
    pub(crate) halted_from: u64,
    /// The first height at which results may be published again; 0 before the first halt.
    pub(crate) halted_until: u64,
}

impl Record for Governance {}
impl Record for Settings {}

/// The governance record.
pub(crate) const GOVERNANCE: Item<Governance> = Item::new("governance");
const SETTINGS: Map<u32, Settings> = Map::new("settings");

/// Saves a version of the settings.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails or holds an unreadable record.
pub(crate) fn save_settings(
    storage: &mut dyn Storage,
    version: SettingsVersion,
    settings: &Settings,
) -> Result<(), ContractError> {
    SETTINGS.save(storage, version.get(), settings)
}

/// The settings of a version.
///
/// # Errors
/// [`ContractError::Std`] where the record cannot be read. Every version that a record names exists.
pub(crate) fn settings_at(
    storage: &dyn Storage,
    version: SettingsVersion,
) -> Result<Settings, ContractError> {
    SETTINGS.load(storage, version.get())
}

/// The settings that apply to new requests, with their version.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails or holds an unreadable record.
pub(crate) fn current_settings(storage: &dyn Storage) -> Result<(SettingsVersion, Settings), ContractError> {
    let version = GOVERNANCE.load(storage)?.settings_version;
    Ok((version, settings_at(storage, version)?))
}
