//! Checking signatures of RSA, with keys of 2,048 to 8,192 bits: PKCS #1 v1.5 and PSS (RFC 8017).

use ring::signature::{self, RsaParameters, RsaPublicKeyComponents};

use super::{arguments, bytes, throw_type};

/// `host.rsaKey(spki)`: modulus and exponent of a public key in its DER form (RFC 5280), or null where it is none.
pub(super) fn rsa_key(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let Some(data) = bytes::of(args.get(0)) else { return throw_type(scope, "bytes are needed") };
    let Some((modulus, exponent)) = key_of(&data) else { return result.set_null() };
    let modulus = bytes::to_array(scope, modulus.to_vec());
    let exponent = bytes::to_array(scope, exponent.to_vec());
    if let (Some(modulus), Some(exponent)) = (modulus, exponent) {
        result.set(v8::Array::new_with_elements(scope, &[modulus.into(), exponent.into()]).into());
    }
}

/// `host.rsaVerify(scheme, hash, modulus, exponent, signature, data)`: whether the key signed the data. A salt of PSS is as long
/// as the hash.
pub(super) fn rsa_verify(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let Some([scheme, hash]) = arguments::texts(scope, &args) else { return };
    let Some(parameters) = parameters(&scheme, &hash) else {
        return throw_type(scope, &format!("{scheme} with {hash} is not available"));
    };
    let inputs = [2, 3, 4, 5].map(|i| bytes::of(args.get(i)));
    let [Some(n), Some(e), Some(given), Some(data)] = inputs else {
        return throw_type(scope, "bytes are needed");
    };
    let key = RsaPublicKeyComponents { n: trimmed(&n), e: trimmed(&e) };
    result.set_bool(key.verify(parameters, &data, &given).is_ok());
}

fn parameters(scheme: &str, hash: &str) -> Option<&'static RsaParameters> {
    Some(match (scheme, hash) {
        ("RSASSA-PKCS1-v1_5", "SHA-1") => &signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        ("RSASSA-PKCS1-v1_5", "SHA-256") => &signature::RSA_PKCS1_2048_8192_SHA256,
        ("RSASSA-PKCS1-v1_5", "SHA-384") => &signature::RSA_PKCS1_2048_8192_SHA384,
        ("RSASSA-PKCS1-v1_5", "SHA-512") => &signature::RSA_PKCS1_2048_8192_SHA512,
        ("RSA-PSS", "SHA-256") => &signature::RSA_PSS_2048_8192_SHA256,
        ("RSA-PSS", "SHA-384") => &signature::RSA_PSS_2048_8192_SHA384,
        ("RSA-PSS", "SHA-512") => &signature::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}

/// The algorithm identifier of rsaEncryption with its empty parameters (RFC 3279).
const RSA_ENCRYPTION: [u8; 13] =
    [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;
const INTEGER: u8 = 0x02;

/// Modulus and exponent in a SubjectPublicKeyInfo.
fn key_of(spki: &[u8]) -> Option<(&[u8], &[u8])> {
    let info = whole(SEQUENCE, spki)?;
    let (algorithm, rest) = element(SEQUENCE, info)?;
    let key = whole(BIT_STRING, rest)?.strip_prefix(&[0])?;
    let (n, rest) = element(INTEGER, whole(SEQUENCE, key)?)?;
    let e = whole(INTEGER, rest)?;
    (algorithm == RSA_ENCRYPTION).then_some((trimmed(n), trimmed(e)))
}

/// The contents of the element that these bytes begin with, and what follows it (X.690, definite lengths).
fn element(tag: u8, data: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&[found, first], rest) = data.split_first_chunk()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81 => rest.split_first().map(|(n, rest)| (usize::from(*n), rest))?,
        0x82 => rest.split_first_chunk().map(|(n, rest)| (usize::from(u16::from_be_bytes(*n)), rest))?,
        _ => return None,
    };
    rest.split_at_checked(length).filter(|_| found == tag)
}

/// The contents of an element that nothing follows.
fn whole(tag: u8, data: &[u8]) -> Option<&[u8]> {
    element(tag, data).filter(|(_, rest)| rest.is_empty()).map(|(contents, _)| contents)
}

/// A number without the zeros in front.
fn trimmed(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_and_nothing_else_is() {
        let mut spki = vec![SEQUENCE, 27, SEQUENCE, 13];
        spki.extend(RSA_ENCRYPTION);
        spki.extend([BIT_STRING, 10, 0, SEQUENCE, 7, INTEGER, 2, 0, 0xb3, INTEGER, 1, 3]);
        spki[1] = u8::try_from(spki.len() - 2).unwrap();
        assert_eq!(key_of(&spki), Some((&[0xb3][..], &[3][..])));
        for cut in 0..spki.len() {
            assert_eq!(key_of(&spki[..cut]), None, "{cut}");
        }
        spki.push(0);
        assert_eq!(key_of(&spki), None, "something follows");
    }
}
