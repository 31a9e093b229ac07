//! How the contract begins and how it moves to its next release.

use cosmwasm_schema::cw_serde;

use crate::Settings;

/// Begins the contract: the first block is the start of epoch 0 and of round 0.
#[cw_serde]
pub struct InstantiateMsg {
    /// Who may change settings; the sender where absent.
    pub admin: Option<String>,
    /// The first settings.
    pub settings: Settings,
}

/// Moves the state to this release. Downgrades are refused.
#[cw_serde]
pub struct MigrateMsg {}
