//! An HTTP client that cannot hang and cannot be flooded: every request has a time-out, every body a limit.
//!
//! Follows no redirects and reads no proxy settings: a daemon connects only to the hosts it was configured with.

use std::time::Duration;

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The client could not be built.
    #[error("cannot build the HTTP client: {0}")]
    Build(#[source] reqwest::Error),
    /// Sending or reading failed.
    #[error("HTTP request failed: {}", chain(.0))]
    Request(#[source] reqwest::Error),
    /// The body is larger than allowed.
    #[error("the answer exceeds {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The server answered with a status that is not a success.
    #[error("the server answered {status}")]
    Status {
        /// HTTP status code.
        status: u16,
        /// The start of the body, at most 512 characters, without control characters.
        body: String,
    },
    /// The body is not the expected JSON.
    #[error("the answer is not the JSON expected: {0}")]
    Json(#[source] serde_json::Error),
}

impl HttpError {
    /// Returns whether the same request may succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Request(e) => !e.is_builder(),
            Self::Status { status, .. } => *status == 429 || *status >= 500,
            Self::Build(_) | Self::TooLarge { .. } | Self::Json(_) => false,
        }
    }

    /// Returns whether the request ended by the time-out.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Request(e) if e.is_timeout())
    }
}

/// Formats the error with its causes: reqwest's own text stops at "error sending request". Without the URL, which may contain
/// credentials.
fn chain(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    if error.is_timeout() && text.is_empty() {
        text.push_str("timed out");
    }
    text
}

/// Creates a client whose requests, from connect to the last byte, take at most `timeout`.
///
/// # Errors
/// [`HttpError::Build`].
pub fn client(timeout: Duration) -> Result<reqwest::Client, HttpError> {
    reqwest::Client::builder()
        .timeout(timeout)
        .connect_timeout(timeout.min(Duration::from_secs(5)))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .user_agent(concat!("gateway/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(HttpError::Build)
}

/// Sends a request and reads at most `limit` bytes of a successful answer.
///
/// # Errors
/// [`HttpError`]; a non-success status is an error.
pub async fn fetch(request: reqwest::RequestBuilder, limit: usize) -> Result<Vec<u8>, HttpError> {
    let response = request.send().await.map_err(HttpError::Request)?;
    let status = response.status();
    if !status.is_success() {
        let body = read_limited(response, 16 << 10).await.unwrap_or_default();
        let body = crate::text::clean(&String::from_utf8_lossy(&body), 512);
        return Err(HttpError::Status { status: status.as_u16(), body });
    }
    read_limited(response, limit).await
}

/// Sends a request and parses at most `limit` bytes of JSON.
///
/// # Errors
/// [`HttpError`].
pub async fn fetch_json<T: serde::de::DeserializeOwned>(
    request: reqwest::RequestBuilder,
    limit: usize,
) -> Result<T, HttpError> {
    let body = fetch(request, limit).await?;
    serde_json::from_slice(&body).map_err(HttpError::Json)
}

/// Reads a body, stopping as soon as it exceeds `limit` bytes (after decompression).
///
/// # Errors
/// [`HttpError::TooLarge`] or [`HttpError::Request`].
pub async fn read_limited(mut response: reqwest::Response, limit: usize) -> Result<Vec<u8>, HttpError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(HttpError::Request)? {
        if body.len() + chunk.len() > limit {
            return Err(HttpError::TooLarge { limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use axum::{Router, routing::get};

    use super::*;

    async fn serve() -> String {
        let app = Router::new()
            .route("/nul", get(|| async { (axum::http::StatusCode::BAD_GATEWAY, "a\0b") }))
            .route("/small", get(|| async { "[1,2]" }))
            .route("/large", get(|| async { "x".repeat(100_000) }))
            .route("/slow", get(std::future::pending::<&'static str>))
            .route("/moved", get(|| async { axum::response::Redirect::temporary("/small") }))
            .route("/busy", get(|| async { (axum::http::StatusCode::SERVICE_UNAVAILABLE, "later") }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let address = listener.local_addr().expect("address");
        tokio::spawn(async move { axum::serve(listener, app).await });
        format!("http://{address}")
    }

    #[tokio::test]
    async fn limits_time_status_and_redirects() {
        let base = serve().await;
        let client = client(Duration::from_millis(300)).expect("client");
        let get = |path: &str| client.get(format!("{base}{path}"));
        assert_eq!(fetch_json::<Vec<u8>>(get("/small"), 5).await.expect("small"), [1, 2]);
        assert!(matches!(fetch(get("/small"), 4).await, Err(HttpError::TooLarge { limit: 4 })));
        assert!(matches!(fetch(get("/large"), 50_000).await, Err(HttpError::TooLarge { .. })));
        let slow = fetch(get("/slow"), 10).await.expect_err("slow");
        assert!(slow.is_timeout() && slow.is_retryable(), "{slow}");
        let busy = fetch(get("/busy"), 10).await.expect_err("busy");
        assert!(busy.is_retryable() && busy.to_string().contains("503"), "{busy}");
        match fetch(get("/nul"), 10).await.expect_err("a status") {
            HttpError::Status { body, .. } => assert_eq!(body, "a b", "no NUL byte reaches a database"),
            other => panic!("{other}"),
        }
        let moved = fetch(get("/moved"), 10).await.expect_err("redirect is not followed");
        assert!(matches!(moved, HttpError::Status { status: 307, .. }), "{moved}");
        let down = fetch(client.get("http://127.0.0.1:1/x?key=secret"), 10).await.expect_err("nobody there");
        assert!(down.is_retryable() && !down.to_string().contains("secret"), "{down}");
    }
}
