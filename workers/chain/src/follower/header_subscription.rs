//! A node's announcements of new blocks: their headers, over a websocket.
//!
//! `tendermint-rpc` reads no event but whole blocks with all their results, which the follower asks for by height anyway.

use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use gateway_daemon_runtime::SecretUrl;
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use crate::rpc::number;

/// The call that subscribes.
const SUBSCRIBE: &str =
    r#"{"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"query":"tm.event='NewBlockHeader'"}}"#;

/// Why a subscription ended, or did not begin.
#[derive(Debug, thiserror::Error)]
pub(super) enum SubscriptionError {
    /// The connection failed. The address, which may hold a provider's key, is in no text of it.
    #[error("the websocket: {0}")]
    Websocket(#[from] tokio_tungstenite::tungstenite::Error),
    /// The node closed the connection.
    #[error("the node closed the websocket")]
    Closed,
    /// The node refused the subscription, or dropped it because its buffer was full.
    #[error("the node ended the subscription: {0}")]
    Refused(String),
    /// A message that is neither an answer nor a header.
    #[error("a message that cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// Nothing came in time.
    #[error("nothing from the node for {0:?}")]
    Silent(Duration),
}

/// A subscription to the headers of new blocks. Dropped, the connection is closed.
pub(super) struct HeaderSubscription {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl HeaderSubscription {
    /// Connects and subscribes, each within `patience`; no message may have more than `limit` bytes.
    ///
    /// # Errors
    /// [`SubscriptionError`].
    pub(super) async fn open(
        url: &SecretUrl,
        limit: usize,
        patience: Duration,
    ) -> Result<Self, SubscriptionError> {
        let config = WebSocketConfig::default().max_message_size(Some(limit)).max_frame_size(Some(limit));
        let connecting = connect_async_with_config(url.expose(), Some(config), true);
        let connected = tokio::time::timeout(patience, connecting).await;
        let (socket, _) = connected.map_err(|_| SubscriptionError::Silent(patience))??;
        let mut subscription = Self { socket };
        subscription.socket.send(Message::text(SUBSCRIBE)).await?;
        // The answer to the call has no header. Where a block came before it, the subscription stands as well.
        subscription.message(patience).await?;
        Ok(subscription)
    }

    /// Waits for the next header and returns its height.
    ///
    /// # Errors
    /// [`SubscriptionError`]; the subscription has ended then.
    pub(super) async fn next(&mut self, patience: Duration) -> Result<u64, SubscriptionError> {
        loop {
            if let Some(height) = self.message(patience).await? {
                return Ok(height);
            }
        }
    }

    /// Reads one message: the height where it is a header.
    async fn message(&mut self, patience: Duration) -> Result<Option<u64>, SubscriptionError> {
        let text = tokio::time::timeout(patience, async {
            loop {
                match self.socket.next().await.ok_or(SubscriptionError::Closed)?? {
                    Message::Text(text) => return Ok(text),
                    Message::Close(_) => return Err(SubscriptionError::Closed),
                    // Pings are answered by the library.
                    _ => {}
                }
            }
        });
        let text = text.await.map_err(|_| SubscriptionError::Silent(patience))??;
        height(&text)
    }
}

#[derive(Deserialize)]
struct Envelope {
    error: Option<serde_json::Value>,
    #[serde(default)]
    result: Answer,
}

#[derive(Default, Deserialize)]
struct Answer {
    data: Option<EventData>,
}

#[derive(Deserialize)]
struct EventData {
    value: HeaderEvent,
}

#[derive(Deserialize)]
struct HeaderEvent {
    header: Header,
}

#[derive(Deserialize)]
struct Header {
    #[serde(deserialize_with = "number")]
    height: u64,
}

/// Reads a message of the node's: the height where it is a header, `None` where it is the answer to the subscription.
fn height(text: &str) -> Result<Option<u64>, SubscriptionError> {
    let envelope: Envelope = serde_json::from_str(text)?;
    if let Some(error) = envelope.error {
        return Err(SubscriptionError::Refused(error.to_string()));
    }
    Ok(envelope.result.data.map(|data| data.value.header.height))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As CometBFT 0.38 sends it.
    const HEADER: &str = r#"{"jsonrpc":"2.0","id":1,"result":{"query":"tm.event='NewBlockHeader'","data":{"type":"tendermint/event/NewBlockHeader","value":{"header":{"version":{"block":"11"},"chain_id":"local-1","height":"5173","time":"2026-01-02T03:04:05Z"}}},"events":{"tm.event":["NewBlockHeader"]}}}"#;

    #[test]
    fn heights_are_read_from_headers_alone() {
        assert_eq!(height(HEADER).expect("a header"), Some(5173));
        assert_eq!(height(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#).expect("an answer"), None);
    }

    #[test]
    fn refusals_and_what_cannot_be_read_say_what_they_are() {
        let text = |message| height(message).expect_err("an error").to_string();
        let full = text(
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"Internal error","data":"max_subscriptions_per_client 5 reached"}}"#,
        );
        assert!(full.contains("max_subscriptions_per_client 5 reached"), "{full}");
        for broken in ["nonsense", &HEADER.replace("5173", "high")] {
            assert!(text(broken).starts_with("a message that cannot be read"), "{broken}");
        }
    }
}
