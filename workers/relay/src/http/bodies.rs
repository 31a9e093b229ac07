//! `GET /v1/results/{id}/body`: the body of a result, including one of which the chain has only the hash.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use gateway_api::{Body, RequestId};
use gateway_http::{Problem, extract};
use gateway_protocol::{BodyDigest, body_digest};

use super::cached;
use super::requests::ask;
use crate::context::Relay;

/// The body of a result: the very bytes whose SHA-256 the committee agreed on, which is the ETag. Check it: then it does not
/// matter whom it comes from.
#[utoipa::path(
    get,
    path = "/v1/results/{id}/body",
    params(("id" = u64, Path, description = "The request's id")),
    responses(
        (status = 200, description = "The body", body = Object, content_type = "application/json"),
        (status = 304, description = "The caller has it (`If-None-Match`)"),
        (status = 404, description = "No such result, or this relay does not have its body")
    )
)]
pub(super) async fn get(
    State(relay): State<Arc<Relay>>,
    extract::Path(id): extract::Path<u64>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let request = RequestId(id);
    let (digest, text) = match agreed(&relay, request).await? {
        Body::Inline { text } => (body_digest(&text), text),
        Body::Hashed { sha256, size } => {
            let found = relay.store.bodies().get(request, &sha256).await?;
            let text = found.ok_or_else(|| {
                Problem::not_found(format!(
                    "this relay does not have the body of {size} bytes, SHA-256 {sha256}"
                ))
            })?;
            (BodyDigest { sha256, size }, text)
        }
    };
    Ok(cached::text(&headers, cached::FOR_EVER, &digest.sha256.to_string(), text))
}

/// Returns the body of a result as recorded by the contract, which is queried if the result predates this relay.
async fn agreed(relay: &Relay, request: RequestId) -> Result<Body, Problem> {
    if let Some(result) = relay.store.results().get(request).await? {
        return Ok(result.body);
    }
    ask(relay, request).await?;
    let result = relay.store.results().get(request).await?;
    let result = result.ok_or_else(|| Problem::not_found(format!("request {request} has no result")))?;
    Ok(result.body)
}
