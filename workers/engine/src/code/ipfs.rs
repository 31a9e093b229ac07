//! CIDs of single blocks: version 1, base32, raw or dag-pb, sha2-256. Nothing else is accepted.

/// Multihash code of sha2-256 and its length.
const SHA2_256: [u8; 2] = [0x12, 0x20];
const RAW: u8 = 0x55;

/// The SHA-256 inside the CID of a raw block, which for a file of one block is that of the file.
pub(crate) fn digest(cid: &str) -> Option<[u8; 32]> {
    let bytes = base32(cid.strip_prefix('b')?)?;
    let [1, RAW, code, length, digest @ ..] = bytes.as_slice() else { return None };
    if [*code, *length] != SHA2_256 {
        return None;
    }
    digest.try_into().ok()
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
        assert_eq!(hex::encode(digest(cid).unwrap()), expected);
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
            assert_eq!(digest(cid), None, "{cid}");
        }
    }
}
