//! What a contract needs to ask the gateway and to receive its answer: the request message, the id that comes back, the
//! check of the callback, the typed result, and the claim of refunds that could not be transferred. It trusts nothing that
//! it has not checked.
#![doc = include_str!("../README.md")]

mod answer;
mod ask;
mod error;
mod requests;
mod schedule;

pub use answer::{
    Answer, Expected, check, check_scheduled, parse_request_id, parse_schedule_id, verify_body,
};
pub use ask::{Ask, claim, rest};
pub use error::ConsumerError;
pub use gateway_api::{
    Body, CodeHash, DrawClass, FeeResponse, GatewayCallback, GatewayResult, OutcomeClass, Overrides,
    ProjectId, RequestId, Resolution, ScheduleId, SubscriptionId, Version,
};
pub use requests::Requests;
pub use schedule::{Timing, cancel_schedule};
