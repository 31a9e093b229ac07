//! Every rule of the protocol, written once: draws and seats, quorums, attempts, aggregation, outcomes and their proofs.
//!
//! Contract, nodes, relays, command line, simulator and tests call these functions; nobody else computes what they compute.
//! All are pure functions of their arguments: integers only, no clock, no system randomness, no I/O. They compile for the
//! contract. The JSON vectors in `tests/vectors` pin every preimage.
//!
//! A node signs an outcome and anybody verifies it:
//!
//! ```
//! use gateway_api::{AttestationBytes, CodeHash, EngineId, InputHash, NodeId, OutcomeClass, RequestId, Seed};
//! use gateway_protocol::{Domain, DrawnRequest, Outcome, SecretKey, body_digest};
//!
//! let drawn = DrawnRequest {
//!     domain: Domain { chain_id: "archway-1", contract: "archway1gateway" },
//!     request: RequestId(1),
//!     code: CodeHash([1; 32]),
//!     input: InputHash([2; 32]),
//!     seed: Seed([3; 32]),
//! };
//! let key = SecretKey::from_bytes(&[4; 32])?;
//! let engine = EngineId([5; 32]);
//! let outcome = Outcome { engine, class: OutcomeClass::Ok, body: "8".to_owned(), value: None };
//! let (_commitment, signed) = drawn.sign(&key, NodeId(1), outcome);
//!
//! let proof = AttestationBytes::from_slice(&signed.attestation.proof)?;
//! let outcome = drawn.outcome(signed.engine, signed.class, body_digest(&signed.body));
//! drawn.verify(&key.public(), &proof, &outcome)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod abstention;
mod aggregation;
mod agreement;
mod attempts;
mod batch;
mod beacon;
mod body;
mod code_request;
mod committee;
mod domain;
mod draw;
mod drawn_request;
mod engine;
mod equation;
mod fields;
mod hash;
mod median;
mod possession;
mod quorum;
pub mod sealing;
mod seats;
mod secret;
mod verify;

pub use abstention::{sign_abstention, verify_abstention};
pub use aggregation::{
    Aggregate, ComparedValue, ValueError, aggregate, compared_value, compares_values, not_the_aggregate,
};
pub use agreement::{Group, Vote, agree};
pub use attempts::AttemptSchedule;
pub use batch::{BatchItem, verify_batch};
pub use beacon::{make_ticket, ticket_value, verify_ticket};
pub use body::{BodyDigest, body_digest, check_published_body, published_body};
pub use code_request::{CODE_REQUEST_BLOCKS, is_fresh, sign_code_request, verify_code_request};
pub use committee::{Member, Seated, evaluate_attestation, seats_by_attempt};
pub use domain::{Domain, OutcomeHash, OutcomePreimage};
pub use draw::DrawContext;
pub use drawn_request::{DrawnRequest, Outcome};
pub use engine::{check_engine, is_ready, required_engine};
pub use equation::ProofError;
pub use fields::{FieldError, FieldValues};
pub use hash::{code_hash, hash, input_hash};
pub use median::{Decimal, DecimalError, WeightedValue, weighted_median};
pub use possession::{KeyError, POSSESSION_LEN, check_key, verify_possession};
pub use quorum::Quorum;
pub use seats::{Threshold, expected_seats, quorum_seats};
pub use secret::SecretKey;
pub use verify::verify_one;
