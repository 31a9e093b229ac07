//! Preimages, the verifiable draw, seats and quorum arithmetic, computed alike by the contract, nodes, relays and tools.
//!
//! Everything here is a pure function of its arguments: integers only, no clock, no system randomness, no I/O. It compiles
//! for the contract. The JSON vectors in `tests/vectors` pin every preimage.

mod abstention;
mod batch;
mod beacon;
mod domain;
mod draw;
mod equation;
mod hash;
mod median;
mod possession;
mod seats;
mod secret;
mod verify;

pub use abstention::{sign_abstention, verify_abstention};
pub use batch::{BatchItem, verify_batch};
pub use beacon::{make_ticket, ticket_value, verify_ticket};
pub use domain::{BodyDigest, Domain, OutcomeHash, OutcomePreimage};
pub use draw::DrawContext;
pub use equation::ProofError;
pub use hash::{body_digest, code_hash, hash, input_hash, published_body};
pub use median::{Decimal, DecimalError, Vote, weighted_median};
pub use possession::{KeyError, POSSESSION_LEN, check_key, verify_possession};
pub use seats::{Threshold, expected_seats, quorum_seats};
pub use secret::SecretKey;
pub use verify::verify_one;
