//! What the mock keeps.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Uint128};
use cw_storage_plus::{Item, Map};
use gateway_api::{CallbackStatus, CodeHash, ProjectId, RequestStatus, Resolution, Version};

/// The denom of a mock's fees, as on Archway.
pub(crate) const DENOM: &str = "aarch";
/// The version of every project.
pub(crate) const VERSION: Version = Version(1);
/// The hash of every project's code.
pub(crate) const CODE: CodeHash = CodeHash([7; 32]);

/// A request.
#[cw_serde]
pub(crate) struct Asked {
    pub(crate) project: ProjectId,
    pub(crate) requester: Addr,
    /// Who receives what is not used.
    pub(crate) refunded: Addr,
    pub(crate) input: String,
    pub(crate) callback_gas: Option<u64>,
    pub(crate) height: u64,
    pub(crate) reserved: Uint128,
    pub(crate) status: RequestStatus,
    pub(crate) resolution: Option<Resolution>,
    pub(crate) callback: CallbackStatus,
    /// The height of the last attempt at the callback.
    pub(crate) called_at: u64,
}

/// What a request costs.
pub(crate) const FEE: Item<Uint128> = Item::new("fee");
/// The newest request.
pub(crate) const LAST: Item<u64> = Item::new("last");
/// Requests by number.
pub(crate) const ASKED: Map<u64, Asked> = Map::new("asked");
