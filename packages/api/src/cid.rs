//! IPFS names: CIDs of version 1 in base32, with a SHA-256. A name of a raw block says the hash of the block itself.

use crate::CodeHash;

/// What comes before the digest: the version, the codec, sha2-256 and its length.
const VERSION: u8 = 1;
const RAW: u8 = 0x55;
const SHA2_256: [u8; 2] = [0x12, 0x20];

/// A name taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cid {
    /// One raw block: the hash is the block's.
    Raw(CodeHash),
    /// A node of another codec, whose hash says nothing of a file's bytes.
    Other,
}

/// Reads a name; `None` where it is none.
pub(crate) fn parse(text: &str) -> Option<Cid> {
    let bytes = base32(text.strip_prefix('b')?)?;
    // Every codec that files are kept in has a code of one byte.
    let [VERSION, codec @ 0..=0x7f, code, length, digest @ ..] = bytes.as_slice() else { return None };
    let digest: [u8; 32] = digest.try_into().ok()?;
    if [*code, *length] != SHA2_256 {
        return None;
    }
    Some(if *codec == RAW { Cid::Raw(CodeHash(digest)) } else { Cid::Other })
}

/// RFC 4648 base32, lower case, no padding.
fn base32(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len().saturating_mul(5) / 8);
    let (mut buffer, mut bits) = (0u16, 0u32);
    for c in text.bytes() {
        let value = match c {
            b'a'..=b'z' => c - b'a',
            b'2'..=b'7' => c - b'2' + 26,
            _ => return None,
        };
        // At most seven bits are left over from before: twelve at once.
        buffer = (buffer << 5) | u16::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from(buffer >> bits).ok()?);
            buffer &= (1 << bits) - 1;
        }
    }
    // What is left over are zeros, or two texts would be one name.
    (bits < 5 && buffer == 0).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_raw_block_is_named_by_its_hash() {
        // "hello world", a name every IPFS node knows.
        let hash = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9".parse().unwrap();
        let cid = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
        assert_eq!(parse(cid), Some(Cid::Raw(hash)));
    }

    #[test]
    fn a_node_of_links_says_nothing_of_the_bytes() {
        let cid = "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi";
        assert_eq!(parse(cid), Some(Cid::Other));
    }

    #[test]
    fn other_texts_are_no_names() {
        for cid in [
            "",
            "b",
            // Version 0.
            "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG",
            // Cut, upper case, bits left over.
            "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5",
            "BAFKREIFZJUT3TE2NHYEKKLSS27NH3K72YSCO7Y32KOAO5EEI66WOF36N5E",
            "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5f",
        ] {
            assert_eq!(parse(cid), None, "{cid}");
        }
    }
}
