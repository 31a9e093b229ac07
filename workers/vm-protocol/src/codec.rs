//! Frames on the wire: four bytes of little-endian length, then that many bytes of postcard.
//!
//! The length is compared with the direction's cap before anything is allocated for it.

use std::io::{Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Bytes of the length prefix in front of every frame.
pub const HEADER_BYTES: usize = 4;

/// Why a frame could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The peer closed the connection between two frames.
    #[error("the other side closed the connection")]
    Closed,
    /// The frame is larger than its direction allows.
    #[error("frame of {bytes} bytes is above the limit of {limit}")]
    TooLarge {
        /// Bytes announced by the peer or produced by the encoder.
        bytes: usize,
        /// The cap of this direction.
        limit: usize,
    },
    /// The bytes are not a frame of this protocol.
    #[error("malformed frame: {0}")]
    Malformed(String),
    /// Reading or writing failed.
    #[error("frame input or output: {0}")]
    Io(#[from] std::io::Error),
}

/// Encodes a message with its length prefix; fails when the message is above `limit` bytes.
pub fn encode<T: Serialize>(message: &T, limit: usize) -> Result<Vec<u8>, FrameError> {
    let mut out = postcard::to_extend(message, vec![0; HEADER_BYTES])
        .map_err(|e| FrameError::Malformed(e.to_string()))?;
    let bytes = out.len().saturating_sub(HEADER_BYTES);
    let length = u32::try_from(bytes).ok().filter(|_| bytes <= limit);
    let Some(length) = length else {
        return Err(FrameError::TooLarge { bytes, limit });
    };
    if let Some(header) = out.first_chunk_mut::<HEADER_BYTES>() {
        *header = length.to_le_bytes();
    }
    Ok(out)
}

/// Decodes the body of a frame (without its prefix). Bytes left over are an error.
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, FrameError> {
    match postcard::take_from_bytes(body) {
        Ok((message, [])) => Ok(message),
        Ok((_, rest)) => Err(FrameError::Malformed(format!("{} bytes after the message", rest.len()))),
        Err(e) => Err(FrameError::Malformed(e.to_string())),
    }
}

/// Reads a length prefix and checks it against the cap of its direction.
pub fn frame_length(header: [u8; HEADER_BYTES], limit: usize) -> Result<usize, FrameError> {
    let bytes = u32::from_le_bytes(header) as usize;
    if bytes > limit { Err(FrameError::TooLarge { bytes, limit }) } else { Ok(bytes) }
}

/// Reads one frame, blocking.
pub fn read_frame<T: DeserializeOwned>(reader: &mut impl Read, limit: usize) -> Result<T, FrameError> {
    let mut header = [0; HEADER_BYTES];
    match reader.read(&mut header)? {
        0 => return Err(FrameError::Closed),
        n if n < HEADER_BYTES => reader.read_exact(header.get_mut(n..).unwrap_or_default())?,
        _ => {}
    }
    let length = frame_length(header, limit)?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    decode(&body)
}

/// Writes one frame, blocking, in a single call.
pub fn write_frame<T: Serialize>(
    writer: &mut impl Write,
    message: &T,
    limit: usize,
) -> Result<(), FrameError> {
    let bytes = encode(message, limit)?;
    writer.write_all(&bytes)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{FromWorker, LogLevel, MAX_FROM_WORKER, MAX_TO_WORKER, ToWorker};

    fn log(text: &str) -> FromWorker {
        FromWorker::Log { level: LogLevel::Warn, text: text.to_owned() }
    }

    #[test]
    fn a_frame_survives_the_wire() {
        let mut wire = Vec::new();
        write_frame(&mut wire, &log("one"), MAX_FROM_WORKER).unwrap();
        write_frame(&mut wire, &log("two"), MAX_FROM_WORKER).unwrap();
        let mut reader = wire.as_slice();
        assert_eq!(read_frame::<FromWorker>(&mut reader, MAX_FROM_WORKER).unwrap(), log("one"));
        assert_eq!(read_frame::<FromWorker>(&mut reader, MAX_FROM_WORKER).unwrap(), log("two"));
        assert!(matches!(read_frame::<FromWorker>(&mut reader, MAX_FROM_WORKER), Err(FrameError::Closed)));
    }

    #[test]
    fn an_oversized_announcement_is_refused_before_its_body() {
        let wire = u32::MAX.to_le_bytes();
        let error = read_frame::<FromWorker>(&mut wire.as_slice(), MAX_FROM_WORKER).unwrap_err();
        assert!(matches!(error, FrameError::TooLarge { limit: MAX_FROM_WORKER, .. }), "{error}");
        assert!(matches!(encode(&log(&"x".repeat(200)), 100), Err(FrameError::TooLarge { .. })));
    }

    #[test]
    fn a_cut_frame_and_trailing_bytes_are_errors() {
        let wire = encode(&log("hello"), 100).unwrap();
        assert!(read_frame::<FromWorker>(&mut &wire[..wire.len() - 1], 100).is_err());
        let mut body = wire[HEADER_BYTES..].to_vec();
        body.push(0);
        assert!(matches!(decode::<FromWorker>(&body), Err(FrameError::Malformed(_))));
    }

    proptest! {
        // A worker that has been taken over may send anything: decoding must end without a panic, and
        // what decodes must encode again within the same bound.
        #[test]
        fn arbitrary_bytes_never_panic(body in prop::collection::vec(any::<u8>(), 0..2048)) {
            if let Ok(frame) = decode::<FromWorker>(&body) {
                prop_assert!(encode(&frame, MAX_FROM_WORKER).is_ok());
            }
            if let Ok(frame) = decode::<ToWorker>(&body) {
                prop_assert!(encode(&frame, MAX_TO_WORKER).is_ok());
            }
        }
    }
}
