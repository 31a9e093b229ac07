//! What has gathered for a request on the chain, one tally per outcome.

use cosmwasm_schema::cw_serde;

use crate::{Body, EngineId, NodeId, OutcomeClass};

/// What has gathered for a request.
#[cw_serde]
pub struct TalliesResponse {
    /// One tally per outcome.
    pub tallies: Vec<TallyResponse>,
}

/// What has gathered for one outcome.
#[cw_serde]
pub struct TallyResponse {
    /// The engine that ran.
    pub engine: EngineId,
    /// The outcome's class.
    pub class: OutcomeClass,
    /// Its body.
    pub body: Body,
    /// The nodes that attested it.
    pub nodes: Vec<NodeId>,
}
