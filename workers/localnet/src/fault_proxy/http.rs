//! The subset of HTTP/1.1 that the daemons use with a node: calls with a body of known length, and the upgrade to a websocket.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Size limits in bytes of a call's head and body.
const HEAD_LIMIT: usize = 64 << 10;
const BODY_LIMIT: usize = 8 << 20;

/// One call.
pub(super) struct Call {
    head: Vec<u8>,
    pub(super) body: Vec<u8>,
}

impl Call {
    /// Returns whether it requests a websocket.
    pub(super) fn is_websocket(&self) -> bool {
        header(&self.head, "upgrade").is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
    }

    /// Returns its bytes as they came.
    pub(super) fn whole(&self) -> Vec<u8> {
        [self.head.as_slice(), &self.body].concat()
    }
}

/// Returns the value of a header in a head.
fn header(head: &[u8], name: &str) -> Option<String> {
    let head = String::from_utf8_lossy(head);
    head.lines().skip(1).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

/// Reads the next call; `ahead` holds what was read beyond the previous one. `None` at the end, or if it is no such call.
pub(super) async fn read(stream: &mut TcpStream, ahead: &mut Vec<u8>) -> Option<Call> {
    let end = loop {
        if let Some(at) = ahead.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if ahead.len() > HEAD_LIMIT || stream.read_buf(ahead).await.ok()? == 0 {
            return None;
        }
    };
    let length = header(ahead.get(..end)?, "content-length").map_or(Some(0), |text| text.parse().ok())?;
    if length > BODY_LIMIT {
        return None;
    }
    while ahead.len() < end + length {
        if stream.read_buf(ahead).await.ok()? == 0 {
            return None;
        }
    }
    let rest = ahead.split_off(end + length);
    let mut head = std::mem::replace(ahead, rest);
    let body = head.split_off(end);
    Some(Call { head, body })
}

/// Writes an answer.
pub(super) async fn write(stream: &mut TcpStream, status: u16, body: &[u8]) -> std::io::Result<()> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} Answer\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(&[head.as_bytes(), body].concat()).await
}
