//! Secrets in passphrase-protected files: Argon2id (RFC 9106) derives the key, AES-256-GCM (NIST SP 800-38D) encrypts the text,
//! and the parameters of both are authenticated with it.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{AeadInPlace, KeyInit};
use argon2::{Algorithm, Argon2, Params, Version};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Secret, SecretString};

/// The only format.
const FORMAT: &str = "gateway-secret-1";
/// Upper bounds of the cost in a file, so that a file cannot make its reader use up all memory.
const MOST_MEMORY_KIB: u32 = 1 << 20;
const MOST_PASSES: u32 = 64;
const MOST_LANES: u32 = 16;
/// Bytes of the authentication tag that follows the text.
const TAG: usize = 16;

/// The cost of opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Memory of Argon2id, KiB, 8 to 1048576.
    pub memory_kib: u32,
    /// Its passes, 1 to 64.
    pub passes: u32,
    /// Its lanes, 1 to 16.
    pub lanes: u32,
}

impl Default for Cost {
    /// Returns the second recommendation of RFC 9106, section 4, in one lane: 64 MiB, three passes.
    fn default() -> Self {
        Self { memory_kib: 64 << 10, passes: 3, lanes: 1 }
    }
}

/// Why an encrypted secret cannot be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncryptedError {
    /// The file is not of this format.
    #[error("it is not a file that `gateway key encrypt` made")]
    Format,
    /// Its cost is out of bounds.
    #[error("its cost is out of bounds: memory_kib takes 8 to 1048576, passes 1 to 64, lanes 1 to 16")]
    Cost,
    /// Wrong passphrase, or the file was changed.
    #[error("the passphrase is wrong, or the file was changed")]
    Passphrase,
}

/// The file: JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    format: String,
    argon2id: Cost,
    salt: String,
    nonce: String,
    /// AES-256-GCM, followed by its tag.
    ciphertext: String,
}

impl Envelope {
    /// Returns what is authenticated along with the text.
    fn associated(&self) -> String {
        let Cost { memory_kib, passes, lanes } = self.argon2id;
        format!("{} {memory_kib} {passes} {lanes} {} {}", self.format, self.salt, self.nonce)
    }
}

/// Encrypts a secret; returns the text of a file that [`decrypt`] opens.
///
/// # Errors
/// [`EncryptedError::Cost`].
pub fn encrypt(
    secret: &SecretString,
    passphrase: &SecretString,
    cost: Cost,
) -> Result<String, EncryptedError> {
    let (mut salt, mut nonce) = ([0u8; 16], [0u8; 12]);
    rand::rngs::OsRng.fill_bytes(&mut salt);
    rand::rngs::OsRng.fill_bytes(&mut nonce);
    let mut envelope = Envelope {
        format: FORMAT.to_owned(),
        argon2id: cost,
        salt: hex::encode(salt),
        nonce: hex::encode(nonce),
        ciphertext: String::new(),
    };
    let mut text = Zeroizing::new(secret.expose().as_bytes().to_vec());
    let tag = cipher(passphrase, &salt, cost)?
        .encrypt_in_place_detached((&nonce).into(), envelope.associated().as_bytes(), &mut text)
        .map_err(|_| EncryptedError::Format)?;
    envelope.ciphertext = hex::encode(&*text) + &hex::encode(tag);
    serde_json::to_string_pretty(&envelope).map_err(|_| EncryptedError::Format)
}

/// Opens what [`encrypt`] produced.
///
/// # Errors
/// [`EncryptedError`].
pub fn decrypt(file: &str, passphrase: &SecretString) -> Result<SecretString, EncryptedError> {
    let envelope: Envelope = serde_json::from_str(file).map_err(|_| EncryptedError::Format)?;
    if envelope.format != FORMAT {
        return Err(EncryptedError::Format);
    }
    let (mut salt, mut nonce) = ([0u8; 16], [0u8; 12]);
    hex::decode_to_slice(&envelope.salt, &mut salt).map_err(|_| EncryptedError::Format)?;
    hex::decode_to_slice(&envelope.nonce, &mut nonce).map_err(|_| EncryptedError::Format)?;
    let mut text = Zeroizing::new(hex::decode(&envelope.ciphertext).map_err(|_| EncryptedError::Format)?);
    let length = text.len().checked_sub(TAG).ok_or(EncryptedError::Format)?;
    let tag = text.split_off(length);
    cipher(passphrase, &salt, envelope.argon2id)?
        .decrypt_in_place_detached(
            (&nonce).into(),
            envelope.associated().as_bytes(),
            &mut text,
            tag.as_slice().into(),
        )
        .map_err(|_| EncryptedError::Passphrase)?;
    let text = std::str::from_utf8(&text).map_err(|_| EncryptedError::Format)?;
    Ok(Secret::new(text.trim().to_owned()))
}

fn cipher(passphrase: &SecretString, salt: &[u8], cost: Cost) -> Result<Aes256Gcm, EncryptedError> {
    let Cost { memory_kib, passes, lanes } = cost;
    if memory_kib > MOST_MEMORY_KIB || passes > MOST_PASSES || lanes > MOST_LANES {
        return Err(EncryptedError::Cost);
    }
    let params = Params::new(memory_kib, passes, lanes, Some(32)).map_err(|_| EncryptedError::Cost)?;
    let mut key = Zeroizing::new([0u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.expose().as_bytes(), salt, key.as_mut())
        .map_err(|_| EncryptedError::Cost)?;
    Ok(Aes256Gcm::new(key.as_ref().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };

    fn text(text: &str) -> SecretString {
        Secret::new(text.to_owned())
    }

    #[test]
    fn the_passphrase_opens_the_file_and_nothing_else_does() {
        let file = encrypt(&text("c0ffee"), &text("correct horse"), CHEAP).expect("encrypted");
        assert!(!file.contains("c0ffee") && !file.contains("correct"), "{file}");
        assert_eq!(decrypt(&file, &text("correct horse")).expect("opened").expose(), "c0ffee");
        assert_eq!(decrypt(&file, &text("wrong horse")).map(|_| ()), Err(EncryptedError::Passphrase));
        let other = encrypt(&text("c0ffee"), &text("correct horse"), CHEAP).expect("encrypted");
        assert_ne!(file, other, "salt and nonce are new each time");
    }

    #[test]
    fn a_changed_file_is_refused_and_cannot_take_all_memory() {
        let file = encrypt(&text("c0ffee"), &text("p"), CHEAP).expect("encrypted");
        let open = |file: &str| decrypt(file, &text("p")).map(|_| ());
        assert_eq!(
            open(&file.replace("\"memory_kib\": 64", "\"memory_kib\": 72")),
            Err(EncryptedError::Passphrase)
        );
        assert_eq!(
            open(&file.replace("\"memory_kib\": 64", "\"memory_kib\": 4194304")),
            Err(EncryptedError::Cost)
        );
        assert_eq!(open(&file.replace("secret-1", "secret-2")), Err(EncryptedError::Format));
        assert_eq!(open("0707"), Err(EncryptedError::Format));
    }
}
