//! Addresses: their bech32 text, and how those of module accounts and contracts are derived.

use bech32::{Bech32, Hrp};
use cosmwasm_std::CanonicalAddr;
use sha2::{Digest, Sha256};
use thiserror::Error;

/// The longest address in bytes.
const MAX_LEN: usize = 255;

/// Why a text is not an address of this chain.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AddressError {
    /// The text is empty.
    #[error("empty address string is not allowed")]
    Empty,
    /// Not bech32 at all.
    #[error("decoding bech32 failed: {0}")]
    Bech32(String),
    /// An address of another chain.
    #[error("invalid Bech32 prefix; expected {expected}, got {got}")]
    Prefix {
        /// This chain's prefix.
        expected: String,
        /// The prefix found.
        got: String,
    },
    /// Too short or too long.
    #[error("address length must be between 1 and 255 bytes, got {0}")]
    Length(usize),
    /// Upper or mixed case, which would give one account two names.
    #[error("address must be normalized")]
    NotNormalized,
}

/// Translates between bytes and text for one prefix.
#[derive(Clone, Debug)]
pub(crate) struct AddressCodec {
    hrp: Hrp,
}

impl AddressCodec {
    /// Creates a codec for `prefix`.
    pub(crate) fn new(prefix: &str) -> Result<Self, AddressError> {
        let hrp = Hrp::parse(prefix).map_err(|e| AddressError::Bech32(e.to_string()))?;
        Ok(Self { hrp })
    }

    /// Returns the text of an address.
    pub(crate) fn encode(&self, address: &[u8]) -> Result<String, AddressError> {
        if address.is_empty() || address.len() > MAX_LEN {
            return Err(AddressError::Length(address.len()));
        }
        bech32::encode_lower::<Bech32>(self.hrp, address).map_err(|e| AddressError::Bech32(e.to_string()))
    }

    /// Returns the bytes of an address of this chain.
    pub(crate) fn decode(&self, text: &str) -> Result<Vec<u8>, AddressError> {
        if text.trim().is_empty() {
            return Err(AddressError::Empty);
        }
        let (hrp, bytes) = bech32::decode(text).map_err(|e| AddressError::Bech32(e.to_string()))?;
        if hrp != self.hrp {
            return Err(AddressError::Prefix { expected: self.hrp.to_string(), got: hrp.to_string() });
        }
        if bytes.is_empty() || bytes.len() > MAX_LEN {
            return Err(AddressError::Length(bytes.len()));
        }
        if self.encode(&bytes)? != text {
            return Err(AddressError::NotNormalized);
        }
        Ok(bytes)
    }
}

/// Returns the 20-byte address of a module's account, such as `fee_collector`.
pub fn module_address(name: &str) -> [u8; 20] {
    let digest: [u8; 32] = Sha256::digest(name.as_bytes()).into();
    let mut address = [0; 20];
    address.copy_from_slice(&digest[..20]);
    address
}

/// Returns the address of the `instance`-th contract overall, which runs code `code_id`.
pub(crate) fn classic_contract_address(code_id: u64, instance: u64) -> [u8; 32] {
    let mut key = b"wasm\0".to_vec();
    key.extend_from_slice(&code_id.to_be_bytes());
    key.extend_from_slice(&instance.to_be_bytes());
    let kind: [u8; 32] = Sha256::digest(b"module").into();
    Sha256::new().chain_update(kind).chain_update(key).finalize().into()
}

/// Returns the address that does not depend on the chain's past: derived from code, creator and salt.
pub(crate) fn predictable_contract_address(checksum: &[u8], creator: &[u8], salt: &[u8]) -> Option<Vec<u8>> {
    cosmwasm_std::instantiate2_address(checksum, &CanonicalAddr::from(creator), salt)
        .ok()
        .map(|a| a.as_slice().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_bytes_agree_and_foreign_or_shouted_addresses_are_refused() {
        let codec = AddressCodec::new("archway").unwrap();
        let text = codec.encode(&[7; 20]).unwrap();
        assert_eq!(codec.decode(&text).unwrap(), vec![7; 20]);
        assert_eq!(codec.decode(&text.to_uppercase()), Err(AddressError::NotNormalized));
        let foreign = AddressCodec::new("cosmos").unwrap().encode(&[7; 20]).unwrap();
        assert!(matches!(codec.decode(&foreign), Err(AddressError::Prefix { .. })));
        assert_eq!(codec.decode(" "), Err(AddressError::Empty));
    }

    #[test]
    fn contract_and_module_addresses_are_those_of_the_known_chains() {
        // The first contract of code 1 and the fee collector have the same bytes on every Cosmos chain.
        let juno = AddressCodec::new("juno").unwrap();
        assert_eq!(
            juno.encode(&classic_contract_address(1, 1)).unwrap(),
            "juno14hj2tavq8fpesdwxxcu44rty3hh90vhujrvcmstl4zr3txmfvw9skjuwg8"
        );
        let cosmos = AddressCodec::new("cosmos").unwrap();
        assert_eq!(
            cosmos.encode(&module_address("fee_collector")).unwrap(),
            "cosmos17xpfvakm2amg962yls6f84z3kell8c5lserqta"
        );
    }
}
