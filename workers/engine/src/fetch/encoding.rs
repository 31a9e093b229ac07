//! Content encodings (RFC 9110 section 8.4), decoded within the limit of a response whether they were requested or not:
//! compressed bytes never reach code.

use std::io::Read;

use flate2::bufread::GzDecoder;
use flate2::read::{DeflateDecoder, ZlibDecoder};

use crate::net::GuardError;

/// Encodings that requests accept.
pub(super) const ACCEPT: &str = "gzip, br, zstd";

/// Names that servers give to bodies without an encoding.
const NONE: &[&str] = &["", "identity", "none", "binary", "8bit", "utf-8"];

/// Most stacked encodings.
const MAX_LAYERS: usize = 4;

/// Largest window of a zstd frame in bytes (RFC 8878 recommends supporting this much).
const MAX_ZSTD_WINDOW: u64 = 8 << 20;

/// Decodes a body by the values of its `content-encoding`, in their order.
///
/// # Errors
/// [`GuardError::TooLarge`] when a layer exceeds `limit` bytes, [`GuardError::Failed`] naming the encoding that is unknown or
/// whose bytes are corrupt.
pub(super) fn decode<'a>(
    encodings: impl Iterator<Item = &'a str>,
    body: Vec<u8>,
    limit: usize,
) -> Result<Vec<u8>, GuardError> {
    let names: Vec<String> = encodings
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !NONE.contains(&name.as_str()))
        .collect();
    // Answers to HEAD, 204 and 304 name an encoding but have no body.
    if body.is_empty() {
        return Ok(body);
    }
    if names.len() > MAX_LAYERS {
        return Err(GuardError::Failed(format!("the response has more than {MAX_LAYERS} content encodings")));
    }
    names.iter().rev().try_fold(body, |body, name| layer(name, &body, limit))
}

fn layer(name: &str, body: &[u8], limit: usize) -> Result<Vec<u8>, GuardError> {
    let broken =
        || GuardError::Failed(format!("the response is not the {name} that its content-encoding says"));
    match name {
        "gzip" | "x-gzip" => gunzip(body, limit, broken),
        // With the zlib header that the standard requires, or without, as some servers send it.
        "deflate" if is_zlib(body) => bounded(ZlibDecoder::new(body), limit, broken),
        "deflate" => bounded(DeflateDecoder::new(body), limit, broken),
        "br" => bounded(brotli_decompressor::Decompressor::new(body, 4096), limit, broken),
        "zstd" => {
            let body = after_skippable(body);
            if zstd_window(body).is_none_or(|window| window > MAX_ZSTD_WINDOW) {
                return Err(broken());
            }
            let decoder = ruzstd::decoding::StreamingDecoder::new(body).map_err(|_| broken())?;
            bounded(decoder, limit, broken)
        }
        _ => {
            let shown: String = name.chars().take(40).collect();
            Err(GuardError::Failed(format!(
                "the response has the content encoding {shown:?}, which is not known"
            )))
        }
    }
}

/// Decompresses the members of a gzip file (RFC 1952), which zeros may follow as padding.
fn gunzip(body: &[u8], limit: usize, broken: impl Fn() -> GuardError) -> Result<Vec<u8>, GuardError> {
    let (mut out, mut rest) = (Vec::new(), body);
    loop {
        let mut member = GzDecoder::new(rest);
        let left = limit.saturating_sub(out.len());
        match bounded(&mut member, left, &broken) {
            Ok(data) => out.extend_from_slice(&data),
            Err(GuardError::TooLarge { .. }) => return Err(GuardError::TooLarge { limit }),
            Err(error) => return Err(error),
        }
        rest = member.into_inner();
        if rest.iter().all(|byte| *byte == 0) {
            return Ok(out);
        }
    }
}

/// Returns what follows the skippable frames at the start of a zstd stream (RFC 8878 section 3.1.2).
fn after_skippable(mut body: &[u8]) -> &[u8] {
    while let [0x50..=0x5f, 0x2a, 0x4d, 0x18, a, b, c, d, rest @ ..] = body {
        let len = usize::try_from(u32::from_le_bytes([*a, *b, *c, *d])).unwrap_or(usize::MAX);
        body = rest.get(len..).unwrap_or_default();
    }
    body
}

/// Returns whether a stream starts with a zlib header (RFC 1950).
fn is_zlib(body: &[u8]) -> bool {
    matches!(body, [cmf, flg, ..] if cmf & 0x0f == 8 && cmf >> 4 <= 7 && u16::from_be_bytes([*cmf, *flg]).is_multiple_of(31))
}

