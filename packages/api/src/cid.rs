//! CIDs, the names of IPFS blocks: version 1, base32, SHA-256 (<https://github.com/multiformats/cid>). The only reader and
//! writer of them.

use std::fmt::{self, Write};

use sha2::{Digest, Sha256};

use crate::CodeHash;

const VERSION: u8 = 1;
const RAW: u8 = 0x55;
const DAG_PB: u8 = 0x70;
/// Multihash code of sha2-256 and its length.
const SHA2_256: [u8; 2] = [0x12, 0x20];

/// How a block's bytes are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// The bytes themselves.
    Raw,
    /// A node of a file or folder that takes several blocks.
    DagPb,
    /// Another codec with a code of one byte; no file is kept in it.
    Other(u8),
}

/// The name of an IPFS block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cid {
    /// How the block is read.
    pub codec: Codec,
    /// SHA-256 of the block.
    pub digest: CodeHash,
}

impl Cid {
    /// Reads the text form. `None` for other versions, bases and hashes, and for a text that is not the only form of its CID.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::of_bytes(&base32(text.strip_prefix('b')?)?)
    }

    /// Reads the binary form, which links in blocks have.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let [VERSION, codec @ 0..=0x7f, code, length, digest @ ..] = bytes else { return None };
        let digest: [u8; 32] = digest.try_into().ok()?;
        if [*code, *length] != SHA2_256 {
            return None;
        }
        let codec = match *codec {
            RAW => Codec::Raw,
            DAG_PB => Codec::DagPb,
            other => Codec::Other(other),
        };
        Some(Self { codec, digest: CodeHash(digest) })
    }

    /// Whether these bytes are the block.
    #[must_use]
    pub fn matches(&self, block: &[u8]) -> bool {
        <[u8; 32]>::from(Sha256::digest(block)) == self.digest.0
    }
}

impl fmt::Display for Cid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codec = match self.codec {
            Codec::Raw => RAW,
            Codec::DagPb => DAG_PB,
            Codec::Other(code) => code,
        };
        let bytes = [VERSION, codec].into_iter().chain(SHA2_256).chain(self.digest.0);
        f.write_char('b')?;
        // Five bits a letter, the last ones filled up with zeros.
        let (mut buffer, mut bits) = (0u16, 0u32);
        for byte in bytes {
            // At most four bits are left over from before: twelve at once.
            buffer = (buffer << 8) | u16::from(byte);
            bits += 8;
            while bits >= 5 {
                bits -= 5;
                f.write_char(letter(buffer >> bits))?;
                buffer &= (1 << bits) - 1;
            }
        }
        if bits > 0 { f.write_char(letter(buffer << (5 - bits))) } else { Ok(()) }
    }
}

/// The base32 letter of five bits.
fn letter(value: u16) -> char {
    match u8::try_from(value & 0x1f).unwrap_or_default() {
        letter @ 0..26 => char::from(b'a' + letter),
        digit => char::from(b'2' + (digit - 26)),
    }
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
    // Bits left over must be zeros, or two texts would name one block.
    (bits < 5 && buffer == 0).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_raw_block_is_named_by_its_hash() {
        // "hello world" added with raw leaves, a name every IPFS node knows.
        let text = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
        let cid = Cid::parse(text).unwrap();
        let digest = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9".parse().unwrap();
        assert_eq!(cid, Cid { codec: Codec::Raw, digest });
        assert_eq!(cid.to_string(), text);
        assert!(cid.matches(b"hello world") && !cid.matches(b"hello worle"));
    }

    #[test]
    fn every_codec_of_one_byte_is_read_and_written_back() {
        for (text, codec) in [
            ("bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi", Codec::DagPb),
            ("bafyreigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi", Codec::Other(0x71)),
        ] {
            let cid = Cid::parse(text).unwrap();
            assert_eq!((cid.codec, cid.to_string().as_str()), (codec, text));
        }
    }

    #[test]
    fn other_texts_are_refused() {
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
            assert_eq!(Cid::parse(cid), None, "{cid}");
        }
    }
}
