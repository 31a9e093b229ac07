//! What the example keeps.

use cosmwasm_std::Addr;
use cw_storage_plus::{Item, Map};
use gateway_consumer::Resolution;

/// The gateway.
pub(crate) const GATEWAY: Item<Addr> = Item::new("gateway");
/// The newest request.
pub(crate) const LATEST: Item<u64> = Item::new("latest");
/// Requests that are waited for.
pub(crate) const PENDING: Map<u64, ()> = Map::new("pending");
/// Answers by request.
pub(crate) const ANSWERS: Map<u64, Resolution> = Map::new("answers");
