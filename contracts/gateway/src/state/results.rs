//! Results, kept for ever, and how the callbacks about them went.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Addr;
use gateway_api::{AgreedNode, Attempt, Body, EngineId, OutcomeClass, ProjectId, Round};

use crate::state::codec::{Map, Record};

/// A result.
#[cw_serde]
pub(crate) struct ResultRecord {
    /// The project.
    pub(crate) project: ProjectId,
    /// The outcome's class.
    pub(crate) class: OutcomeClass,
    /// The outcome's body.
    pub(crate) body: Body,
    /// The engine that the committee ran.
    pub(crate) engine: EngineId,
    /// The round that drew the committee.
    pub(crate) round: Round,
    /// The attempt it was agreed in.
    pub(crate) attempt: Attempt,
    /// The nodes that agreed.
    pub(crate) agreed: Vec<AgreedNode>,
    /// Seats that agreed.
    pub(crate) seats: u32,
    /// Seats that were needed.
    pub(crate) quorum_seats: u32,
    /// Who published it.
    pub(crate) publisher: Addr,
    /// The height at which it was published.
    pub(crate) height: u64,
    /// Whether a draw of the class `beacon` had too few tickets.
    pub(crate) fallback: bool,
}

/// How a callback went.
#[cw_serde]
pub(crate) enum Callback {
    /// Sent; the chain has not said yet how it went. Never seen between transactions.
    Sent {
        /// Tries that failed before.
        failed: u8,
    },
    /// The consumer took it.
    Delivered,
    /// The consumer failed.
    Failed {
        /// Attempts so far.
        tries: u8,
        /// The chain's error text, shortened.
        error: String,
        /// The height of the last attempt.
        height: u64,
    },
    /// The request expired; nobody has delivered the call yet.
    Due {},
}

impl Record for ResultRecord {}
impl Record for Callback {}

/// Results by request.
pub(crate) const RESULTS: Map<u64, ResultRecord> = Map::new("results");
/// Requests whose callbacks are due.
pub(crate) const DUE: Map<u64, ()> = Map::new("due_callbacks");
/// Callbacks by request, for those that asked for one and have ended.
pub(crate) const CALLBACKS: Map<u64, Callback> = Map::new("callbacks");
