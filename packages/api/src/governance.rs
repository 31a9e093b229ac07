//! Who governs the contract and which settings apply, as its queries answer.

use cosmwasm_schema::cw_serde;

use crate::{Settings, SettingsVersion};

/// Who governs and which settings apply.
#[cw_serde]
pub struct ConfigResponse {
    /// Who may change settings.
    pub admin: String,
    /// The release that runs.
    pub release: String,
    /// The settings that apply to new requests.
    pub settings: Settings,
    /// Their version.
    pub settings_version: SettingsVersion,
}

/// How new work and the admin's office stand.
#[cw_serde]
pub struct GovernanceResponse {
    /// Whether new work is refused.
    pub paused: bool,
    /// To whom the admin's office has been offered.
    pub offered_to: Option<String>,
    /// Who may halt results beside the admin.
    pub guardian: Option<String>,
    /// The first height at which results may be published again, where they are or were halted.
    pub halted_until: Option<u64>,
}
