//! Keys of a Cosmos SDK keyring (`archwayd keys add`), backends `file` and `test`, in the SDK's format since 0.46.
//!
//! Each key is a file `NAME.info`: a JWE in compact form (RFC 7516) with PBES2-HS256+A128KW (RFC 7518, section 4.8) and
//! A256GCM, around JSON with a protobuf `cosmos.crypto.keyring.v1.Record`. The backend `test` is the same with the passphrase
//! "test". Not supported: the backends `os`, `kwallet` and `pass`, which ask other programs; Ledger, multisig and offline keys,
//! which hold no secret; amino records from before 0.46.

use std::path::{Path, PathBuf};

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{AeadInPlace, KeyInit};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use prost::Message;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Secret, SecretString};

/// The algorithms that the SDK uses.
const ALG: &str = "PBES2-HS256+A128KW";
const ENC: &str = "A256GCM";
/// The passphrase of the backend `test`.
const TEST: &str = "test";
/// Most rounds of PBKDF2, so that a file cannot keep its reader busy forever. The SDK writes 8192.
const MOST_ROUNDS: u32 = 1_000_000;
/// The only kind of key that signs for an account here.
const SECP256K1: &str = "/cosmos.crypto.secp256k1.PrivKey";

/// A keyring's backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyringBackend {
    /// Encrypted with a passphrase.
    File,
    /// Encrypted with a well-known passphrase: for development.
    Test,
}

impl KeyringBackend {
    /// Returns a backend's folder in the home of the chain's program.
    const fn folder(self) -> &'static str {
        match self {
            Self::File => "keyring-file",
            Self::Test => "keyring-test",
        }
    }
}

/// Why a key of a keyring cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// The name is not a valid file name.
    #[error("a key's name has no / and does not begin with a dot")]
    Name,
    /// The file cannot be read.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The backend `file` needs a passphrase, which is not configured.
    #[error("the backend file takes a passphrase")]
    NoPassphrase,
    /// The content is not what the SDK writes.
    #[error("it is not a key as the Cosmos SDK writes it: {0}")]
    Format(&'static str),
    /// Wrong passphrase.
    #[error("the passphrase is wrong")]
    Passphrase,
    /// It holds no secret.
    #[error(
        "it holds no secp256k1 key of its own: a key of a Ledger, a multisig or an offline one cannot sign here"
    )]
    NoSecret,
}

/// Reads a key: 64 hexadecimal digits. `home` is the home of the chain's program, such as `~/.archway`.
///
/// # Errors
/// [`KeyringError`], which contains no secret.
pub(super) fn load(
    home: &Path,
    backend: KeyringBackend,
    name: &str,
    passphrase: Option<&SecretString>,
) -> Result<SecretString, KeyringError> {
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\0']) {
        return Err(KeyringError::Name);
    }
    let path = home.join(backend.folder()).join(format!("{name}.info"));
    let jwe = std::fs::read_to_string(&path)
        .map_err(|error| KeyringError::File { path, reason: error.to_string() })?;
    let passphrase = match backend {
        KeyringBackend::Test => TEST,
        KeyringBackend::File => passphrase.ok_or(KeyringError::NoPassphrase)?.expose(),
    };
    private_key(&open(jwe.trim(), passphrase.as_bytes())?)
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    enc: String,
    p2c: u32,
    p2s: String,
}

