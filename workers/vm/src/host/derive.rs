//! Keys from secrets and passwords: HKDF (RFC 5869) and PBKDF2 (RFC 8018).

use std::num::NonZeroU32;

use ring::{hkdf as expand, pbkdf2 as stretch};

use super::{arguments, bytes, throw_type};

/// Most bytes of a derived key.
const MAX_LENGTH: usize = 65_536;

/// How many bytes HKDF is to give.
struct Length(usize);

impl expand::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// `host.hkdf(hash, secret, salt, info, length)`: bytes, or null where that many cannot be had.
pub(super) fn hkdf(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let Some(hash) = arguments::text(scope, args.get(0)) else { return };
    let algorithm = match hash.as_str() {
        "SHA-1" => expand::HKDF_SHA1_FOR_LEGACY_USE_ONLY,
        "SHA-256" => expand::HKDF_SHA256,
        "SHA-384" => expand::HKDF_SHA384,
        "SHA-512" => expand::HKDF_SHA512,
        _ => return throw_type(scope, &format!("the hash {hash} is not available")),
    };
    let inputs = [1, 2, 3].map(|i| bytes::of(args.get(i)));
    let [Some(secret), Some(salt), Some(info)] = inputs else {
        return throw_type(scope, "bytes are needed");
    };
    let derived = length(args.get(4)).and_then(|length| {
        let mut out = vec![0; length];
        let key = expand::Salt::new(algorithm, &salt).extract(&secret);
        let info = [info.as_slice()];
        let made = key.expand(&info, Length(length)).ok()?.fill(&mut out);
        made.ok().map(|()| out)
    });
    match derived.and_then(|out| bytes::to_array(scope, out)) {
        Some(array) => result.set(array.into()),
        None => result.set_null(),
    }
}

/// `host.pbkdf2(hash, password, salt, iterations, length)`: bytes, or null where that many cannot be had.
pub(super) fn pbkdf2(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let Some(hash) = arguments::text(scope, args.get(0)) else { return };
    let algorithm = match hash.as_str() {
        "SHA-1" => stretch::PBKDF2_HMAC_SHA1,
        "SHA-256" => stretch::PBKDF2_HMAC_SHA256,
        "SHA-384" => stretch::PBKDF2_HMAC_SHA384,
        "SHA-512" => stretch::PBKDF2_HMAC_SHA512,
        _ => return throw_type(scope, &format!("the hash {hash} is not available")),
    };
    let (Some(password), Some(salt)) = (bytes::of(args.get(1)), bytes::of(args.get(2))) else {
        return throw_type(scope, "bytes are needed");
    };
    let iterations = arguments::integer(args.get(3)).and_then(NonZeroU32::new);
    let derived = iterations.zip(length(args.get(4))).map(|(iterations, length)| {
        let mut out = vec![0; length];
        stretch::derive(algorithm, iterations, &salt, &password, &mut out);
        out
    });
    match derived.and_then(|out| bytes::to_array(scope, out)) {
        Some(array) => result.set(array.into()),
        None => result.set_null(),
    }
}

fn length(value: v8::Local<'_, v8::Value>) -> Option<usize> {
    arguments::integer(value).map(|length| length as usize).filter(|length| *length <= MAX_LENGTH)
}
