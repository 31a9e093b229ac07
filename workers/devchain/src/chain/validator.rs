//! The only validator. It signs nothing, as nobody verifies its signatures.

use serde_json::{Value, json};
use tendermint::{PublicKey, validator, vote};

use crate::error::DevchainError;

/// The base point of edwards25519: a valid key whose secret is publicly known, so that nobody relies on it.
const KEY: [u8; 32] = {
    let mut key = [0x66; 32];
    key[0] = 0x58;
    key
};

/// Returns the validator as clients see it.
pub(crate) fn info() -> Result<validator::Info, DevchainError> {
    let key = PublicKey::from_raw_ed25519(&KEY)
        .ok_or_else(|| DevchainError::Block("the validator's key is invalid".to_owned()))?;
    Ok(validator::Info::new(key, vote::Power::from(1u32)))
}

/// Returns the validator as CometBFT's RPC writes it.
pub(crate) fn json() -> Result<Value, DevchainError> {
    let info = info()?;
    let key = serde_json::to_value(info.pub_key).map_err(DevchainError::block)?;
    let power = info.power.value().to_string();
    Ok(json!({ "address": info.address.to_string(), "pub_key": key, "voting_power": power }))
}
