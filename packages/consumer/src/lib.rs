//! What a contract needs to ask the gateway and to receive its answer: the request message, the id that comes back, the
//! check of who calls back, and the typed result. It keeps no state and trusts nothing that it has not checked.

mod answer;
mod ask;
mod error;

pub use answer::{Answer, check, parse_request_id, verify_body};
pub use ask::{Ask, estimate_fee};
pub use error::ConsumerError;
pub use gateway_api::{
    Body, GatewayCallback, GatewayResult, OutcomeClass, Overrides, ProjectId, RequestId, Resolution,
};
