//! A node's statement that it has no outcome for a request, and why. Relays keep and show it; the contract never sees one.

use std::fmt;

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Binary;

use crate::{NodeId, RequestId};

/// Most bytes of [`SignedAbstention::detail`]: enough for a URL and an error, too little to store anything else in.
pub const MAX_ABSTENTION_DETAIL: usize = 300;

/// Why a node has no outcome.
#[cw_serde]
#[derive(Copy, Eq, PartialOrd, Ord, Hash)]
pub enum AbstentionReason {
    /// No source has the code.
    CodeNotFound,
    /// The code was found and cannot be used: another hash or size, or no text.
    CodeInvalid,
    /// The run met a limit of the machine (time, memory, network); the detail names it.
    LimitExceeded,
    /// The node lacks a secret that the code needs.
    SecretMissing,
    /// The node's VM is busy or cannot be started.
    VmUnavailable,
    /// The node has not the engine that the epoch of the draw requires.
    EngineMissing,
    /// The owner declares the code deterministic, and it may fetch or runs in the profile jit.
    NotDeterministic,
    /// Anything else; the detail says what.
    Other,
}

impl AbstentionReason {
    /// The name on the wire and in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CodeNotFound => "code_not_found",
            Self::CodeInvalid => "code_invalid",
            Self::LimitExceeded => "limit_exceeded",
            Self::SecretMissing => "secret_missing",
            Self::VmUnavailable => "vm_unavailable",
            Self::EngineMissing => "engine_missing",
            Self::NotDeterministic => "not_deterministic",
            Self::Other => "other",
        }
    }

    /// What nodes with this reason could not do, to stand after their number: "4 of 5 nodes could not load the code".
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::CodeNotFound => "could not load the code",
            Self::CodeInvalid => "found code that cannot be used",
            Self::LimitExceeded => "met a limit of their machine",
            Self::SecretMissing => "lack a secret that the code needs",
            Self::VmUnavailable => "could not start a run",
            Self::EngineMissing => "have not the engine that the epoch requires",
            Self::NotDeterministic => "refuse code that is declared deterministic and cannot be",
            Self::Other => "had no outcome for another reason",
        }
    }
}

impl fmt::Display for AbstentionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a node sends to relays in place of an attestation.
#[cw_serde]
pub struct SignedAbstention {
    /// The request.
    pub request: RequestId,
    /// The node.
    pub node: NodeId,
    /// Why.
    pub reason: AbstentionReason,
    /// More about it, for people: at most 300 bytes.
    pub detail: String,
    /// A schnorrkel signature by the node's key over chain, contract, request, reason and detail: 64 bytes.
    pub signature: Binary,
}
