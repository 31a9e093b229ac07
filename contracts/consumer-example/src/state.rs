//! What the example keeps.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Uint128};
use cw_storage_plus::{Item, Map};
use gateway_consumer::{CodeHash, Requests, Resolution};

/// A project that the example may ask.
#[cw_serde]
pub(crate) struct Allowed {
    /// The code that must answer: the project's owner may activate another at any time.
    pub(crate) code: CodeHash,
    /// Most that one answer may cost.
    pub(crate) max_fee: Uint128,
}

/// The gateway, and the requests that are waited for.
pub(crate) const REQUESTS: Requests<()> = Requests::new("requests");
/// Who says which projects may be asked.
pub(crate) const OWNER: Item<Addr> = Item::new("owner");
/// Projects that may be asked.
pub(crate) const ALLOWED: Map<u64, Allowed> = Map::new("allowed");
/// The newest request.
pub(crate) const LATEST: Item<u64> = Item::new("latest");
/// Answers by request.
pub(crate) const ANSWERS: Map<u64, Resolution> = Map::new("answers");
