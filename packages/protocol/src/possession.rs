//! Proof that an operator holds the key it registers, and what makes a key acceptable at all.

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::VartimeMultiscalarMul;
use gateway_api::NodeKey;
use merlin::Transcript;
use thiserror::Error;

use crate::Domain;
use crate::equation::point;

/// Bytes of a proof of possession.
pub const POSSESSION_LEN: usize = 64;

/// Why a key is not accepted. None of these is worth a retry with the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// The key is not a canonical Ristretto point, or is the identity: the group's only element of small order.
    #[error("the key is not a canonical point other than the identity")]
    Point,
    /// The signature is not 64 bytes of a canonical schnorrkel signature.
    #[error("a proof of possession takes the 64 bytes of a canonical schnorrkel signature")]
    Format,
    /// The signature is not the key's for this chain, contract and operator.
    #[error("the proof of possession does not hold for this chain, contract, operator and key")]
    Signature,
}

/// Checks that a key is a canonical point other than the identity.
///
/// # Errors
/// [`KeyError::Point`] where it is not.
pub fn check_key(key: &NodeKey) -> Result<(), KeyError> {
    point(&key.0).map(|_| ()).ok_or(KeyError::Point)
}

/// Verifies that the operator holds the key, so that nobody can register another's.
///
/// # Errors
/// See [`KeyError`].
pub fn verify_possession(
    domain: &Domain<'_>,
    operator: &str,
    key: &NodeKey,
    signature: &[u8],
) -> Result<(), KeyError> {
    verify_signature(possession_transcript(domain, operator, key), key, signature)
}

/// Verifies a key's signature of a transcript: `schnorrkel::PublicKey::verify`, with the multiplication that attestations are
/// verified by, of which the contract holds one.
///
/// # Errors
/// See [`KeyError`].
pub(crate) fn verify_signature(
    mut transcript: Transcript,
    key: &NodeKey,
    signature: &[u8],
) -> Result<(), KeyError> {
    let public = point(&key.0).ok_or(KeyError::Point)?;
    let (r, s) = parts(signature).ok_or(KeyError::Format)?;
    transcript.append_message(b"proto-name", b"Schnorr-sig");
    transcript.append_message(b"sign:pk", &key.0);
    transcript.append_message(b"sign:R", &r);
    let mut wide = [0u8; 64];
    transcript.challenge_bytes(b"sign:c", &mut wide);
    let challenge = Scalar::from_bytes_mod_order_wide(&wide);
    let expected =
        RistrettoPoint::vartime_multiscalar_mul([s, -challenge], [RISTRETTO_BASEPOINT_POINT, public]);
    if expected.compress().0 == r { Ok(()) } else { Err(KeyError::Signature) }
}

/// R and s of a signature: 64 bytes whose highest bit marks them as schnorrkel's.
fn parts(signature: &[u8]) -> Option<([u8; 32], Scalar)> {
    let (r, s) = signature.split_first_chunk::<32>()?;
    let mut s: [u8; 32] = s.try_into().ok()?;
    let last = s.last_mut()?;
    if *last & 0x80 == 0 {
        return None;
    }
    *last &= 0x7f;
    Some((*r, Option::from(Scalar::from_canonical_bytes(s))?))
}

/// What possession signs.
pub(crate) fn possession_transcript(domain: &Domain<'_>, operator: &str, key: &NodeKey) -> Transcript {
    let mut transcript = domain.transcript(b"gateway/possession");
    transcript.append_message(b"operator", operator.as_bytes());
    transcript.append_message(b"key", &key.0);
    transcript
}
