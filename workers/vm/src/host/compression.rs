//! Packing and unpacking of bytes as streams of the web do it: gzip (RFC 1952), deflate in zlib's frame (RFC 1950) and without
//! one (RFC 1951). The library has no code that depends on the processor, so what it packs is the same everywhere.

use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};
use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZFlush, MZStatus};

use super::{Host, arguments, bytes, throw_range, throw_type};

/// How hard to try, as zlib's default.
const LEVEL: u8 = 6;

/// The head of a gzip member: no name, no time, an unknown system.
const GZIP_HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// Bytes behind a gzip member: checksum and length.
const GZIP_TAIL: usize = 8;

/// Why bytes cannot be unpacked.
enum Unpackable {
    /// They are not of the format, or there are too few or too many.
    Malformed,
    /// What is in them is larger than allowed.
    TooLarge,
}

/// `host.compress(format, bytes)`: the bytes packed.
pub(super) fn compress(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let Some((format, data)) = inputs(scope, &args) else { return };
    let packed = match format.as_str() {
        "gzip" => gzip(&data),
        "deflate" => compress_to_vec_zlib(&data, LEVEL),
        "deflate-raw" => compress_to_vec(&data, LEVEL),
        _ => return throw_type(scope, &format!("the format {format} is not available")),
    };
    if let Some(array) = bytes::to_array(scope, packed) {
        result.set(array.into());
    }
}

/// `host.decompress(format, bytes)`: the bytes unpacked, at most as many as the run's buffers may have; throws where they are
/// not of the format.
pub(super) fn decompress(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let Some((format, data)) = inputs(scope, &args) else { return };
    let Some(limit) = scope.get_slot::<Host>().map(|host| host.limits.array_buffer_bytes as usize) else {
        return;
    };
    let unpacked = match format.as_str() {
        "gzip" => gunzip(&data, limit),
        "deflate" => unpack_whole(&data, DataFormat::Zlib, limit),
        "deflate-raw" => unpack_whole(&data, DataFormat::Raw, limit),
        _ => return throw_type(scope, &format!("the format {format} is not available")),
    };
    match unpacked {
        Ok(unpacked) => {
            if let Some(array) = bytes::to_array(scope, unpacked) {
                result.set(array.into());
            }
        }
        Err(Unpackable::Malformed) => throw_type(scope, &format!("the bytes are not {format}")),
        Err(Unpackable::TooLarge) => {
            throw_range(scope, &format!("the bytes unpack to more than {limit}"));
        }
    }
}

fn inputs(
    scope: &mut v8::PinScope<'_, '_>,
    args: &v8::FunctionCallbackArguments<'_>,
) -> Option<(String, Vec<u8>)> {
    let format = arguments::text(scope, args.get(0))?;
    let data = bytes::of(args.get(1));
    if data.is_none() {
        throw_type(scope, "bytes are needed");
    }
    data.map(|data| (format, data))
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut out = GZIP_HEAD.to_vec();
    out.extend(compress_to_vec(data, LEVEL));
    out.extend(tail(data));
    out
}

/// Checksum and length modulo 2^32.
fn tail(data: &[u8]) -> [u8; GZIP_TAIL] {
    let (sum, length) = (crc32fast::hash(data).to_le_bytes(), (data.len() as u32).to_le_bytes());
    let [a, b, c, d] = sum;
    let [e, f, g, h] = length;
    [a, b, c, d, e, f, g, h]
}

fn gunzip(data: &[u8], limit: usize) -> Result<Vec<u8>, Unpackable> {
    let body = after_head(data).ok_or(Unpackable::Malformed)?;
    let (out, used) = unpack(body, DataFormat::Raw, limit)?;
    if body.get(used..) == Some(tail(&out).as_slice()) { Ok(out) } else { Err(Unpackable::Malformed) }
}

/// What follows the head of a gzip member.
fn after_head(data: &[u8]) -> Option<&[u8]> {
    let (&[0x1f, 0x8b, 8, flags, ..], mut rest) = data.split_first_chunk::<10>()? else { return None };
    if flags & 4 != 0 {
        let (length, after) = rest.split_first_chunk()?;
        rest = after.get(usize::from(u16::from_le_bytes(*length))..)?;
    }
    // A name, and a comment, each with a zero behind.
    for flag in [8, 16] {
        if flags & flag != 0 {
            let end = rest.iter().position(|byte| *byte == 0)?;
            rest = rest.get(end.checked_add(1)?..)?;
        }
    }
    if flags & 2 != 0 {
        rest = rest.get(2..)?;
    }
    Some(rest)
}

/// Unpacks bytes that nothing follows.
fn unpack_whole(data: &[u8], format: DataFormat, limit: usize) -> Result<Vec<u8>, Unpackable> {
    let (out, used) = unpack(data, format, limit)?;
    if used == data.len() { Ok(out) } else { Err(Unpackable::Malformed) }
}

/// What is in the packed bytes, and how many of them it took.
fn unpack(data: &[u8], format: DataFormat, limit: usize) -> Result<(Vec<u8>, usize), Unpackable> {
    let mut state = InflateState::new_boxed(format);
    let (mut out, mut used) = (Vec::new(), 0usize);
    let mut piece = vec![0; 32 << 10];
    loop {
        let step = inflate(&mut state, data.get(used..).unwrap_or_default(), &mut piece, MZFlush::None);
        used = used.saturating_add(step.bytes_consumed);
        out.extend(piece.get(..step.bytes_written).unwrap_or_default());
        if out.len() > limit {
            return Err(Unpackable::TooLarge);
        }
        match step.status {
            Ok(MZStatus::StreamEnd) => return Ok((out, used)),
            Ok(_) if step.bytes_consumed > 0 || step.bytes_written > 0 => {}
            _ => return Err(Unpackable::Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked_and_nothing_else() {
        let data = b"the same words, the same words, the same words".repeat(3_000);
        let packed = gzip(&data);
        assert!(packed.len() < data.len() / 50);
        assert_eq!(gunzip(&packed, data.len()).ok(), Some(data.clone()));
        assert!(matches!(gunzip(&packed, data.len() - 1), Err(Unpackable::TooLarge)));
        for length in [0, 5, 11, 40, packed.len() - 1] {
            assert!(matches!(gunzip(&packed[..length], data.len()), Err(Unpackable::Malformed)), "{length}");
        }
        let mut more = packed.clone();
        more.push(0);
        assert!(gunzip(&more, data.len()).is_err(), "something follows");
        let mut wrong = packed;
        let last = wrong.len() - 5;
        wrong[last] ^= 1;
        assert!(gunzip(&wrong, data.len()).is_err(), "another checksum");
        let zlib = compress_to_vec_zlib(&data, LEVEL);
        assert_eq!(unpack_whole(&zlib, DataFormat::Zlib, data.len()).ok(), Some(data));
    }

    #[test]
    fn the_head_of_a_member_may_have_every_part() {
        let mut packed = vec![0x1f, 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 3];
        packed.extend([2, 0, 1, 1]);
        packed.extend(b"name\0comment\0");
        packed.extend([0, 0]);
        packed.extend(&gzip(b"text")[GZIP_HEAD.len()..]);
        assert_eq!(gunzip(&packed, 4).ok().as_deref(), Some(&b"text"[..]));
    }
}
