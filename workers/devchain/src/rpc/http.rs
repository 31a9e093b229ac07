//! Calls over HTTP: JSON-RPC by POST, single or in a batch, and plain URLs by GET.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response as HttpResponse};
use serde_json::Value;

use super::jsonrpc::{Request, Response, RpcError};
use super::params::Params;
use super::{Rpc, methods};

/// Most calls in a batch.
const MAX_BATCH: usize = 100;

pub(super) async fn post(State(rpc): State<Rpc>, body: Result<Bytes, BytesRejection>) -> HttpResponse {
    let body = match body {
        Ok(body) => body,
        Err(_) => {
            let error = RpcError::invalid_request("error reading request body: http: request body too large");
            let response = Response::new(Value::Null, Err(error));
            return (StatusCode::BAD_REQUEST, Json(response)).into_response();
        }
    };
    let parsed: Value = match serde_json::from_slice(&body) {
        Ok(parsed) => parsed,
        Err(error) => {
            let response = Response::new(Value::Null, Err(RpcError::parse(error)));
            return (StatusCode::INTERNAL_SERVER_ERROR, Json(response)).into_response();
        }
    };
    match parsed {
        Value::Array(calls) if calls.len() <= MAX_BATCH => {
            let mut responses = Vec::with_capacity(calls.len());
            for call in calls {
                if call.get("id").is_some_and(|id| !id.is_null()) {
                    responses.push(answer(&rpc, call).await);
                }
            }
            match responses.len() {
                0 => StatusCode::OK.into_response(),
                1 => Json(responses.pop()).into_response(),
                _ => Json(responses).into_response(),
            }
        }
        Value::Array(_) => {
            let error = RpcError::parse(format!("a batch holds at most {MAX_BATCH} calls"));
            Json(Response::new(Value::Null, Err(error))).into_response()
        }
        call if call.get("method").is_some() && call.get("id").is_none_or(Value::is_null) => {
            StatusCode::OK.into_response()
        }
        call => Json(answer(&rpc, call).await).into_response(),
    }
}

pub(super) async fn get(
    State(rpc): State<Rpc>,
    Path(method): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> HttpResponse {
    if !methods::exists(&method) {
        return (StatusCode::NOT_FOUND, "404 page not found\n").into_response();
    }
    let answer = methods::call(&rpc, &method, Params::from_query(pairs)).await;
    let status = if answer.is_ok() { StatusCode::OK } else { StatusCode::INTERNAL_SERVER_ERROR };
    (status, Json(Response::new(Value::from(-1), answer))).into_response()
}

/// Answers one JSON-RPC call.
pub(super) async fn answer(rpc: &Rpc, call: Value) -> Response {
    let request: Request = match serde_json::from_value(call) {
        Ok(request) => request,
        Err(error) => return Response::new(Value::Null, Err(RpcError::parse(error))),
    };
    let answer = match Params::from_json(request.params) {
        Ok(params) => methods::call(rpc, &request.method, params).await,
        Err(error) => Err(error),
    };
    Response::new(request.id, answer)
}
