//! A publication: the outcome of a committee for one request, with its proofs.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Binary;
use thiserror::Error;

use crate::{Attempt, Body, EngineId, NodeId, OutcomeClass, RequestId, Salt, VrfOutput};

/// The agreed outcome of one request and the attestations for it.
#[cw_serde]
pub struct Publication {
    /// The request answered.
    pub request: RequestId,
    /// The attempt whose threshold and quorum are to be applied; it must have begun.
    pub attempt: Attempt,
    /// The engine that every attesting node ran.
    pub engine: EngineId,
    /// The outcome's class.
    pub class: OutcomeClass,
    /// The outcome's body. Under a rule that compares values it is what they come to.
    pub body: Body,
    /// One attestation per node, at most 512.
    pub attestations: Vec<Attestation>,
}

/// An attestation of an outcome: seats and commitment under one proof, and the opening of the commitment.
#[cw_serde]
pub struct Attestation {
    /// The node.
    pub node: NodeId,
    /// The 160 bytes of [`AttestationBytes`].
    pub proof: Binary,
    /// Under a rule that compares values, the node's own body: a decimal of at most 64 bytes under `median`, at most 1024 bytes
    /// under `median_fields` and `mode`. Under `mode` it may be absent where it is the published body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// What a node sends to relays, or to the contract itself where no relay answers: its outcome and its attestation.
#[cw_serde]
pub struct SignedOutcome {
    /// The request answered.
    pub request: RequestId,
    /// The engine that ran.
    pub engine: EngineId,
    /// The outcome's class.
    pub class: OutcomeClass,
    /// The outcome's body, always inline: whoever publishes decides how it goes on the chain.
    pub body: String,
    /// The attestation.
    pub attestation: Attestation,
}

/// The fixed layout of an attestation's proof: a batchable schnorrkel VRF proof and the salt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttestationBytes {
    /// The VRF's pre-output.
    pub output: VrfOutput,
    /// The proof's point R.
    pub r: [u8; 32],
    /// The proof's point Hr.
    pub hr: [u8; 32],
    /// The proof's scalar s.
    pub s: [u8; 32],
    /// Opens the commitment.
    pub salt: Salt,
}

impl AttestationBytes {
    /// Bytes of the fixed layout.
    pub const LEN: usize = 160;

    /// The layout as bytes: output, R, Hr, s, salt.
    #[must_use]
    pub fn to_binary(&self) -> Binary {
        Binary::from([self.output.0, self.r, self.hr, self.s, self.salt.0].concat())
    }

    /// Reads the layout.
    ///
    /// # Errors
    /// [`Refusal::ProofLength`] where there are not exactly 160 bytes.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut parts = [[0u8; 32]; 5];
        if bytes.len() != Self::LEN {
            return Err(Refusal::ProofLength {});
        }
        for (part, chunk) in parts.iter_mut().zip(bytes.chunks_exact(32)) {
            part.copy_from_slice(chunk);
        }
        let [output, r, hr, s, salt] = parts;
        Ok(Self { output: VrfOutput(output), r, hr, s, salt: Salt(salt) })
    }
}

