//! Cacheable answers: each has the SHA-256 of its bytes as its ETag (RFC 9110, section 8.8.3).

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use gateway_http::Problem;
use gateway_protocol::body_digest;
use serde::Serialize;

/// For content that never changes.
pub(super) const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// For content that may change with each block: cached, and revalidated each time.
pub(super) const CHECKED: &str = "public, no-cache";

/// Answers with JSON text, or that the caller already has it (`If-None-Match`). `etag` identifies the text.
pub(super) fn text(headers: &HeaderMap, control: &'static str, etag: &str, text: String) -> Response {
    let etag = format!("\"{etag}\"");
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let known = known.flat_map(|list| list.split(',')).any(|tag| tag.trim().trim_start_matches("W/") == etag);
    let head = [(header::ETAG, etag.as_str()), (header::CACHE_CONTROL, control)];
    if known {
        return (StatusCode::NOT_MODIFIED, head).into_response();
    }
    (head, [(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// Answers with a document as JSON, as [`text`] does.
///
/// # Errors
/// [`Problem::internal`] if the document does not serialise.
pub(super) fn json<T: Serialize>(
    headers: &HeaderMap,
    control: &'static str,
    document: &T,
) -> Result<Response, Problem> {
    let written = serde_json::to_string(document).map_err(Problem::internal)?;
    let etag = body_digest(&written).sha256.to_string();
    Ok(text(headers, control, &etag, written))
}
