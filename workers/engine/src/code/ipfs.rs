//! CIDs: version 1, base32, raw or dag-pb, sha2-256. Nothing else is accepted.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// Multihash code of sha2-256 and its length.
const SHA2_256: [u8; 2] = [0x12, 0x20];
const RAW: u8 = 0x55;

const DAG_PB: u8 = 0x70;

/// What a block's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Codec {
    /// The bytes themselves.
    Raw,
    /// A node of a file that takes several blocks.
    DagPb,
}

/// The name of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cid {
    pub(crate) codec: Codec,
    /// SHA-256 of the block.
    pub(crate) digest: [u8; 32],
}

impl Cid {
    /// Reads the text form.
    pub(crate) fn parse(text: &str) -> Option<Cid> {
        Cid::of_bytes(&base32(text.strip_prefix('b')?)?)
    }

    /// Reads the form that links in blocks have.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Option<Cid> {
        let [1, codec, code, length, digest @ ..] = bytes else { return None };
        if [*code, *length] != SHA2_256 {
            return None;
        }
        let codec = match *codec {
            RAW => Codec::Raw,
            DAG_PB => Codec::DagPb,
            _ => return None,
        };
        Some(Cid { codec, digest: digest.try_into().ok()? })
    }

    /// Whether these bytes are the block.
    pub(crate) fn names(&self, block: &[u8]) -> bool {
        <[u8; 32]>::from(Sha256::digest(block)) == self.digest
    }
}

impl std::fmt::Display for Cid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let codec = match self.codec {
            Codec::Raw => RAW,
            Codec::DagPb => DAG_PB,
        };
        let bytes: Vec<u8> = [1, codec].into_iter().chain(SHA2_256).chain(self.digest).collect();
        f.write_str("b")?;
        // Five bits a letter, the last ones filled up with zeros.
        for i in 0..(bytes.len() * 8).div_ceil(5) {
            let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| (byte >> (7 - at % 8)) & 1);
            let value = (0..5).fold(0u8, |value, k| (value << 1) | bit(i * 5 + k));
            f.write_char(char::from(if value < 26 { b'a' + value } else { b'2' + value - 26 }))?;
        }
        Ok(())
    }
}

/// RFC 4648 base32, lower case, no padding.
fn base32(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 5 / 8);
    let mut buffer = 0u32;
    let mut bits = 0u32;
    for c in text.bytes() {
        let value = match c {
            b'a'..=b'z' => c - b'a',
            b'2'..=b'7' => c - b'2' + 26,
            _ => return None,
        };
        buffer = ((buffer << 5) | u32::from(value)) & 0xffff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from((buffer >> bits) & 0xff).ok()?);
        }
    }
    // Bits left over must be padding of zeros, or two texts would name one block.
    (bits < 5 && buffer & ((1 << bits) - 1) == 0).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_raw_block_is_named_by_its_hash() {
        // "hello world" added with raw leaves, a name every IPFS node knows.
        let cid = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
        let expected = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";
        let parsed = Cid::parse(cid).unwrap();
        assert_eq!((parsed.codec, hex::encode(parsed.digest)), (Codec::Raw, expected.to_owned()));
        assert!(parsed.names(b"hello world") && !parsed.names(b"hello worle"));
        assert_eq!(parsed.to_string(), cid);
        let directory = "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi";
        assert_eq!(Cid::parse(directory).unwrap().codec, Codec::DagPb);
        assert_eq!(Cid::parse(directory).unwrap().to_string(), directory);
    }

    #[test]
    fn other_names_are_refused() {
        for cid in [
            "",
            "b",
            // Version 0.
            "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG",
            // Cut, upper case, trailing bits.
            "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5",
            "BAFKREIFZJUT3TE2NHYEKKLSS27NH3K72YSCO7Y32KOAO5EEI66WOF36N5E",
            "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5f",
        ] {
            assert_eq!(Cid::parse(cid), None, "{cid}");
        }
    }
}
