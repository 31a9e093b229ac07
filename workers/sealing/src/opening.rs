//! A node's encryption key: derived from its VRF key, so that there is no second secret to keep. Never printed; wiped when
//! dropped.

use std::fmt;

use gateway_api::EncryptionKey;
use gateway_protocol::{Domain, SecretKey};
use hpke::{Deserializable, Kem as _, OpModeR, Serializable, single_shot_open};
use zeroize::Zeroizing;

use crate::SealingError;
use crate::padding::unpad;
use crate::suite::{Aead, ENCAPSULATED, Kdf, Kem};

/// The secret half of a node's encryption key on one contract.
pub struct OpeningKey {
    secret: <Kem as hpke::Kem>::PrivateKey,
    public: EncryptionKey,
}

impl OpeningKey {
    /// Derives the key from a node's VRF key, for one contract of one chain.
    #[must_use]
    pub fn of(key: &SecretKey, domain: &Domain<'_>) -> Self {
        let seed = Zeroizing::new(key.encryption_seed(domain));
        let (secret, public) = Kem::derive_keypair(&*seed);
        let public = EncryptionKey(public.to_bytes().into());
        Self { secret, public }
    }

    /// Returns the public half, as the node publishes it.
    #[must_use]
    pub fn public(&self) -> EncryptionKey {
        self.public
    }

    /// Opens what was sealed to this key and bound to `info`.
    ///
    /// # Errors
    /// [`SealingError::Ciphertext`].
    pub fn open(&self, info: &[u8; 32], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealingError> {
        let broken = |_| SealingError::Ciphertext;
        let (encapsulated, ciphertext) =
            sealed.split_first_chunk::<ENCAPSULATED>().ok_or(SealingError::Ciphertext)?;
        let encapsulated = <Kem as hpke::Kem>::EncappedKey::from_bytes(encapsulated).map_err(broken)?;
        let padded = single_shot_open::<Aead, Kdf, Kem>(
            &OpModeR::Base,
            &self.secret,
            &encapsulated,
            info,
            ciphertext,
            b"",
        );
        unpad(&Zeroizing::new(padded.map_err(broken)?))
    }
}

impl fmt::Debug for OpeningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpeningKey(public {})", self.public)
    }
}

#[cfg(test)]
mod tests {
    use gateway_api::{NodeId, ProjectId, SecretHost, SecretId, SecretName};
    use gateway_protocol::sealing::MAX_SECRET_BYTES;

    use super::*;
    use crate::seal;

    const HERE: Domain<'_> = Domain { chain_id: "chain-1", contract: "archway1gateway" };

    fn key(byte: u8) -> OpeningKey {
        OpeningKey::of(&SecretKey::from_bytes(&[byte; 32]).unwrap(), &HERE)
    }

    fn info(project: u64, host: &str, node: u32) -> [u8; 32] {
        let secret = SecretId { name: SecretName::new("KEY").unwrap(), host: SecretHost::new(host).unwrap() };
        HERE.secret_info(ProjectId(project), &secret, NodeId(node))
    }

    #[test]
    fn what_is_sealed_to_a_key_opens_with_it() {
        let (key, info) = (key(1), info(7, "a.example", 3));
        for value in [&b""[..], b"hunter2", &[9; MAX_SECRET_BYTES]] {
            let sealed = seal(&key.public(), &info, value).unwrap();
            assert_eq!(*key.open(&info, &sealed).unwrap(), value);
        }
        let twice = [(); 2].map(|()| seal(&key.public(), &info, b"hunter2").unwrap());
        assert_ne!(twice[0], twice[1], "two ciphertexts of one value have nothing in common");
    }

    /// A ciphertext that is moved to another project, host or node, sealed to another key or changed cannot be opened.
    #[test]
    fn a_moved_or_changed_ciphertext_cannot_be_opened() {
        let here = info(7, "a.example", 3);
        let sealed = seal(&key(1).public(), &here, b"hunter2").unwrap();
        for elsewhere in [info(8, "a.example", 3), info(7, "b.example", 3), info(7, "a.example", 4)] {
            assert_eq!(key(1).open(&elsewhere, &sealed).err(), Some(SealingError::Ciphertext));
        }
        assert_eq!(key(2).open(&here, &sealed).err(), Some(SealingError::Ciphertext));
        for at in [0, 31, 32, sealed.len() - 1] {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(key(1).open(&here, &changed).err(), Some(SealingError::Ciphertext), "byte {at}");
        }
        for length in [0, 31, 32, 47, sealed.len() - 1] {
            assert_eq!(key(1).open(&here, &sealed[..length]).err(), Some(SealingError::Ciphertext));
        }
    }

    #[test]
    fn nothing_is_sealed_to_a_point_of_small_order() {
        for byte in [0, 1] {
            let mut weak = [0; 32];
            weak[0] = byte;
            assert_eq!(
                seal(&EncryptionKey(weak), &info(7, "a.example", 3), b"x").err(),
                Some(SealingError::Key)
            );
        }
    }

    #[test]
    fn a_key_prints_its_public_half_only() {
        let key = key(1);
        assert_eq!(format!("{key:?}"), format!("OpeningKey(public {})", key.public()));
        assert_eq!(key.public(), self::key(1).public());
    }
}
