//! Proof that an operator holds the key it registers, and what makes a key acceptable at all.

use crate::Domain;
use crate::equation::point;
use gateway_api::NodeKey;
use merlin::Transcript;
use schnorrkel::{PublicKey, Signature};
use thiserror::Error;

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
    let public = PublicKey::from_point(point(&key.0).ok_or(KeyError::Point)?);
    let signature = Signature::from_bytes(signature).map_err(|_| KeyError::Format)?;
    public.verify(possession_transcript(domain, operator, key), &signature).map_err(|_| KeyError::Signature)
}

/// What possession signs.
pub(crate) fn possession_transcript(domain: &Domain<'_>, operator: &str, key: &NodeKey) -> Transcript {
    let mut transcript = Transcript::new(b"gateway/possession");
    transcript.append_message(b"chain", domain.chain_id.as_bytes());
    transcript.append_message(b"contract", domain.contract.as_bytes());
    transcript.append_message(b"operator", operator.as_bytes());
    transcript.append_message(b"key", &key.0);
    transcript
}
