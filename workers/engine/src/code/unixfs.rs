//! One block of a UnixFS file: the few dag-pb and UnixFS fields that a plain file has, decoded strictly.
//!
//! The bytes are untrusted: every length is checked, and nothing is allocated for a length alone.

use gateway_api::Cid;

use super::source::file_block;

/// UnixFS types that carry file bytes: raw and file.
const FILE_TYPES: [u64; 2] = [0, 2];

/// Why a block is not part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BlockError {
    #[error("a block is not dag-pb")]
    Malformed,
    #[error("a block is a directory or something else that is no file")]
    NotAFile,
    #[error("a link is not a CID of version 1 with a SHA-256 of a raw or dag-pb block")]
    Link,
    #[error("a block states other sizes than it has")]
    Sizes,
}

/// A part of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Node {
    /// Bytes in the block itself; they come first.
    pub(super) data: Vec<u8>,
    /// Bytes of the part, including everything below it.
    pub(super) size: u64,
    /// The parts below it in order, with the size of each in bytes.
    pub(super) children: Vec<(Cid, u64)>,
}

/// Decodes a block.
pub(super) fn node(block: &[u8]) -> Result<Node, BlockError> {
    let (mut links, mut file) = (Vec::new(), None);
    for field in fields(block) {
        match field? {
            (1, Value::Bytes(data)) if file.is_none() => file = Some(data),
            (2, Value::Bytes(link)) => links.push(self::link(link)?),
            _ => return Err(BlockError::Malformed),
        }
    }
    let file = file.ok_or(BlockError::NotAFile)?;
    let (mut kind, mut data, mut size, mut sizes) = (None, Vec::new(), None, Vec::new());
    for field in fields(file) {
        match field? {
            (1, Value::Number(value)) => kind = Some(value),
            (2, Value::Bytes(bytes)) => data = bytes.to_vec(),
            (3, Value::Number(value)) => size = Some(value),
            (4, Value::Number(value)) => sizes.push(value),
            // Most writers encode them individually, some packed.
            (4, Value::Bytes(mut packed)) => {
                while !packed.is_empty() {
                    sizes.push(varint(&mut packed).ok_or(BlockError::Malformed)?);
                }
            }
            // Mode, modification time and directory fields do not affect the bytes.
            _ => {}
        }
    }
    if !kind.is_some_and(|kind| FILE_TYPES.contains(&kind)) {
        return Err(BlockError::NotAFile);
    }
    let sum = sizes.iter().try_fold(data.len() as u64, |sum, size| sum.checked_add(*size));
    let size = size.unwrap_or(data.len() as u64);
    if links.len() != sizes.len() || sum != Some(size) {
        return Err(BlockError::Sizes);
    }
    Ok(Node { data, size, children: links.into_iter().zip(sizes).collect() })
}

fn link(bytes: &[u8]) -> Result<Cid, BlockError> {
    let mut cid = None;
    for field in fields(bytes) {
        match field? {
            (1, Value::Bytes(hash)) => cid = file_block(Cid::of_bytes(hash)),
            // Names and cumulative sizes matter only to directories and readers.
            (2, Value::Bytes(_)) | (3, Value::Number(_)) => {}
            _ => return Err(BlockError::Malformed),
        }
    }
    cid.ok_or(BlockError::Link)
}

/// A field's value: the two wire types that are used.
enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// Iterates over the fields of a protobuf message, with their numbers; ends at the first that cannot be decoded.
fn fields(mut rest: &[u8]) -> impl Iterator<Item = Result<(u64, Value<'_>), BlockError>> {
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let field = field(&mut rest);
        if field.is_none() {
            rest = &[];
        }
        Some(field.ok_or(BlockError::Malformed))
    })
}

fn field<'a>(rest: &mut &'a [u8]) -> Option<(u64, Value<'a>)> {
    let key = varint(rest)?;
    let value = match key & 7 {
        0 => Value::Number(varint(rest)?),
        2 => {
            let length = usize::try_from(varint(rest)?).ok()?;
            let (bytes, after) = rest.split_at_checked(length)?;
            *rest = after;
            Value::Bytes(bytes)
        }
        _ => return None,
    };
    Some((key >> 3, value))
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        let bits = u64::from(byte & 0x7f);
        // The tenth byte has room for one bit.
        if shift == 63 && bits > 1 {
            return None;
        }
        value |= bits << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