/// Opens a JWE in compact form.
fn open(jwe: &str, passphrase: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyringError> {
    let not = |what| move |_| KeyringError::Format(what);
    let parts: Vec<_> = jwe.split('.').collect();
    let [header, key, nonce, text, tag] = parts.as_slice() else {
        return Err(KeyringError::Format("a JWE has five parts"));
    };
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(not("base64"));
    let read: Header =
        serde_json::from_slice(&decode(header)?).map_err(|_| KeyringError::Format("its header"))?;
    if read.alg != ALG || read.enc != ENC || read.p2c > MOST_ROUNDS {
        return Err(KeyringError::Format("its algorithms"));
    }
    let salt = [ALG.as_bytes(), &[0], &decode(&read.p2s)?].concat();
    let mut wrapping = Zeroizing::new([0u8; 16]);
    pbkdf2::pbkdf2_hmac::<sha2::Sha256>(passphrase, &salt, read.p2c, wrapping.as_mut());
    let wrapped = decode(key)?;
    if wrapped.len() != 40 {
        return Err(KeyringError::Format("its wrapped key"));
    }
    let mut content = Zeroizing::new([0u8; 32]);
    // The key wrapping has its own integrity check (RFC 3394): it fails on a wrong passphrase.
    aes_kw::KekAes128::from(*wrapping)
        .unwrap(&wrapped, content.as_mut())
        .map_err(|_| KeyringError::Passphrase)?;
    let nonce: [u8; 12] = decode(nonce)?.try_into().map_err(|_| KeyringError::Format("its nonce"))?;
    let tag: [u8; 16] = decode(tag)?.try_into().map_err(|_| KeyringError::Format("its tag"))?;
    let mut text = Zeroizing::new(decode(text)?);
    Aes256Gcm::new(content.as_ref().into())
        .decrypt_in_place_detached((&nonce).into(), header.as_bytes(), &mut text, tag.as_slice().into())
        .map_err(|_| KeyringError::Format("its text was changed"))?;
    Ok(text)
}

/// A keyring's record of a key.
#[derive(Deserialize)]
struct Item {
    #[serde(rename = "Data")]
    data: String,
}

/// `cosmos.crypto.keyring.v1.Record`: only the fields that are read.
#[derive(Clone, PartialEq, Message)]
struct Record {
    #[prost(message, optional, tag = "3")]
    local: Option<Local>,
}

#[derive(Clone, PartialEq, Message)]
struct Local {
    #[prost(message, optional, tag = "1")]
    key: Option<Any>,
}

#[derive(Clone, PartialEq, Message)]
struct Any {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct PrivKey {
    #[prost(bytes = "vec", tag = "1")]
    key: Vec<u8>,
}

fn private_key(item: &[u8]) -> Result<SecretString, KeyringError> {
    let item: Item = serde_json::from_slice(item).map_err(|_| KeyringError::Format("its item"))?;
    let data = Zeroizing::new(STANDARD.decode(item.data).map_err(|_| KeyringError::Format("its data"))?);
    let record = Record::decode(data.as_slice()).map_err(|_| KeyringError::Format("its record"))?;
    let key = record.local.and_then(|local| local.key).ok_or(KeyringError::NoSecret)?;
    if key.type_url != SECP256K1 {
        return Err(KeyringError::NoSecret);
    }
    let value = Zeroizing::new(key.value);
    let key = PrivKey::decode(value.as_slice()).map_err(|_| KeyringError::Format("its key"))?;
    let key = Zeroizing::new(key.key);
    if key.len() != 32 {
        return Err(KeyringError::Format("its key has 32 bytes"));
    }
    Ok(Secret::new(hex::encode(key.as_slice())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the home of a keyring made with wasmd 0.50 (Cosmos SDK 0.50.10), from the public test mnemonic of BIP-39 (24
    /// words, entropy of zeros), at m/44'/118'/0'/0/0; the backend `file` with the passphrase "correct horse".
    fn home() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/keyring")
    }

    /// The key of that mnemonic and path.
    const KEY: &str = "8088c2ed2149c34f6d6533b774da4e1692eb5cb426fdbaef6898eeda489630b7";

    #[test]
    fn keys_that_the_sdk_wrote_are_read() {
        let passphrase = Secret::new("correct horse".to_owned());
        let test = load(&home(), KeyringBackend::Test, "tester", None).expect("test");
        let file = load(&home(), KeyringBackend::File, "filer", Some(&passphrase)).expect("file");
        assert_eq!(test.expose(), file.expose(), "the same mnemonic");
        assert_eq!(test.expose(), KEY);
    }

    #[test]
    fn each_reason_that_a_key_cannot_be_read_is_an_error_of_its_own() {
        let wrong = Secret::new("wrong horse".to_owned());
        let load = |backend, name: &str, passphrase| load(&home(), backend, name, passphrase).map(|_| ());
        let file = KeyringBackend::File;
        assert!(matches!(load(file, "filer", Some(&wrong)), Err(KeyringError::Passphrase)));
        assert!(matches!(load(file, "filer", None), Err(KeyringError::NoPassphrase)));
        assert!(matches!(load(file, "nobody", Some(&wrong)), Err(KeyringError::File { .. })));
        assert!(matches!(load(file, "../filer", Some(&wrong)), Err(KeyringError::Name)));
        assert!(matches!(open("a.b.c", b"x"), Err(KeyringError::Format(_))));
    }
}
