//! The example's messages.

use cosmwasm_schema::{cw_serde, QueryResponses};
use cosmwasm_std::Uint128;
use gateway_consumer::{CodeHash, GatewayResult, ProjectId, RequestId, Resolution};

/// How the example begins.
#[cw_serde]
pub struct InstantiateMsg {
    /// The gateway's address.
    pub gateway: String,
}

/// What the example does.
#[cw_serde]
pub enum ExecuteMsg {
    /// Asks a project for a result; the example pays the fee from the funds sent along or from what it holds. Anybody may send
    /// it, which is why only allowed projects are asked: an owner could name its own project at its own price.
    Ask {
        /// The project.
        project: ProjectId,
        /// The input: a JSON text.
        input: String,
    },
    /// Allows a project to be asked, or no more. For whoever instantiated the example.
    Allow {
        /// The project.
        project: ProjectId,
        /// The code that must answer; the project may not be asked where absent.
        code: Option<CodeHash>,
        /// Most that one answer may cost.
        max_fee: Uint128,
    },
    /// Has the gateway pay what the example may claim: refunds that could not be transferred. Anybody may send it.
    Claim {},
    /// The gateway's callback.
    GatewayResult(GatewayResult),
}

/// Queries of the example.
#[cw_serde]
#[derive(QueryResponses)]
pub enum QueryMsg {
    /// The answer to a request.
    #[returns(AnswerResponse)]
    Answer {
        /// The request.
        request: RequestId,
    },
    /// Requests that are waited for, the oldest first, at most 30.
    #[returns(PendingResponse)]
    Pending {},
    /// The newest request of the example.
    #[returns(LatestResponse)]
    Latest {},
}

/// An answer.
#[cw_serde]
pub struct AnswerResponse {
    /// How the request ended; absent while it is waited for.
    pub resolution: Option<Resolution>,
}

/// What is waited for.
#[cw_serde]
pub struct PendingResponse {
    /// The requests.
    pub requests: Vec<RequestId>,
}

/// The newest request.
#[cw_serde]
pub struct LatestResponse {
    /// Its id; absent before the first.
    pub request: Option<RequestId>,
}
