//! The signing key of a process, and the only code that touches it; or a key that a signer process holds.
//!
//! It signs transactions and names its address; it never prints, serialises or returns the key.

use std::fmt;

use cosmrs::AccountId;
use cosmrs::crypto::PublicKey;
use cosmrs::crypto::secp256k1::SigningKey;
use cosmrs::proto::cosmos::tx::v1beta1::{
    AuthInfo, Fee, ModeInfo, SignDoc, SignerInfo, TxBody, TxRaw, mode_info,
};
use cosmrs::proto::traits::Message;
use gateway_daemon_runtime::remote_signer::{Bytes, KeyKind, Operation, RemoteKey};
use gateway_daemon_runtime::{SecretSource, SecretString};
use zeroize::Zeroizing;

use crate::error::{ChainError, Result};
use crate::tx::{Msg, coins};
use crate::types::{Account, Coin};

/// Derivation path of Cosmos accounts.
const PATH: &str = "m/44'/118'/0'/0/0";

/// `SIGN_MODE_DIRECT` of the Cosmos SDK.
const SIGN_MODE_DIRECT: i32 = 1;

/// A secp256k1 key with its address. `Debug` prints the address alone.
pub struct Signer {
    key: Key,
    public: PublicKey,
    id: AccountId,
    address: String,
}

/// Where the key is.
enum Key {
    Here(SigningKey),
    Remote(RemoteKey),
}

/// The terms of a transaction besides its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms<'a> {
    /// Chain id, covered by the signature.
    pub chain_id: &'a str,
    /// Account number and the sequence to use.
    pub account: Account,
    /// Gas limit.
    pub gas_limit: u64,
    /// Fee paid: at most one amount per denomination.
    pub fee: Vec<Coin>,
    /// Height after which it can no longer be included; 0 means never.
    pub timeout_height: u64,
    /// Free text.
    pub memo: &'a str,
}

impl Signer {
    /// Derives the key from a BIP-39 mnemonic of 12, 15, 18, 21 or 24 English words at path m/44'/118'/0'/0/0, without a
    /// passphrase.
    ///
    /// # Errors
    /// [`ChainError::Key`], which does not quote the phrase.
    pub fn from_mnemonic(phrase: &SecretString, prefix: &str) -> Result<Self> {
        let bad = |reason: &str| ChainError::Key { reason: reason.into() };
        let words = Zeroizing::new(phrase.expose().split_whitespace().collect::<Vec<_>>().join(" "));
        let mnemonic = bip39::Mnemonic::parse_in_normalized(bip39::Language::English, &words)
            .map_err(|_| bad("not a BIP-39 mnemonic of 12, 15, 18, 21 or 24 English words"))?;
        let path: bip32::DerivationPath = PATH.parse().map_err(|_| bad("derivation path"))?;
        let seed = Zeroizing::new(mnemonic.to_seed_normalized(""));
        let key =
            SigningKey::derive_from_path(seed.as_slice(), &path).map_err(|_| bad("derivation failed"))?;
        Self::new(key, prefix)
    }

    /// Reads a private key of 32 bytes in hexadecimal.
    ///
    /// # Errors
    /// [`ChainError::Key`], which does not quote the key.
    pub fn from_hex(key: &SecretString, prefix: &str) -> Result<Self> {
        let bad = || ChainError::Key { reason: "a private key has 64 hexadecimal digits".into() };
        let mut bytes = Zeroizing::new([0u8; 32]);
        hex::decode_to_slice(key.expose().trim(), bytes.as_mut()).map_err(|_| bad())?;
        Self::from_bytes(&bytes, prefix)
    }

    /// Takes a private key of 32 bytes.
    ///
    /// # Errors
    /// [`ChainError::Key`] when the bytes are no valid key.
    pub fn from_bytes(key: &[u8; 32], prefix: &str) -> Result<Self> {
        let key = SigningKey::from_slice(key)
            .map_err(|_| ChainError::Key { reason: "not a valid secp256k1 private key".into() })?;
        Self::new(key, prefix)
    }

    /// Loads a mnemonic or a hexadecimal key from a source, or asks a signer process for its public key.
    ///
    /// # Errors
    /// [`ChainError::Key`].
    pub fn load(source: &SecretSource, prefix: &str) -> Result<Self> {
        if let SecretSource::Remote(remote) = source {
            return Self::remote(RemoteKey::new(remote.clone()), prefix);
        }
        let secret = source.load().map_err(|e| ChainError::Key { reason: e.to_string() })?;
        if secret.expose().trim().contains(char::is_whitespace) {
            Self::from_mnemonic(&secret, prefix)
        } else {
            Self::from_hex(&secret, prefix)
        }
    }

