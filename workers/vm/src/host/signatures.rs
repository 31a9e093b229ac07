//! Signatures of secp256k1, the curve of Ethereum and Cosmos accounts: checking one, and finding who made it.

use k256::ecdsa::signature::hazmat::PrehashVerifier;
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};

use super::{arguments, bytes, throw_type};

/// `host.secp256k1Verify(hash, signature, publicKey)`: whether the key signed the hash.
pub(super) fn verify(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let inputs = (bytes::of(args.get(0)), bytes::of(args.get(1)), bytes::of(args.get(2)));
    let (Some(hash), Some(signature), Some(key)) = inputs else {
        return throw_type(scope, "bytes are needed");
    };
    let Ok(key) = VerifyingKey::from_sec1_bytes(&key) else {
        return throw_type(scope, "secp256k1: the public key is not a point of the curve");
    };
    // What is no signature at all is a wrong one.
    let right = Signature::from_slice(&signature).is_ok_and(|s| key.verify_prehash(&hash, &s).is_ok());
    result.set_bool(right);
}

/// `host.secp256k1Recover(hash, signature, recovery)`: the public key, 65 bytes, or throws.
pub(super) fn recover(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let (Some(hash), Some(signature)) = (bytes::of(args.get(0)), bytes::of(args.get(1))) else {
        return throw_type(scope, "bytes are needed");
    };
    let recovery = arguments::integer(args.get(2)).and_then(|id| u8::try_from(id).ok());
    let key = recovery.and_then(RecoveryId::from_byte).zip(Signature::from_slice(&signature).ok()).and_then(
        |(recovery, signature)| VerifyingKey::recover_from_prehash(&hash, &signature, recovery).ok(),
    );
    let Some(key) = key else {
        return throw_type(scope, "secp256k1: no key made this signature of this hash");
    };
    if let Some(array) = bytes::to_array(scope, key.to_encoded_point(false).as_bytes().to_vec()) {
        result.set(array.into());
    }
}
