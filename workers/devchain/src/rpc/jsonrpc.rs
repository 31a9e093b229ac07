//! JSON-RPC 2.0 envelopes and errors, worded as in CometBFT.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::error::DevchainError;

/// A request. `params` may be missing or null.
#[derive(Debug, Deserialize)]
pub(super) struct Request {
    /// Null in a notification, which gets no answer.
    #[serde(default)]
    pub(super) id: Value,
    pub(super) method: String,
    #[serde(default)]
    pub(super) params: Value,
}

/// A response: a result or an error, never both.
#[derive(Debug, Serialize)]
pub(super) struct Response {
    jsonrpc: &'static str,
    #[serde(skip_serializing_if = "Value::is_null")]
    id: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<RpcError>,
}

impl Response {
    /// Wraps an answer.
    pub(super) fn new(id: Value, answer: Answer) -> Self {
        let (result, error) = match answer {
            Ok(result) => (Some(result), None),
            Err(error) => (None, Some(error)),
        };
        Self { jsonrpc: "2.0", id, result, error }
    }
}

/// An error as clients decode it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct RpcError {
    code: i32,
    message: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    data: String,
}

/// A method's answer: JSON ready to send.
pub(super) type Answer = Result<Box<RawValue>, RpcError>;

impl RpcError {
    /// Creates the error for a request that is not JSON or not a request.
    pub(super) fn parse(data: impl ToString) -> Self {
        Self { code: -32700, message: "Parse error. Invalid JSON", data: data.to_string() }
    }

    /// Creates the error for an unknown method.
    pub(super) fn method_not_found() -> Self {
        Self { code: -32601, message: "Method not found", data: String::new() }
    }

    /// Creates the error for a request that cannot be decoded.
    pub(super) fn invalid_request(data: impl ToString) -> Self {
        Self { code: -32600, message: "Invalid Request", data: data.to_string() }
    }

    /// Creates the error for missing or wrong parameters.
    pub(super) fn invalid_params(data: impl ToString) -> Self {
        Self { code: -32602, message: "Invalid params", data: data.to_string() }
    }

    /// Creates the error for a failed method.
    pub(super) fn internal(data: impl ToString) -> Self {
        Self { code: -32603, message: "Internal error", data: data.to_string() }
    }

    /// Creates the error for a client that the server stops serving.
    pub(super) fn server(data: impl ToString) -> Self {
        Self { code: -32000, message: "Server error", data: data.to_string() }
    }
}

impl From<DevchainError> for RpcError {
    fn from(error: DevchainError) -> Self {
        Self::internal(error)
    }
}

/// Serialises a value to JSON ready to send.
pub(super) fn answer(value: &impl Serialize) -> Answer {
    serde_json::value::to_raw_value(value).map_err(RpcError::internal)
}

/// Wraps JSON that is already serialised.
pub(super) fn stored(json: Vec<u8>) -> Answer {
    let text = String::from_utf8(json).map_err(RpcError::internal)?;
    RawValue::from_string(text).map_err(RpcError::internal)
}
