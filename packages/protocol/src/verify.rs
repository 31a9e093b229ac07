//! Verifies one proof by its two equations, with no weights: what a failed batch falls back on to name the bad one.

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::traits::VartimeMultiscalarMul;
use gateway_api::{AttestationBytes, Commit, NodeKey};

use crate::equation::{Equation, point};
use crate::{DrawContext, ProofError};

/// Verifies that `proof.output` is the key's VRF of the draw and that the key signed the commitment.
///
/// # Errors
/// See [`ProofError`]; what is valid here is valid to `schnorrkel::PublicKey::vrf_verify_extra` and the other way round.
pub fn verify_one(
    context: &DrawContext,
    key: &NodeKey,
    proof: &AttestationBytes,
    commit: &Commit,
) -> Result<(), ProofError> {
    let public = point(&key.0).ok_or(ProofError::Key)?;
    let Equation { challenge, s, input, output } = Equation::read(context, key, proof, commit)?;
    let r = RistrettoPoint::vartime_multiscalar_mul([s, challenge], [RISTRETTO_BASEPOINT_POINT, public]);
    let hr = RistrettoPoint::vartime_multiscalar_mul([s, challenge], [input, output]);
    if r.compress().0 == proof.r && hr.compress().0 == proof.hr { Ok(()) } else { Err(ProofError::Equation) }
}
