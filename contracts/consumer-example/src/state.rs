//! What the example keeps.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Uint128};
use cw_storage_plus::{Item, Map};
use gateway_consumer::{CodeHash, ProjectId, Resolution};

/// A project that the example may ask.
#[cw_serde]
pub(crate) struct Allowed {
    /// The code that must answer: the project's owner may activate another at any time.
    pub(crate) code: CodeHash,
    /// Most that one answer may cost.
    pub(crate) max_fee: Uint128,
}

/// A request that is waited for.
#[cw_serde]
pub(crate) struct Pending {
    /// The project asked.
    pub(crate) project: ProjectId,
    /// The code that must answer.
    pub(crate) code: CodeHash,
}

/// The gateway.
pub(crate) const GATEWAY: Item<Addr> = Item::new("gateway");
/// Who says which projects may be asked.
pub(crate) const OWNER: Item<Addr> = Item::new("owner");
/// Projects that may be asked.
pub(crate) const ALLOWED: Map<u64, Allowed> = Map::new("allowed");
/// The request that is being sent: its id comes with the reply.
pub(crate) const ASKING: Item<Pending> = Item::new("asking");
/// The newest request.
pub(crate) const LATEST: Item<u64> = Item::new("latest");
/// Requests that are waited for.
pub(crate) const PENDING: Map<u64, Pending> = Map::new("pending");
/// Answers by request.
pub(crate) const ANSWERS: Map<u64, Resolution> = Map::new("answers");
