//! The keyed part of Web Crypto: HMAC, AES-GCM, and checking signatures of Ed25519 and ECDSA. Deterministic functions of their
//! arguments; randomness, where code wants some, comes from the run's own seed.

use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{AeadInPlace, KeyInit};
use aes_gcm::aes::{Aes128, Aes192, Aes256};
use aes_gcm::{AesGcm, Nonce, Tag};
use hmac::{Hmac, Mac};
use k256::ecdsa::signature::hazmat::PrehashVerifier;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::{arguments, bytes, throw_type};

/// Bytes of the tag of AES-GCM.
const TAG: usize = 16;

/// `host.hmac(hash, key, data)`: the authentication code (RFC 2104).
pub(super) fn hmac(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let Some(name) = arguments::text(scope, args.get(0)) else { return };
    let (Some(key), Some(data)) = (bytes::of(args.get(1)), bytes::of(args.get(2))) else {
        return throw_type(scope, "bytes are needed");
    };
    fn with<M: Mac + hmac::digest::KeyInit>(key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
        let mut mac = <M as Mac>::new_from_slice(key).ok()?;
        mac.update(data);
        Some(mac.finalize().into_bytes().to_vec())
    }
    let code = match name.as_str() {
        "SHA-1" => with::<Hmac<Sha1>>(&key, &data),
        "SHA-256" => with::<Hmac<Sha256>>(&key, &data),
        "SHA-384" => with::<Hmac<Sha384>>(&key, &data),
        "SHA-512" => with::<Hmac<Sha512>>(&key, &data),
        _ => return throw_type(scope, &format!("the hash {name} is not available")),
    };
    if let Some(array) = code.and_then(|code| bytes::to_array(scope, code)) {
        result.set(array.into());
    }
}

/// `host.aesGcm(seal, key, iv, additional, data)`: the text sealed or opened; null where it cannot be opened.
pub(super) fn aes_gcm(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let seal = args.get(0).is_true();
    let inputs = [1, 2, 3, 4].map(|i| bytes::of(args.get(i)));
    let [Some(key), Some(iv), Some(additional), Some(mut data)] = inputs else {
        return throw_type(scope, "bytes are needed");
    };
    let Ok(iv) = <[u8; 12]>::try_from(iv) else {
        return throw_type(scope, "AES-GCM: the iv has 12 bytes");
    };
    let done = match key.len() {
        16 => gcm::<AesGcm<Aes128, U12>>(seal, &key, &iv, &additional, &mut data),
        24 => gcm::<AesGcm<Aes192, U12>>(seal, &key, &iv, &additional, &mut data),
        32 => gcm::<AesGcm<Aes256, U12>>(seal, &key, &iv, &additional, &mut data),
        _ => return throw_type(scope, "AES-GCM: a key has 16, 24 or 32 bytes"),
    };
    match done {
        Some(()) => {
            if let Some(array) = bytes::to_array(scope, data) {
                result.set(array.into());
            }
        }
        None => result.set_null(),
    }
}

fn gcm<C>(seal: bool, key: &[u8], iv: &[u8; 12], additional: &[u8], data: &mut Vec<u8>) -> Option<()>
where
    C: AeadInPlace<NonceSize = U12, TagSize = aes_gcm::aead::consts::U16> + KeyInit,
{
    let cipher = C::new_from_slice(key).ok()?;
    let nonce = &Nonce::from(*iv);
    if seal {
        let tag = cipher.encrypt_in_place_detached(nonce, additional, data).ok()?;
        data.extend_from_slice(&tag);
        return Some(());
    }
    let at = data.len().checked_sub(TAG)?;
    let tag: [u8; TAG] = data.split_off(at).try_into().ok()?;
    cipher.decrypt_in_place_detached(nonce, additional, data, &Tag::from(tag)).ok()
}