    fn new(key: SigningKey, prefix: &str) -> Result<Self> {
        let public = key.public_key();
        Self::with(Key::Here(key), public, prefix)
    }

    fn remote(key: RemoteKey, prefix: &str) -> Result<Self> {
        let bad = |reason: String| ChainError::Key { reason };
        let public = key.public(KeyKind::Account).map_err(|e| bad(e.to_string()))?;
        let public = cosmrs::tendermint::PublicKey::from_raw_secp256k1(&public)
            .ok_or_else(|| bad(key.wrong("no secp256k1 key").to_string()))?;
        Self::with(Key::Remote(key), public.into(), prefix)
    }

    fn with(key: Key, public: PublicKey, prefix: &str) -> Result<Self> {
        let id = public.account_id(prefix).map_err(|e| ChainError::invalid("address prefix", e))?;
        let address = id.to_string();
        Ok(Self { key, public, id, address })
    }

    /// Returns the account's address.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Returns the account's address as the library's type.
    pub fn account_id(&self) -> &AccountId {
        &self.id
    }

    /// Returns the compressed public key, 33 bytes.
    pub fn public_key(&self) -> Vec<u8> {
        self.public.to_bytes()
    }

    /// Returns the signed bytes of a transaction with these messages.
    ///
    /// # Errors
    /// [`ChainError::Key`]; [`ChainError::NotSigned`] when a signer process holds the key and does not sign.
    pub async fn sign(&self, msgs: &[Msg], terms: &Terms<'_>) -> Result<Vec<u8>> {
        let (body_bytes, auth_info_bytes) = self.parts(msgs, terms)?;
        let doc = SignDoc {
            body_bytes: body_bytes.clone(),
            auth_info_bytes: auth_info_bytes.clone(),
            chain_id: terms.chain_id.to_owned(),
            account_number: terms.account.number,
        };
        let signature = self.sign_document(doc).await?;
        Ok(TxRaw { body_bytes, auth_info_bytes, signatures: vec![signature] }.encode_to_vec())
    }

    /// Returns the signature of a document, 64 bytes.
    ///
    /// # Errors
    /// As [`sign`](Self::sign).
    pub async fn sign_document(&self, doc: SignDoc) -> Result<Vec<u8>> {
        let failed = |reason: String| ChainError::Key { reason };
        match &self.key {
            Key::Here(key) => {
                let signed = key.sign(&doc.encode_to_vec());
                signed.map(|signature| signature.to_vec()).map_err(|_| failed("signing failed".into()))
            }
            Key::Remote(key) => {
                let SignDoc { body_bytes, auth_info_bytes, chain_id, account_number } = doc;
                let (body, auth_info) = (Bytes(body_bytes), Bytes(auth_info_bytes));
                let asked = Operation::Transaction { chain_id, account_number, body, auth_info };
                key.sign(asked).await.map_err(|error| ChainError::NotSigned { reason: error.to_string() })
            }
        }
    }

    /// Returns the bytes for a simulation: complete except for a valid signature.
    ///
    /// # Errors
    /// [`ChainError::Key`].
    pub fn unsigned(&self, msgs: &[Msg], terms: &Terms<'_>) -> Result<Vec<u8>> {
        let (body_bytes, auth_info_bytes) = self.parts(msgs, terms)?;
        Ok(TxRaw { body_bytes, auth_info_bytes, signatures: vec![Vec::new()] }.encode_to_vec())
    }

