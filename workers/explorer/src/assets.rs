//! The embedded files, each with its SHA-256 as its ETag.

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use gateway_http::Problem;
use sha2::{Digest, Sha256};

macro_rules! files {
    ($($name:literal: $kind:literal),* $(,)?) => {
        &[$(File { name: $name, kind: $kind, bytes: include_bytes!(concat!("../../../artifacts/explorer/", $name)) }),*]
    };
}

/// One file of the page.
pub(crate) struct File {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its media type.
    kind: &'static str,
    bytes: &'static [u8],
}

/// Every file of the page; the build gives them fixed names.
pub(crate) const FILES: &[File] = files! {
    "index.html": "text/html; charset=utf-8",
    "index.css": "text/css; charset=utf-8",
    "explorer.js": "text/javascript; charset=utf-8",
    "favicon.svg": "image/svg+xml",
    "verifier.wasm": "application/wasm",
};

/// Answers with a file, or that the caller already has it.
///
/// # Errors
/// [`Problem::not_found`] if there is none of that name.
pub(crate) fn respond(name: &str, headers: &HeaderMap) -> Result<Response, Problem> {
    let file = FILES.iter().find(|file| file.name == name);
    let file = file.ok_or_else(|| Problem::not_found(format!("the explorer has no file {name}")))?;
    let etag = format!("\"{}\"", hex::encode(Sha256::digest(file.bytes)));
    // The names do not change with the content: a browser keeps the files and revalidates them each time.
    let head = [(header::ETAG, etag.as_str()), (header::CACHE_CONTROL, "no-cache")];
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == etag)) {
        return Ok((StatusCode::NOT_MODIFIED, head).into_response());
    }
    Ok((head, [(header::CONTENT_TYPE, file.kind)], Body::from(file.bytes)).into_response())
}