/// Returns the window that a zstd frame requires, in bytes (RFC 8878 section 3.1.1.1).
fn zstd_window(body: &[u8]) -> Option<u64> {
    let [0x28, 0xb5, 0x2f, 0xfd, descriptor, rest @ ..] = body else { return None };
    if descriptor & 0x20 == 0 {
        let window = rest.first()?;
        let base = 1u64.checked_shl(10 + u32::from(window >> 3))?;
        return base.checked_add((base / 8).checked_mul(u64::from(window & 7))?);
    }
    // A single segment is as large as its content.
    let dictionary = [0, 1, 2, 4].get(usize::from(descriptor & 3))?;
    let size = rest.get(*dictionary..)?;
    match descriptor >> 6 {
        0 => size.first().map(|n| u64::from(*n)),
        1 => size.first_chunk().map(|n| u64::from(u16::from_le_bytes(*n)).saturating_add(256)),
        2 => size.first_chunk().map(|n| u64::from(u32::from_le_bytes(*n))),
        _ => size.first_chunk().map(|n| u64::from_le_bytes(*n)),
    }
}

fn bounded(reader: impl Read, limit: usize, broken: impl Fn() -> GuardError) -> Result<Vec<u8>, GuardError> {
    let mut out = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    reader.take(most).read_to_end(&mut out).map_err(|_| broken())?;
    if out.len() > limit { Err(GuardError::TooLarge { limit }) } else { Ok(out) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    const TEXT: &[u8] = b"{\"price\":\"4.715\"}";

    fn gzip(data: &[u8]) -> Vec<u8> {
        let mut out = GzEncoder::new(Vec::new(), Compression::default());
        out.write_all(data).unwrap();
        out.finish().unwrap()
    }

    fn zlib(data: &[u8]) -> Vec<u8> {
        let mut out = ZlibEncoder::new(Vec::new(), Compression::default());
        out.write_all(data).unwrap();
        out.finish().unwrap()
    }

    fn deflate(data: &[u8]) -> Vec<u8> {
        let mut out = DeflateEncoder::new(Vec::new(), Compression::default());
        out.write_all(data).unwrap();
        out.finish().unwrap()
    }

    fn decoded(encoding: &str, body: Vec<u8>) -> Result<Vec<u8>, GuardError> {
        decode([encoding].into_iter(), body, 1_000)
    }

    #[test]
    fn every_encoding_is_decoded_under_all_its_names() {
        let zstd = ruzstd::encoding::compress_to_vec(TEXT, ruzstd::encoding::CompressionLevel::Fastest);
        // RFC 7932 section 9.2: a window of 16 bits, one stored block, an empty last one.
        let bits = (16u32 << 4) | (1 << 20);
        let brotli = [&bits.to_le_bytes()[..3], TEXT, &[3]].concat();
        for (encoding, body) in [
            ("", TEXT.to_vec()),
            ("identity", TEXT.to_vec()),
            ("gzip", gzip(TEXT)),
            ("GZIP", gzip(TEXT)),
            (" x-gzip ", gzip(TEXT)),
            ("gzip, gzip", gzip(&gzip(TEXT))),
            ("deflate, gzip", gzip(&zlib(TEXT))),
            ("gzip", [gzip(&TEXT[..5]), gzip(&TEXT[5..])].concat()),
            ("deflate", zlib(TEXT)),
            ("deflate", deflate(TEXT)),
            ("br", brotli),
            ("zstd", [b"\x5f\x2a\x4d\x18\x02\0\0\0ab".as_slice(), &zstd].concat()),
            ("zstd", zstd),
            ("gzip", [gzip(TEXT), vec![0; 5]].concat()),
            ("UTF-8", TEXT.to_vec()),
            ("none, binary, 8bit", TEXT.to_vec()),
        ] {
            assert_eq!(decoded(encoding, body).unwrap(), TEXT, "{encoding}");
        }
        assert_eq!(decode(["gzip", "gzip"].into_iter(), gzip(&gzip(TEXT)), 1_000).unwrap(), TEXT);
        assert_eq!(decoded("gzip", Vec::new()).unwrap(), b"");
    }

    #[test]
    fn what_cannot_be_decoded_is_named_and_what_is_too_large_is_refused() {
        for (encoding, body, named) in [
            ("gzip", TEXT.to_vec(), "gzip"),
            ("gzip", gzip(TEXT)[..15].to_vec(), "gzip"),
            ("br", b"\xff\xff\xff\xff".to_vec(), "br"),
            ("zstd", TEXT.to_vec(), "zstd"),
            ("compress", TEXT.to_vec(), "\"compress\""),
            ("gzip,gzip,gzip,gzip,gzip", TEXT.to_vec(), "more than 4"),
        ] {
            let error = decoded(encoding, body).unwrap_err().to_string();
            assert!(error.contains(named), "{encoding}: {error}");
        }
        let bomb = gzip(&vec![0; 5_000]);
        assert_eq!(decoded("gzip", bomb.clone()), Err(GuardError::TooLarge { limit: 1_000 }));
        assert_eq!(decoded("gzip, gzip", gzip(&bomb)), Err(GuardError::TooLarge { limit: 1_000 }));
    }
}
