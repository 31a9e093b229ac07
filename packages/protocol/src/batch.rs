//! Verifies many proofs at once, of one publication or of several, by one multiscalar multiplication.
//!
//! Each proof claims `R = s·B + c·A` and `Hr = s·H + c·O`. With weights v and w that nobody can know before all proofs are
//! fixed, the sum over all proofs of `v·R + w·Hr − v·s·B − v·c·A − w·s·H − w·c·O` is the identity only where every claim
//! holds, but for a chance of 2^-128. It does not say which proof is bad: `verify_one` does.

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{IsIdentity, VartimeMultiscalarMul};
use gateway_api::{AttestationBytes, Commit, NodeKey};
use sha2::{Digest, Sha256};

use crate::equation::{Equation, point};
use crate::hash::hash;
use crate::{DrawContext, ProofError};

/// One proof of a batch.
#[derive(Clone, Copy)]
pub struct BatchItem<'a> {
    /// The draw it is for.
    pub context: &'a DrawContext,
    /// The node's key.
    pub key: &'a NodeKey,
    /// The proof.
    pub proof: &'a AttestationBytes,
    /// The commitment it signs.
    pub commit: &'a Commit,
}

/// Terms of the sum: a scalar for each point.
#[derive(Default)]
struct Terms {
    scalars: Vec<Scalar>,
    points: Vec<RistrettoPoint>,
}

impl Terms {
    fn push(&mut self, scalar: Scalar, point: RistrettoPoint) {
        self.scalars.push(scalar);
        self.points.push(point);
    }
}

/// Verifies that every proof of a batch is valid. An empty batch is.
///
/// The weights come from a hash of all proofs, so that the answer is the same wherever it is computed. Keys that occur
/// more than once cost once.
///
/// # Errors
/// The first malformed proof's error, or [`ProofError::Equation`] where at least one does not hold.
pub fn verify_batch(items: &[BatchItem<'_>]) -> Result<(), ProofError> {
    let equations = items
        .iter()
        .map(|item| Equation::read(item.context, item.key, item.proof, item.commit))
        .collect::<Result<Vec<_>, _>>()?;
    let seed = weight_seed(&equations);
    let mut base = Scalar::ZERO;
    // In the order of the keys.
    let mut keys: Vec<(&[u8; 32], RistrettoPoint, Scalar)> = Vec::new();
    let capacity = items.len().saturating_mul(5).saturating_add(1);
    let mut terms = Terms { scalars: Vec::with_capacity(capacity), points: Vec::with_capacity(capacity) };
    for (index, (item, equation)) in (0u64..).zip(items.iter().zip(equations)) {
        let Equation { challenge, s, input, output } = equation;
        let (v, w) = weights(&seed, index);
        let nonce = |bytes: [u8; 32]| CompressedRistretto(bytes).decompress().ok_or(ProofError::Nonce);
        // Positive here and negative elsewhere: so these two scalars keep their 128 bits.
        terms.push(v, nonce(item.proof.r)?);
        terms.push(w, nonce(item.proof.hr)?);
        terms.push(-(w * s), input);
        terms.push(-(w * challenge), output);
        base -= v * s;
        let signed = -(v * challenge);
        match keys.binary_search_by_key(&&item.key.0, |(key, ..)| key) {
            Ok(at) => {
                if let Some((.., sum)) = keys.get_mut(at) {
                    *sum += signed;
                }
            }
            Err(at) => keys.insert(at, (&item.key.0, point(&item.key.0).ok_or(ProofError::Key)?, signed)),
        }
    }
    for (_, key, scalar) in keys {
        terms.push(scalar, key);
    }
    terms.push(base, RISTRETTO_BASEPOINT_POINT);
    if RistrettoPoint::vartime_multiscalar_mul(&terms.scalars, &terms.points).is_identity() {
        Ok(())
    } else {
        Err(ProofError::Equation)
    }
}

/// Binds every proof of the batch: a challenge is a hash of key, input, output, R, Hr and commitment; s completes it.
fn weight_seed(equations: &[Equation]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for equation in equations {
        hasher.update(equation.challenge.as_bytes());
        hasher.update(equation.s.as_bytes());
    }
    hash("gateway/batch", &[&hasher.finalize()])
}

/// The two 128-bit weights of a proof.
fn weights(seed: &[u8; 32], index: u64) -> (Scalar, Scalar) {
    let digest = hash("gateway/weight", &[seed, &index.to_be_bytes()]);
    let mut v = [0u8; 16];
    let mut w = [0u8; 16];
    v.copy_from_slice(&digest[..16]);
    w.copy_from_slice(&digest[16..]);
    (Scalar::from(u128::from_le_bytes(v)), Scalar::from(u128::from_le_bytes(w)))
}
