//! Hashes and address encodings for code: what contracts need and pure JavaScript is slow at.

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32, Hrp};
use ripemd::Ripemd160;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::{arguments, bytes, throw_type};

/// `host.digest(name, bytes)`: the hash, or throws for a name that is not known.
pub(super) fn digest(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let Some(name) = arguments::text(scope, args.get(0)) else { return };
    let Some(input) = bytes::of(args.get(1)) else { return throw_type(scope, "bytes are needed") };
    let output = match name.as_str() {
        "SHA-1" => Sha1::digest(&input).to_vec(),
        "SHA-256" => Sha256::digest(&input).to_vec(),
        "SHA-384" => Sha384::digest(&input).to_vec(),
        "SHA-512" => Sha512::digest(&input).to_vec(),
        "KECCAK-256" => keccak256(&input).to_vec(),
        "RIPEMD-160" => Ripemd160::digest(&input).to_vec(),
        _ => return throw_type(scope, &format!("the hash {name} is not available")),
    };
    if let Some(array) = bytes::to_array(scope, output) {
        result.set(array.into());
    }
}

/// `host.bech32Encode(prefix, bytes)`
pub(super) fn bech32_encode(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let Some(prefix) = arguments::text(scope, args.get(0)) else { return };
    let Some(input) = bytes::of(args.get(1)) else { return throw_type(scope, "bytes are needed") };
    let encoded = Hrp::parse(&prefix)
        .map_err(|e| e.to_string())
        .and_then(|hrp| bech32::encode::<Bech32>(hrp, &input).map_err(|e| e.to_string()));
    match encoded {
        Ok(text) => {
            if let Some(text) = v8::String::new(scope, &text) {
                result.set(text.into());
            }
        }
        Err(reason) => throw_type(scope, &format!("bech32: {reason}")),
    }
}

/// `host.bech32Decode(text)`: `[prefix, bytes]`, or throws.
pub(super) fn bech32_decode(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let Some(text) = arguments::text(scope, args.get(0)) else { return };
    let (prefix, data) = match CheckedHrpstring::new::<Bech32>(&text) {
        Ok(checked) => (checked.hrp().to_lowercase(), checked.byte_iter().collect::<Vec<u8>>()),
        Err(e) => return throw_type(scope, &format!("bech32: {e}")),
    };
    let prefix = v8::String::new(scope, &prefix);
    let data = bytes::to_array(scope, data);
    if let (Some(prefix), Some(data)) = (prefix, data) {
        let array = v8::Array::new_with_elements(scope, &[prefix.into(), data.into()]);
        result.set(array.into());
    }
}

/// Keccak-256 as Ethereum uses it: the padding of the original submission.
fn keccak256(input: &[u8]) -> [u8; 32] {
    const RATE: usize = 136;
    let mut state = [0u64; 25];
    let mut padded = input.to_vec();
    padded.push(0x01);
    padded.resize(padded.len().next_multiple_of(RATE), 0);
    if let Some(last) = padded.last_mut() {
        *last |= 0x80;
    }
    for block in padded.chunks_exact(RATE) {
        for (lane, word) in state.iter_mut().zip(block.as_chunks::<8>().0) {
            *lane ^= u64::from_le_bytes(*word);
        }
        keccak::f1600(&mut state);
    }
    let mut output = [0; 32];
    for (out, lane) in output.as_chunks_mut::<8>().0.iter_mut().zip(state) {
        *out = lane.to_le_bytes();
    }
    output
}

#[cfg(test)]
mod tests {
    use super::keccak256;

    #[test]
    fn keccak_matches_known_hashes() {
        let cases: [(&[u8], &str); 3] = [
            (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
            (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
            (
                b"The quick brown fox jumps over the lazy dog",
                "4d741b6f1eb29cb2a9b9911c82f56fa8d73b04959d3d9d222895df6c0b28aa15",
            ),
        ];
        for (input, expected) in cases {
            assert_eq!(hex::encode(keccak256(input)), expected);
        }
        // A block that is full but for one byte has both padding bits in that byte.
        assert_ne!(keccak256(&[0; 135]), keccak256(&[0; 136]));
    }
}
