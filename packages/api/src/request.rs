//! A request from its opening to its end.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Uint128;

use crate::{
    Attempt, CodeHash, CodeRef, EngineId, Epoch, InputHash, Overrides, Policy, ProjectId, RequestId, Round,
    Seed, SettingsVersion, SubscriptionId, Version, limits,
};

/// Asks to be called back. The sender is the one called: nobody can have somebody else called.
#[cw_serde]
pub struct CallbackRequest {
    /// Gas for the call, at most the version's cap; the cap itself where absent.
    pub gas_limit: Option<u64>,
}

/// A request to be opened.
#[cw_serde]
pub struct NewRequest {
    /// The project asked.
    pub project: ProjectId,
    /// The input: a JSON text.
    pub input: String,
    /// Whether and how to call the sender back. Only contracts can be called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback: Option<CallbackRequest>,
    /// What is asked for beyond the version's policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overrides: Option<Overrides>,
    /// The version that must be the active one: the request is refused where the owner has activated another meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// The hash that the active version's code must have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<CodeHash>,
    /// Who receives what is not used, instead of the sender. Not beside a subscription, which receives it itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_to: Option<String>,
    /// The subscription that pays: exactly what the request costs, with no funds sent along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<SubscriptionId>,
}

impl NewRequest {
    /// Asks a project's active version, without a callback and under its own policy.
    #[must_use]
    pub fn new(project: ProjectId, input: impl Into<String>) -> Self {
        let input = input.into();
        Self {
            project,
            input,
            callback: None,
            overrides: None,
            version: None,
            code: None,
            refund_to: None,
            subscription: None,
        }
    }
}

/// Where a request stands.
#[cw_serde]
#[derive(Copy, Eq)]
pub enum RequestStatus {
    /// No round has drawn it yet.
    Waiting,
    /// It is drawn and has no result yet.
    Drawn,
    /// It has a result: a value or an agreed error.
    Fulfilled,
    /// It ended without a result and was refunded.
    Expired,
}

/// The draw of a request: all that a node, a relay or anybody else needs to compute and check seats.
#[cw_serde]
pub struct DrawInfo {
    /// The round that draws it.
    pub round: Round,
    /// The round's seed.
    pub seed: Seed,
    /// The height at which the round opened.
    pub height: u64,
    /// The block time of the round, nanoseconds since 1970: the clock that the code sees.
    pub time_ns: u64,
    /// The epoch whose units count.
    pub epoch: Epoch,
    /// All active units of the epoch (U).
    pub total_units: u64,
    /// The latest attempt that has begun.
    pub attempt: Attempt,
    /// Blocks an attempt lasts.
    pub attempt_blocks: u64,
    /// The engine that attestations must be of; any where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<EngineId>,
}

/// A request.
#[cw_serde]
pub struct RequestResponse {
    /// Its id.
    pub request: RequestId,
    /// The project asked.
    pub project: ProjectId,
    /// The version pinned when the request was opened.
    pub version: Version,
    /// The version's code.
    pub code: CodeRef,
    /// The effective policy: the version's, with the request's overrides.
    pub policy: Policy,
    /// Who asked and paid.
    pub requester: String,
    /// The input; absent once the request has ended.
    pub input: Option<String>,
    /// The input's hash.
    pub input_hash: InputHash,
    /// Gas of the callback, where one was asked for.
    pub callback_gas: Option<u64>,
    /// Height at which it was opened.
    pub height: u64,
    /// Last height at which it may be fulfilled.
    pub deadline: u64,
    /// What was reserved for it, in the settings' denom.
    pub reserved: Uint128,
    /// The settings it was opened under.
    pub settings_version: SettingsVersion,
    /// Largest result body that is published whole, bytes; a larger one is published by its hash.
    #[serde(default = "inline_before_there_was_a_limit")]
    pub max_inline_bytes: u32,
    /// Where it stands.
    pub status: RequestStatus,
    /// Its draw, once there is one.
    pub draw: Option<DrawInfo>,
}

/// An open request without its input, code and policy: what fits many to a page.
#[cw_serde]
pub struct OpenRequest {
    /// Its id.
    pub request: RequestId,
    /// The project asked.
    pub project: ProjectId,
    /// Last height at which it may be fulfilled.
    pub deadline: u64,
    /// Its draw, once there is one.
    pub draw: Option<DrawInfo>,
}

/// A page of open requests, in order of their ids.
#[cw_serde]
pub struct OpenRequestsResponse {
    /// The requests. A page may be short: continue after the last id until one is empty.
    pub requests: Vec<OpenRequest>,
}

/// What answers of older releases stand for.
const fn inline_before_there_was_a_limit() -> u32 {
    limits::MAX_INLINE_RESULT_BYTES
}

/// Requests that were asked for by id.
#[cw_serde]
pub struct RequestsResponse {
    /// The requests, in the order asked for.
    pub requests: Vec<RequestResponse>,
}
