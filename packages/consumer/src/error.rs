//! Why nothing is asked, or an answer is not taken.

use cosmwasm_std::{StdError, Uint128};
use gateway_api::{OutcomeClass, RequestId};
use thiserror::Error;

/// Why nothing is asked, or an answer is not taken. None of these is worth a retry with the same message.
#[derive(Debug, PartialEq, Error)]
pub enum ConsumerError {
    /// The chain's or the storage's own.
    #[error(transparent)]
    Std(#[from] StdError),
    /// The sender's funds do not reach the fee.
    #[error("send {needed}{denom} along, the request's fee: what is not used comes back")]
    Fee {
        /// What is needed.
        needed: Uint128,
        /// In this denom.
        denom: String,
    },
    /// The sender's funds hold coins that the gateway does not take.
    #[error("the fee is not paid in {denom}")]
    OtherFunds {
        /// Their denom.
        denom: String,
    },
    /// Somebody else than the gateway called.
    #[error("only the gateway may call back")]
    NotTheGateway {},
    /// The answer is to a request that this contract does not wait for.
    #[error("no request {request} is waited for")]
    NotWaitedFor {
        /// The request answered.
        request: RequestId,
    },
    /// The answer is another project's, version's or code's than the one asked.
    #[error("the answer to request {request} is not of the project, version or code that was asked")]
    Unexpected {
        /// The request answered.
        request: RequestId,
    },
    /// The committee agreed on an error.
    #[error("the request ended with the error {class}")]
    AgreedError {
        /// Its class.
        class: OutcomeClass,
    },
    /// The request ended without a result.
    #[error("the request expired")]
    Expired {},
    /// The body is kept off the chain.
    #[error("the result is kept off the chain, only its hash is here")]
    OffChain {},
    /// A text is not the body it is brought as.
    #[error("the text is not the result's body: its hash or size differs")]
    NotTheBody {},
    /// The body is not of the expected form.
    #[error("the result does not read as expected: {0}")]
    Body(String),
    /// The gateway's reply holds no request id.
    #[error("the gateway's reply holds no request id")]
    NoRequestId {},
}
