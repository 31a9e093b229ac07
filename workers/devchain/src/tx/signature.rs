//! Signatures: secp256k1 over the direct sign mode's document. Refuses the malleable twin of a valid signature.

use cosmrs::proto::Any;
use cosmrs::proto::cosmos::crypto::secp256k1::PubKey;
use cosmrs::proto::cosmos::tx::signing::v1beta1::SignMode;
use cosmrs::proto::cosmos::tx::v1beta1::{ModeInfo, SignDoc, TxRaw, mode_info};
use cosmrs::proto::prost::{Message, Name};
use k256::ecdsa::signature::Verifier;
use k256::ecdsa::{Signature, VerifyingKey};
use tendermint::account;

use crate::error::{ExecError, code};

/// Decodes a public key in the form used by accounts and signer infos.
pub(super) fn public_key(any: &Any) -> Result<VerifyingKey, ExecError> {
    let invalid = |why: String| ExecError::sdk(code::INVALID_PUBKEY, why);
    if any.type_url != format!("/{}", PubKey::full_name()) {
        return Err(invalid(format!("unsupported key type {}", any.type_url)));
    }
    let key = PubKey::decode(any.value.as_slice()).map_err(|e| invalid(e.to_string()))?;
    VerifyingKey::from_sec1_bytes(&key.key).map_err(|e| invalid(e.to_string()))
}

/// Returns the address of a key's owner.
pub(super) fn address_of(key: VerifyingKey) -> Vec<u8> {
    account::Id::from(key).as_bytes().to_vec()
}

/// Refuses every sign mode but direct.
pub(super) fn require_direct(mode: Option<&ModeInfo>) -> Result<(), ExecError> {
    match mode.and_then(|m| m.sum.as_ref()) {
        Some(mode_info::Sum::Single(single)) if single.mode == i32::from(SignMode::Direct) => Ok(()),
        _ => Err(ExecError::sdk(code::UNAUTHORIZED, "only SIGN_MODE_DIRECT is supported")),
    }
}

/// Verifies that `signature` is the key's, over this transaction, for this account on this chain.
pub(super) fn verify(
    key: &VerifyingKey,
    signature: &[u8],
    tx: &TxRaw,
    chain_id: &str,
    account_number: u64,
) -> bool {
    let document = SignDoc {
        body_bytes: tx.body_bytes.clone(),
        auth_info_bytes: tx.auth_info_bytes.clone(),
        chain_id: chain_id.to_owned(),
        account_number,
    };
    let Ok(signature) = Signature::from_slice(signature) else { return false };
    signature.normalize_s().is_none() && key.verify(&document.encode_to_vec(), &signature).is_ok()
}
