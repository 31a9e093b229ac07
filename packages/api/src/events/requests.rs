//! Events of a request from its opening to its callback.

use cosmwasm_std::Uint128;

use super::definition::events;
use crate::{
    Attempt, BodyHash, DrawClass, EngineId, InputHash, OutcomeClass, ProjectId, RequestId, Round, Version,
};

events! {
    /// A request was opened.
    RequestOpened = "gateway-request-opened" {
        /// Its id.
        request: RequestId,
        /// The project asked.
        project: ProjectId,
        /// The version pinned.
        version: Version,
        /// Who asked and paid.
        requester: String,
        /// The input's hash.
        input_hash: InputHash,
        /// Last height at which it may be fulfilled.
        deadline: u64,
        /// What was reserved.
        reserved: Uint128,
    }
    /// A request of a batch was refused; the rest of its message was not.
    RequestRefused = "gateway-request-refused" {
        /// Its place in the message, from 0.
        index: u32,
        /// The project asked.
        project: ProjectId,
        /// Why.
        reason: String,
    }
    /// Attestations that came straight from nodes were kept; they are no quorum yet.
    AttestationsKept = "gateway-attestations-kept" {
        /// The request.
        request: RequestId,
        /// Nodes that have attested the same outcome.
        nodes: u32,
        /// Their seats.
        seats: u32,
        /// Seats needed.
        quorum_seats: u32,
    }
    /// A publication was refused; the rest of its message was not.
    PublicationRefused = "gateway-publication-refused" {
        /// The request.
        request: RequestId,
        /// The code of the refusal.
        reason: String,
    }
    /// A request was fulfilled.
    RequestFulfilled = "gateway-request-fulfilled" {
        /// The request.
        request: RequestId,
        /// The project.
        project: ProjectId,
        /// The version that ran.
        version: Version,
        /// How the committee was drawn.
        draw: DrawClass,
        /// The outcome's class.
        class: OutcomeClass,
        /// SHA-256 of the outcome's body.
        body: BodyHash,
        /// The engine that the committee ran.
        engine: EngineId,
        /// Who published it.
        publisher: String,
        /// The round that drew it.
        round: Round,
        /// The attempt it was agreed in.
        attempt: Attempt,
        /// Seats that agreed.
        seats: u32,
        /// Seats that were needed.
        quorum_seats: u32,
        /// Coins returned to the requester.
        returned: Uint128,
    }
    /// A request ended without a result.
    RequestExpired = "gateway-request-expired" {
        /// The request.
        request: RequestId,
        /// The project.
        project: ProjectId,
        /// Coins returned to the requester.
        returned: Uint128,
    }
    /// An expired request asked for a callback, which may now be delivered.
    CallbackDue = "gateway-callback-due" {
        /// The request.
        request: RequestId,
    }
    /// A consumer took its callback.
    CallbackDelivered = "gateway-callback-delivered" {
        /// The request.
        request: RequestId,
    }
    /// A consumer's callback failed; the result stands.
    CallbackFailed = "gateway-callback-failed" {
        /// The request.
        request: RequestId,
        /// Tries so far.
        tries: u32,
        /// The chain's error text.
        error: String,
    }
    /// A transfer to a requester failed; the coins may be claimed instead.
    RefundCredited = "gateway-refund-credited" {
        /// The request.
        request: RequestId,
        /// Who may claim them.
        address: String,
        /// Coins.
        amount: Uint128,
    }
}
