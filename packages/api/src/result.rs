//! Results of requests and how their callbacks went, as the contract's queries answer.

use cosmwasm_schema::cw_serde;

use crate::{Body, DrawClass, EngineId, NodeId, OutcomeClass, ProjectId, RequestId, Round, Version};

/// A result.
#[cw_serde]
pub struct ResultResponse {
    /// The request.
    pub request: RequestId,
    /// The project.
    pub project: ProjectId,
    /// The version that ran.
    pub version: Version,
    /// How the committee was drawn.
    pub draw: DrawClass,
    /// Whether a draw of the class `beacon` had too few tickets.
    pub fallback: bool,
    /// The outcome's class.
    pub class: OutcomeClass,
    /// The outcome's body.
    pub body: Body,
    /// The engine that the committee ran.
    pub engine: EngineId,
    /// The round that drew the committee.
    pub round: Round,
    /// The attempt that was agreed in.
    pub attempt: u8,
    /// The nodes that agreed, each with its seats.
    pub agreed: Vec<AgreedNode>,
    /// Seats that agreed.
    pub seats: u32,
    /// Seats that were needed.
    pub quorum_seats: u32,
    /// Who published it.
    pub publisher: String,
    /// The height at which it was published.
    pub height: u64,
    /// How the callback went.
    pub callback: CallbackStatus,
}

/// A node that agreed.
#[cw_serde]
pub struct AgreedNode {
    /// The node.
    pub node: NodeId,
    /// Its seats.
    pub seats: u32,
}

/// How a callback went.
#[cw_serde]
pub enum CallbackStatus {
    /// None was asked for.
    None {},
    /// The consumer took it.
    Delivered {},
    /// The consumer failed; it may be retried.
    Failed {
        /// Attempts so far.
        tries: u8,
        /// The chain's error text, shortened.
        error: String,
    },
    /// The request expired; the callback waits for somebody to deliver it.
    Due {},
}

/// A page of results.
#[cw_serde]
pub struct ResultsResponse {
    /// The results; ask on from the last one's request.
    pub results: Vec<ResultResponse>,
}
