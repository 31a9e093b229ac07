//! `POST /v1/transactions`: forwards a signed transaction to the chain, for users without a node of their own.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine;
use gateway_http::{Problem, extract};
use serde::{Deserialize, Serialize};

use crate::context::Relay;

/// Largest forwarded transaction, in bytes: uploading contract code is not the relay's job.
const MAX_TX: usize = 256 << 10;

/// A signed transaction.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignedTransaction {
    /// Its bytes (`TxRaw`) in base64, at most 262144 bytes.
    tx: String,
}

/// A transaction that the node's pool took. It is not in a block yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Broadcast {
    /// Its hash: upper-case hexadecimal SHA-256.
    pub hash: String,
}

/// Hands a signed transaction on to the chain. Every message of it must execute the gateway contract.
#[utoipa::path(
    post,
    path = "/v1/transactions",
    request_body = SignedTransaction,
    responses(
        (status = 403, description = "This relay hands no transactions on"),
        (status = 202, description = "The chain's node took it", body = Broadcast),
        (status = 422, description = "The chain's node refused it; the detail says why"),
        (status = 503, description = "The chain's node does not answer")
    )
)]
pub(super) async fn post(
    State(relay): State<Arc<Relay>>,
    extract::Json(signed): extract::Json<SignedTransaction>,
) -> Result<(StatusCode, Json<Broadcast>), Problem> {
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(&signed.tx)
        .map_err(|error| Problem::invalid("tx", format!("not base64: {error}")))?;
    if bytes.is_empty() || bytes.len() > MAX_TX {
        return Err(Problem::invalid("tx", format!("it takes 1 to {MAX_TX} bytes")));
    }
    if !relay.broadcasts {
        return Err(Problem::forbidden("this relay hands no transactions on"));
    }
    gateway_chain::executes_only(&bytes, relay.query.contract())
        .map_err(|refused| Problem::invalid("tx", refused.to_string()))?;
    let answer = relay.broadcaster.broadcast(&bytes).await;
    let answer = answer?;
    // Code 19 of the SDK: the pool already has it, so the caller's goal is met.
    let had = answer.codespace == "sdk" && answer.code == 19;
    if answer.code != 0 && !had {
        let problem =
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "transaction-refused", "The chain refused it");
        return Err(problem.detail(format!("code {} of {}: {}", answer.code, answer.codespace, answer.log)));
    }
    Ok((StatusCode::ACCEPTED, Json(Broadcast { hash: answer.hash })))
}
