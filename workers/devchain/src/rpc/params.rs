//! Parameters of a call. Clients send numbers as strings or numbers, bytes as base64 or hex, over JSON or a URL.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::jsonrpc::RpcError;

/// The parameters of one call, by name.
#[derive(Debug, Default)]
pub(super) struct Params(Map<String, Value>);

impl Params {
    /// From the `params` of a JSON-RPC request.
    pub(super) fn from_json(params: Value) -> Result<Self, RpcError> {
        match params {
            Value::Null => Ok(Self::default()),
            Value::Object(map) => Ok(Self(map)),
            Value::Array(list) if list.is_empty() => Ok(Self::default()),
            _ => Err(RpcError::invalid_params("parameters must be named")),
        }
    }

    /// From a URL's query: `"text"` in quotes, anything else as it is.
    pub(super) fn from_query(pairs: Vec<(String, String)>) -> Self {
        let unquote = |value: String| match value.strip_prefix('"').and_then(|v| v.strip_suffix('"')) {
            Some(inner) => inner.to_owned(),
            None => value,
        };
        Self(pairs.into_iter().map(|(key, value)| (key, Value::String(unquote(value)))).collect())
    }

    /// A text, if given and not empty.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, RpcError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(RpcError::invalid_params(format!("{name} must be a string"))),
        }
    }

    /// A text that must be given.
    pub(super) fn required_text(&self, name: &str) -> Result<String, RpcError> {
        self.text(name)?.ok_or_else(|| RpcError::invalid_params(format!("{name} is missing")))
    }

    /// A number, if given.
    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, RpcError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let parsed = text.parse();
        parsed.map(Some).map_err(|_| RpcError::invalid_params(format!("{name} is not a number: {text}")))
    }

    /// Bytes in hex, with or without `0x`; empty if not given.
    pub(super) fn hex(&self, name: &str) -> Result<Vec<u8>, RpcError> {
        let text = self.text(name)?.unwrap_or_default();
        hex::decode(text.strip_prefix("0x").unwrap_or(&text))
            .map_err(|e| RpcError::invalid_params(format!("{name}: {e}")))
    }

    /// Bytes in base64, or in hex behind `0x`. Must be given.
    pub(super) fn bytes(&self, name: &str) -> Result<Vec<u8>, RpcError> {
        let text = self.required_text(name)?;
        let decoded = match text.strip_prefix("0x") {
            Some(digits) => hex::decode(digits).map_err(|e| e.to_string()),
            None => STANDARD.decode(&text).map_err(|e| e.to_string()),
        };
        decoded.map_err(|e| RpcError::invalid_params(format!("{name}: {e}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_sending_mean_the_same() {
        let json =
            Params::from_json(serde_json::json!({ "height": "7", "hash": "AQI=", "data": "0102", "n": 7 }))
                .unwrap();
        let pairs = [("height", "7"), ("hash", "0x0102"), ("data", "0x0102"), ("n", "\"7\"")];
        let query =
            Params::from_query(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect());
        for params in [json, query] {
            assert_eq!(params.number("height").unwrap(), Some(7));
            assert_eq!(params.number("n").unwrap(), Some(7));
            assert_eq!(params.bytes("hash").unwrap(), [1, 2]);
            assert_eq!(params.hex("data").unwrap(), [1, 2]);
            assert_eq!(params.number("missing").unwrap(), None);
            assert!(params.bytes("missing").is_err());
        }
        assert!(Params::from_json(serde_json::json!(["7"])).is_err());
    }
}