    fn parts(&self, msgs: &[Msg], terms: &Terms<'_>) -> Result<(Vec<u8>, Vec<u8>)> {
        let public_key = self
            .public
            .to_any()
            .map_err(|_| ChainError::Key { reason: "the public key cannot be encoded".into() })?;
        let body = TxBody {
            messages: msgs.iter().map(|m| m.0.clone()).collect(),
            memo: terms.memo.to_owned(),
            timeout_height: terms.timeout_height,
            ..TxBody::default()
        };
        let single = mode_info::Sum::Single(mode_info::Single { mode: SIGN_MODE_DIRECT });
        let auth = AuthInfo {
            signer_infos: vec![SignerInfo {
                public_key: Some(public_key),
                mode_info: Some(ModeInfo { sum: Some(single) }),
                sequence: terms.account.sequence,
            }],
            fee: Some(Fee { amount: coins(&terms.fee), gas_limit: terms.gas_limit, ..Fee::default() }),
            ..AuthInfo::default()
        };
        Ok((body.encode_to_vec(), auth.encode_to_vec()))
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The public test vector of BIP-39 (entropy of zeros, 24 words).
    const PHRASE: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon \
        abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon art";

    fn terms(sequence: u64) -> Terms<'static> {
        Terms {
            chain_id: "dev-1",
            account: Account { number: 7, sequence },
            gas_limit: 200_000,
            fee: vec![Coin::new(5, "aarch")],
            timeout_height: 99,
            memo: "",
        }
    }

    #[test]
    fn the_mnemonic_gives_the_known_cosmos_address() {
        let signer = Signer::from_mnemonic(&SecretString::new(PHRASE.into()), "cosmos").expect("signer");
        assert_eq!(signer.address(), "cosmos1r5v5srda7xfth3hn2s26txvrcrntldjumt8mhl");
        assert_eq!(format!("{signer:?}"), "Signer(cosmos1r5v5srda7xfth3hn2s26txvrcrntldjumt8mhl)");
    }

    /// Uses the BIP-39 test vectors with entropy of zeros; addresses as wasmd 0.50 derives them.
    #[test]
    fn mnemonics_of_every_length_give_the_sdks_addresses() {
        for (words, last, address) in [
            (12, "about", "archway19rl4cm2hmr8afy4kldpxz3fka4jguq0aft3e4z"),
            (15, "address", "archway1jxt504p3j2wktd3yjn06u7j6jpwvztpxt7shmr"),
            (18, "agent", "archway1sxkq86q5a75plf6n3tc45dxdf5cjfmuf4pycdv"),
            (21, "admit", "archway13pzdjww984l30rf7kzegwhwh2yhag76lqt5cgs"),
            (24, "art", "archway1r5v5srda7xfth3hn2s26txvrcrntldjuwqmlag"),
        ] {
            let phrase = format!("{}{last}", "abandon ".repeat(words - 1));
            let signer = Signer::from_mnemonic(&SecretString::new(phrase), "archway").expect("signer");
            assert_eq!(signer.address(), address, "{words} words");
        }
    }

    #[tokio::test]
    async fn what_is_signed_verifies_and_decodes_with_cosmrs() {
        use cosmrs::crypto::secp256k1::VerifyingKey;
        use k256::ecdsa::signature::Verifier;

        let signer = Signer::from_bytes(&[7; 32], "archway").expect("signer");
        let msg = Msg::execute(signer.address(), signer.address(), b"{}".to_vec(), &[Coin::new(3, "aarch")]);
        let bytes = signer.sign(&[msg], &terms(4)).await.expect("signed");
        let tx = cosmrs::Tx::from_bytes(&bytes).expect("decodes");
        assert_eq!(tx.auth_info.signer_infos[0].sequence, 4);
        assert_eq!(tx.auth_info.fee.gas_limit, 200_000);
        assert_eq!(tx.body.timeout_height.value(), 99);
        let raw = TxRaw::decode(bytes.as_slice()).expect("raw");
        let doc = SignDoc {
            body_bytes: raw.body_bytes,
            auth_info_bytes: raw.auth_info_bytes,
            chain_id: "dev-1".into(),
            account_number: 7,
        };
        let key = VerifyingKey::from_sec1_bytes(&signer.public_key()).expect("key");
        let signature = k256::ecdsa::Signature::from_slice(&raw.signatures[0]).expect("signature");
        key.verify(&doc.encode_to_vec(), &signature).expect("verifies");
    }

    #[test]
    fn keys_load_from_files_and_bad_ones_are_not_quoted() {
        let dir = tempfile::tempdir().expect("dir");
        let load = |text: &str| {
            let path = dir.path().join("key");
            std::fs::write(&path, text).expect("write");
            Signer::load(&SecretSource::File(path), "archway")
        };
        assert!(load(PHRASE).is_ok());
        assert!(load(&format!("{}\n", "07".repeat(32))).is_ok());
        for bad in ["beefbeef", &"00".repeat(32), "abandon abandon about"] {
            let error = load(bad).expect_err(bad).to_string();
            assert!(error.starts_with("signing key: ") && !error.contains(bad), "{error}");
        }
    }
}
