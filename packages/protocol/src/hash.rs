//! The one hash function: SHA-256 over a tag and fields, each with its length before it. Nothing else may be hashed bare,
//! except the contents that the wire format itself defines as plain SHA-256 (code, input, body).

use gateway_api::{CodeHash, InputHash};
use sha2::{Digest, Sha256};

/// Hashes a tag and fields: SHA-256 over each one's length and bytes.
///
/// A length is written as an unsigned LEB128 number, which is prefix-free: two lists of fields give the same bytes only
/// where they are the same list. Short lengths take one byte, so that a seat's preimage fits one SHA-256 block.
#[must_use]
pub fn hash(tag: &str, fields: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    absorb(&mut hasher, tag.as_bytes());
    for field in fields {
        absorb(&mut hasher, field);
    }
    hasher.finalize().into()
}

/// Adds one length-prefixed field.
pub(crate) fn absorb(hasher: &mut Sha256, field: &[u8]) {
    let mut rest = field.len();
    let mut prefix = [0u8; 10];
    let mut used = 0;
    loop {
        let low = (rest & 0x7f) as u8;
        rest >>= 7;
        prefix[used] = if rest == 0 { low } else { low | 0x80 };
        used += 1;
        if rest == 0 {
            break;
        }
    }
    hasher.update(&prefix[..used]);
    hasher.update(field);
}

/// The hash that pins a project's code: SHA-256 of its bytes.
#[must_use]
pub fn code_hash(code: &[u8]) -> CodeHash {
    CodeHash(Sha256::digest(code).into())
}

/// The hash of a request's input: SHA-256 of its text.
#[must_use]
pub fn input_hash(input: &str) -> InputHash {
    InputHash(Sha256::digest(input.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_preimage_is_lengths_and_bytes() {
        let long = [7u8; 300];
        let mut plain = vec![1, b't', 2, b'a', b'b', 0, 0xac, 0x02];
        plain.extend_from_slice(&long);
        let expected: [u8; 32] = Sha256::digest(&plain).into();
        assert_eq!(hash("t", &[b"ab", b"", &long]), expected);
    }

    proptest! {
        /// Moving a border between fields, or between tag and field, changes the hash.
        #[test]
        fn no_concatenation_is_ambiguous(
            bytes in proptest::collection::vec(any::<u8>(), 1..300),
            a in any::<prop::sample::Index>(),
            b in any::<prop::sample::Index>(),
        ) {
            let (a, b) = (a.index(bytes.len() + 1), b.index(bytes.len() + 1));
            let split = |at: usize| hash("gateway/test", &[&bytes[..at], &bytes[at..]]);
            prop_assert_eq!(split(a) == split(b), a == b);
            prop_assert_ne!(hash("gateway/test", &[&bytes]), split(a));
        }
    }

    #[test]
    fn a_border_between_tag_and_field_counts() {
        assert_ne!(hash("ab", &[b"c"]), hash("a", &[b"bc"]));
        assert_ne!(hash("a", &[b"1", b"23"]), hash("a", &[b"12", b"3"]));
    }
}
