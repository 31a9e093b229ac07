//! The code store over HTTP: whoever has a key may store, whoever knows a hash may read.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use gateway_api::{CodeHash, CodeRef, CodeSource, limits};
use gateway_http::{Caller, Problem};
use serde::{Deserialize, Serialize};

use super::Global;
use crate::code_store::CodeStoreError;

/// Code that is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Stored {
    /// SHA-256 of the bytes.
    pub sha256: String,
    /// Number of bytes.
    pub size: u32,
    /// A code reference ready for a project's registration.
    #[schema(schema_with = code_ref)]
    pub code: CodeRef,
}

fn code_ref() -> utoipa::openapi::Ref {
    utoipa::openapi::Ref::from_schema_name("CodeRef")
}

fn problem(error: CodeStoreError) -> Problem {
    match error {
        CodeStoreError::Unknown(_) => Problem::not_found(error.to_string()),
        CodeStoreError::Size(size) if size > limits::MAX_CODE_BYTES as usize => {
            Problem::too_large("code", limits::MAX_CODE_BYTES as usize)
        }
        CodeStoreError::Size(_) | CodeStoreError::NotText(_) => Problem::invalid("code", error.to_string()),
        CodeStoreError::Damaged(_) | CodeStoreError::Io { .. } => Problem::internal(error),
    }
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CodeStoreError> + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(Problem::internal)?.map_err(problem)
}

/// Stores code: UTF-8 text of 1 to 1048576 bytes. Storing the same again is harmless.
#[utoipa::path(
    put,
    path = "/v1/code",
    security(("api_key" = [])),
    request_body(content = String, content_type = "text/javascript"),
    responses(
        (status = 201, description = "On disk", body = Stored),
        (status = 400, description = "Empty, or not UTF-8"),
        (status = 401, description = "No or unknown API key"),
        (status = 413, description = "Too large")
    )
)]
pub(super) async fn put(
    State(global): State<Arc<Global>>,
    caller: Caller,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Stored>), Problem> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large("code", limits::MAX_CODE_BYTES as usize),
        _ => Problem::invalid("code", rejection.body_text()),
    })?;
    let (store, size) = (global.code.clone(), body.len());
    let sha256 = blocking(move || store.put(&body)).await?;
    tracing::info!(%sha256, size, caller = caller.name, "code stored");
    metrics::counter!("gateway_global_code_stored_total").increment(1);
    // Already bounded by the store.
    let size = u32::try_from(size).map_err(Problem::internal)?;
    let code = CodeRef { sha256, size, sources: vec![CodeSource::Store {}] };
    Ok((StatusCode::CREATED, Json(Stored { sha256: sha256.to_string(), size, code })))
}

/// Code by its hash. The bytes were hashed again just now.
#[utoipa::path(
    get,
    path = "/v1/code/{sha256}",
    params(("sha256" = String, Path, description = "64 lower-case hexadecimal digits")),
    responses(
        (status = 200, description = "The bytes", body = String, content_type = "application/octet-stream"),
        (status = 404, description = "No such code")
    )
)]
pub(super) async fn get(
    State(global): State<Arc<Global>>,
    gateway_http::extract::Path(sha256): gateway_http::extract::Path<String>,
) -> Result<Response, Problem> {
    let hash: CodeHash = sha256
        .parse()
        .map_err(|error: gateway_api::ParseBytes32Error| Problem::invalid("sha256", error.to_string()))?;
    let store = global.code.clone();
    let code = blocking(move || store.get(&hash)).await?;
    let headers = [
        // A stranger's code must never run in a browser as this service's own.
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable".to_owned()),
        (header::ETAG, format!("\"{hash}\"")),
    ];
    Ok((headers, code).into_response())
}
