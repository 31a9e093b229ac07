//! Attestations that came straight from nodes and gather until they are a quorum. Bounded by request, and gone with its
//! end. Also what has been slashed for.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Storage;
use gateway_api::{limits, Body, EngineId, NodeId, OutcomeClass, RequestId, VrfOutput};
use gateway_protocol::OutcomeHash;

use crate::error::ContractError;
use crate::state::codec::{Map, Record};

/// A node that has attested the outcome.
#[cw_serde]
pub(crate) struct Member {
    /// The node.
    pub(crate) node: NodeId,
    /// Its verified output: what its seats in each attempt follow from.
    pub(crate) output: VrfOutput,
}

/// What has gathered for one outcome.
#[cw_serde]
pub(crate) struct Tally {
    /// The engine that ran.
    pub(crate) engine: EngineId,
    /// The outcome's class.
    pub(crate) class: OutcomeClass,
    /// Its body.
    pub(crate) body: Body,
    /// The nodes that have attested the outcome.
    pub(crate) members: Vec<Member>,
}

impl Record for Tally {}

/// Tallies by request and outcome.
const TALLIES: Map<(u64, &[u8]), Tally> = Map::new("tallies");
/// Nodes slashed, by node and request.
pub(crate) const SLASHED: Map<(u32, u64), ()> = Map::new("slashed");

/// The tallies of a request, with their outcomes.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails or holds an unreadable record.
pub(crate) fn of(storage: &dyn Storage, id: RequestId) -> Result<Vec<(Vec<u8>, Tally)>, ContractError> {
    TALLIES
        .keys_below(storage, id.get(), limits::MAX_TALLIES)?
        .into_iter()
        .map(|outcome| {
            let tally = TALLIES.load(storage, (id.get(), &outcome))?;
            Ok((outcome, tally))
        })
        .collect()
}

/// Saves a tally.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails or holds an unreadable record.
pub(crate) fn save(
    storage: &mut dyn Storage,
    id: RequestId,
    outcome: &OutcomeHash,
    tally: &Tally,
) -> Result<(), ContractError> {
    TALLIES.save(storage, (id.get(), &outcome.0), tally)
}

/// Forgets a request's tallies.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails or holds an unreadable record.
pub(crate) fn clear(storage: &mut dyn Storage, id: RequestId) -> Result<(), ContractError> {
    for outcome in TALLIES.keys_below(storage, id.get(), limits::MAX_TALLIES)? {
        TALLIES.remove(storage, (id.get(), &outcome));
    }
    Ok(())
}