/// Why a publication or an attestation is refused. The first reason met counts; checks go from cheap to expensive.
#[cw_serde]
#[derive(Error)]
pub enum Refusal {
    /// No such request.
    #[error("no request has this id")]
    UnknownRequest {},
    /// The request has ended.
    #[error("the request has ended")]
    Closed {},
    /// The request's deadline has passed.
    #[error("the request's deadline has passed")]
    PastDeadline {},
    /// No round has drawn the request yet.
    #[error("no round has drawn the request yet")]
    NotDrawn {},
    /// The attempt has not begun, or is above 2.
    #[error("the attempt has not begun")]
    AttemptNotBegun {},
    /// The body is larger than the version allows.
    #[error("the body is larger than the version allows")]
    BodyTooLarge {},
    /// The body is inline and too large for that, or hashed and small enough to be inline.
    #[error("a body above the inline limit is published by its hash, any other whole")]
    BodyForm {},
    /// Too few or too many attestations.
    #[error("a publication takes 1 to 512 attestations")]
    AttestationCount {},
    /// A node attests twice.
    #[error("a node attests twice")]
    DuplicateNode {
        /// The node.
        node: NodeId,
    },
    /// No such node.
    #[error("no node has this id")]
    UnknownNode {
        /// The node.
        node: NodeId,
    },
    /// The node has no units in the draw's epoch.
    #[error("the node has no units in the draw's epoch")]
    InactiveNode {
        /// The node.
        node: NodeId,
    },
    /// The proof has not 160 bytes.
    #[error("a proof takes 160 bytes")]
    ProofLength {},
    /// The proof is not valid for this draw and outcome.
    #[error("the proof is not valid for this draw and outcome")]
    InvalidProof {
        /// The node.
        node: NodeId,
    },
    /// The proof is valid, and draws no seat.
    #[error("the draw gives the node no seat")]
    NoSeat {
        /// The node.
        node: NodeId,
    },
    /// A value is missing, or is none that the policy's rule compares.
    #[error("the value is missing, or is none that the policy's rule compares")]
    InvalidValue {
        /// The node.
        node: NodeId,
    },
    /// The body is not the values' median, or not the object of their fields' medians.
    #[error("the body is not the median of the values")]
    NotTheMedian {},
    /// The body is not the one that most seats support.
    #[error("the body is not the one that most seats support")]
    NotTheMode {},
    /// Too few seats attest, whatever they attest.
    #[error("{seats} seats attest, {needed} are needed")]
    TooFewAttest {
        /// Seats that attest.
        seats: u32,
        /// Seats needed.
        needed: u32,
    },
    /// The outcome is of another engine than the draw's epoch has.
    #[error("the outcome is of another engine than {needed}, which the draw's epoch requires")]
    WrongEngine {
        /// The engine that the draw requires.
        needed: EngineId,
    },
    /// Too few seats agree.
    #[error("{seats} seats agree, {quorum_seats} are needed")]
    BelowQuorum {
        /// Seats that agree.
        seats: u32,
        /// Seats needed.
        quorum_seats: u32,
    },
    /// The agreeing seats come from too few operators.
    #[error("{operators} operators agree, {needed} are needed")]
    TooFewOperators {
        /// Operators that agree.
        operators: u32,
        /// Operators needed.
        needed: u32,
    },
}

impl Refusal {
    /// The name used in events.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownRequest {} => "unknown_request",
            Self::Closed {} => "closed",
            Self::PastDeadline {} => "past_deadline",
            Self::NotDrawn {} => "not_drawn",
            Self::AttemptNotBegun {} => "attempt_not_begun",
            Self::BodyTooLarge {} => "body_too_large",
            Self::BodyForm {} => "body_form",
            Self::AttestationCount {} => "attestation_count",
            Self::DuplicateNode { .. } => "duplicate_node",
            Self::UnknownNode { .. } => "unknown_node",
            Self::InactiveNode { .. } => "inactive_node",
            Self::ProofLength {} => "proof_length",
            Self::InvalidProof { .. } => "invalid_proof",
            Self::NoSeat { .. } => "no_seat",
            Self::InvalidValue { .. } => "invalid_value",
            Self::NotTheMedian {} => "not_the_median",
            Self::NotTheMode {} => "not_the_mode",
            Self::TooFewAttest { .. } => "too_few_attest",
            Self::WrongEngine { .. } => "wrong_engine",
            Self::BelowQuorum { .. } => "below_quorum",
            Self::TooFewOperators { .. } => "too_few_operators",
        }
    }
}

/// The result of checking a publication at the current height.
#[cw_serde]
pub enum PublicationVerdict {
    /// It would be accepted.
    Accepted {
        /// Seats that agree.
        seats: u32,
        /// Operators that agree.
        operators: u32,
    },
    /// It would be refused.
    Refused {
        /// Why.
        reason: Refusal,
    },
}
