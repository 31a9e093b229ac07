//! What a consumer contract is called with.

use cosmwasm_schema::cw_serde;

use crate::{Body, CodeHash, DrawClass, OutcomeClass, ProjectId, RequestId, ScheduleId, Version};

/// The message a consumer receives: `{"gateway_result":{…}}`.
#[cw_serde]
pub enum GatewayCallback {
    /// A request of the receiver has ended.
    GatewayResult(GatewayResult),
}

/// How a request ended.
#[cw_serde]
pub struct GatewayResult {
    /// The request.
    pub request: RequestId,
    /// The project asked.
    pub project: ProjectId,
    /// The version that ran.
    pub version: Version,
    /// The hash of the version's code.
    pub code: CodeHash,
    /// How the committee was drawn.
    pub draw: DrawClass,
    /// The schedule that opened it, where one did; absent elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<ScheduleId>,
    /// Its end.
    pub resolution: Resolution,
}

/// A request's end.
#[cw_serde]
pub enum Resolution {
    /// A quorum agreed on an outcome: a value where the class is `ok`, else an error.
    Fulfilled {
        /// The outcome's class.
        class: OutcomeClass,
        /// The outcome's body.
        body: Body,
    },
    /// No quorum was reached in time; the fee has been returned.
    Expired {},
}
