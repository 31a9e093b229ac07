//! Seals a value to a node's published key.

use gateway_api::EncryptionKey;
use hpke::{Deserializable, OpModeS, Serializable, single_shot_seal};
use rand::rngs::OsRng;

use crate::SealingError;
use crate::padding::pad;
use crate::suite::{Aead, Kdf, Kem};

/// Seals a value: the encapsulated key, then the ciphertext. `info` is what it is bound to
/// ([`gateway_protocol::Domain::secret_info`]).
///
/// # Errors
/// [`SealingError::TooLong`], [`SealingError::Key`].
pub fn seal(key: &EncryptionKey, info: &[u8; 32], value: &[u8]) -> Result<Vec<u8>, SealingError> {
    let padded = pad(value)?;
    let key = <Kem as hpke::Kem>::PublicKey::from_bytes(&key.0).map_err(|_| SealingError::Key)?;
    let (encapsulated, ciphertext) =
        single_shot_seal::<Aead, Kdf, Kem, _>(&OpModeS::Base, &key, info, &padded, b"", &mut OsRng)
            .map_err(|_| SealingError::Key)?;
    let mut sealed = encapsulated.to_bytes().to_vec();
    sealed.extend_from_slice(&ciphertext);
    Ok(sealed)
}
