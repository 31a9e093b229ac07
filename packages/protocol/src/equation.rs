//! Reads an attestation into the scalars and points of its two equations, refusing whatever is not canonical.
//! It does not decide whether the equations hold: `verify` and `batch` do.

use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use gateway_api::{AttestationBytes, Commit, NodeKey};
use thiserror::Error;

use crate::DrawContext;
use crate::draw::{InputPoint, commit_transcript};

/// Why a proof is not valid. None of these is worth a retry with the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProofError {
    /// The key is not a canonical point, or is the identity.
    #[error("the key is not a canonical point other than the identity")]
    Key,
    /// The output is not a canonical point, or is the identity.
    #[error("the output is not a canonical point other than the identity")]
    Output,
    /// R or Hr is not a canonical point.
    #[error("the proof's R or Hr is not a canonical point")]
    Nonce,
    /// s is not below the group's order.
    #[error("the proof's s is not a canonical scalar")]
    Scalar,
    /// An equation does not hold: wrong key, draw or commitment, or a forgery.
    #[error("the proof does not hold for this key, draw and commitment")]
    Equation,
}

/// The parts of `R = s·B + c·A` and `Hr = s·H + c·O`; A, the key, is read by whoever checks.
pub(crate) struct Equation {
    /// c: recomputed, never taken from the proof.
    pub(crate) challenge: Scalar,
    /// s.
    pub(crate) s: Scalar,
    /// H.
    pub(crate) input: RistrettoPoint,
    /// O.
    pub(crate) output: RistrettoPoint,
}

impl Equation {
    /// Reads all but R and Hr, which `verify` compares in compressed form.
    pub(crate) fn read(
        context: &DrawContext,
        key: &NodeKey,
        proof: &AttestationBytes,
        commit: &Commit,
    ) -> Result<Self, ProofError> {
        let s = Option::from(Scalar::from_canonical_bytes(proof.s)).ok_or(ProofError::Scalar)?;
        let output = point(&proof.output.0).ok_or(ProofError::Output)?;
        let input = context.input(key);
        Ok(Self { challenge: challenge(&input, key, proof, commit), s, input: input.point, output })
    }
}

/// The challenge, by the transcript of `schnorrkel::Keypair::dleq_proove` in its deployed ("kusama") order.
fn challenge(input: &InputPoint, key: &NodeKey, proof: &AttestationBytes, commit: &Commit) -> Scalar {
    let mut transcript = commit_transcript(commit);
    transcript.append_message(b"proto-name", b"DLEQProof");
    transcript.append_message(b"vrf:h", input.compressed.as_bytes());
    transcript.append_message(b"vrf:R=g^r", &proof.r);
    transcript.append_message(b"vrf:h^r", &proof.hr);
    transcript.append_message(b"vrf:pk", &key.0);
    transcript.append_message(b"vrf:h^sk", &proof.output.0);
    let mut wide = [0u8; 64];
    transcript.challenge_bytes(b"prove", &mut wide);
    Scalar::from_bytes_mod_order_wide(&wide)
}

/// A canonical point other than the identity. The identity's only canonical encoding is all zeros.
pub(crate) fn point(bytes: &[u8; 32]) -> Option<RistrettoPoint> {
    if *bytes == [0u8; 32] {
        return None;
    }
    CompressedRistretto(*bytes).decompress()
}