/// `host.ed25519Verify(key, signature, data)`: whether the key signed the data (RFC 8032 by the rules of ZIP 215).
pub(super) fn ed25519_verify(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let inputs = [0, 1, 2].map(|i| bytes::of(args.get(i)));
    let [Some(key), Some(signature), Some(data)] = inputs else {
        return throw_type(scope, "bytes are needed");
    };
    let key = ed25519_zebra::VerificationKey::try_from(key.as_slice()).ok();
    let signature = ed25519_zebra::Signature::try_from(signature.as_slice()).ok();
    let right = key.zip(signature).is_some_and(|(key, signature)| key.verify(&signature, &data).is_ok());
    result.set_bool(right);
}

/// `host.ecdsaVerify(curve, hash, key, signature, data)`: whether the key, a point in SEC1 form, signed the data. A signature is
/// r and s, each as long as the curve's field.
pub(super) fn ecdsa_verify(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let Some([curve, hash]) = arguments::texts(scope, &args) else { return };
    let inputs = [2, 3, 4].map(|i| bytes::of(args.get(i)));
    let [Some(key), Some(signature), Some(data)] = inputs else {
        return throw_type(scope, "bytes are needed");
    };
    let digest = match hash.as_str() {
        "SHA-1" => Sha1::digest(&data).to_vec(),
        "SHA-256" => Sha256::digest(&data).to_vec(),
        "SHA-384" => Sha384::digest(&data).to_vec(),
        "SHA-512" => Sha512::digest(&data).to_vec(),
        _ => return throw_type(scope, &format!("the hash {hash} is not available")),
    };
    // A digest stands for a number: a short one has zeros before it (FIPS 186-5 section 6.4.2).
    let digest = |field: usize| [vec![0; field.saturating_sub(digest.len())], digest.clone()].concat();
    let right = match curve.as_str() {
        "P-256" => p256::ecdsa::VerifyingKey::from_sec1_bytes(&key)
            .ok()
            .zip(p256::ecdsa::Signature::from_slice(&signature).ok())
            .is_some_and(|(key, signature)| key.verify_prehash(&digest(32), &signature).is_ok()),
        "P-384" => p384::ecdsa::VerifyingKey::from_sec1_bytes(&key)
            .ok()
            .zip(p384::ecdsa::Signature::from_slice(&signature).ok())
            .is_some_and(|(key, signature)| key.verify_prehash(&digest(48), &signature).is_ok()),
        _ => return throw_type(scope, &format!("the curve {curve} is not available")),
    };
    result.set_bool(right);
}

/// `host.readKey(algorithm, curve, format, bytes)`: the public key as a point in SEC1 form or as the 32 bytes of Ed25519; null
/// where the bytes are no such key.
pub(super) fn read_key(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let Some([algorithm, curve, format]) = arguments::texts(scope, &args) else { return };
    let Some(data) = bytes::of(args.get(3)) else { return throw_type(scope, "bytes are needed") };
    let data = match format.as_str() {
        "raw" => Some(data.as_slice()),
        "spki" => spki(&algorithm, &curve).and_then(|head| data.strip_prefix(head)),
        _ => None,
    };
    let key = data.and_then(|data| match (algorithm.as_str(), curve.as_str()) {
        ("ECDSA", "P-256") => p256::PublicKey::from_sec1_bytes(data).ok().map(|_| data.to_vec()),
        ("ECDSA", "P-384") => p384::PublicKey::from_sec1_bytes(data).ok().map(|_| data.to_vec()),
        ("Ed25519", _) => (data.len() == 32).then(|| data.to_vec()),
        _ => None,
    });
    match key.and_then(|key| bytes::to_array(scope, key)) {
        Some(array) => result.set(array.into()),
        None => result.set_null(),
    }
}

/// What stands before the key in its DER form (RFC 5480, RFC 8410): for one algorithm it is always the same.
fn spki(algorithm: &str, curve: &str) -> Option<&'static [u8]> {
    match (algorithm, curve) {
        ("ECDSA", "P-256") => Some(&[
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
            0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
        ]),
        ("ECDSA", "P-384") => Some(&[
            0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b,
            0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00,
        ]),
        ("Ed25519", _) => Some(&[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]),
        _ => None,
    }
}
