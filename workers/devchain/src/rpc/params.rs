//! Decodes the parameters of a call. Numbers are strings or numbers. Bytes are base64 in JSON, and hex after `0x` or quoted
//! text in a URL's query (CometBFT's `rpc/jsonrpc/server/http_uri_handler.go`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::jsonrpc::RpcError;

/// How a call arrived, which determines the encoding of its bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Origin {
    #[default]
    Json,
    Query,
}

/// The parameters of one call, by name.
#[derive(Debug, Default)]
pub(super) struct Params {
    values: Map<String, Value>,
    origin: Origin,
}

impl Params {
    /// Takes the `params` of a JSON-RPC request.
    pub(super) fn from_json(params: Value) -> Result<Self, RpcError> {
        match params {
            Value::Null => Ok(Self::default()),
            Value::Object(values) => Ok(Self { values, origin: Origin::Json }),
            Value::Array(list) if list.is_empty() => Ok(Self::default()),
            _ => Err(RpcError::invalid_params("parameters must be named")),
        }
    }

    /// Takes a URL's query: `"text"` in quotes, anything else verbatim.
    pub(super) fn from_query(pairs: Vec<(String, String)>) -> Self {
        let unquote = |value: String| match value.strip_prefix('"').and_then(|v| v.strip_suffix('"')) {
            Some(inner) => inner.to_owned(),
            None => value,
        };
        let values = pairs.into_iter().map(|(key, value)| (key, Value::String(unquote(value)))).collect();
        Self { values, origin: Origin::Query }
    }

    /// Creates the error for a parameter, introduced as in CometBFT.
    fn wrong(&self, what: String) -> RpcError {
        let came = if self.origin == Origin::Json { "json" } else { "http" };
        RpcError::invalid_params(format!("error converting {came} params to arguments: {what}"))
    }

    /// Returns a text, if given and not empty.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, RpcError> {
        match self.values.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(RpcError::invalid_params(format!("{name} must be a string"))),
        }
    }

    /// Returns a text that must be given.
    pub(super) fn required_text(&self, name: &str) -> Result<String, RpcError> {
        self.text(name)?.ok_or_else(|| RpcError::invalid_params(format!("{name} is missing")))
    }

    /// Returns a height, if given; it may be one that no block can have.
    pub(super) fn height(&self, name: &str) -> Result<Option<i64>, RpcError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let parsed = text.parse();
        parsed.map(Some).map_err(|_| self.wrong(format!("{name} is not a number: {text}")))
    }

    /// Returns a number, if given.
    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, RpcError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let parsed = text.parse();
        parsed.map(Some).map_err(|_| self.wrong(format!("{name} is not a number: {text}")))
    }

    /// Returns bytes encoded as hex in JSON; empty if not given.
    pub(super) fn hex(&self, name: &str) -> Result<Vec<u8>, RpcError> {
        let text = self.text(name)?.unwrap_or_default();
        if self.origin == Origin::Query {
            return query_bytes(text).map_err(|e| self.wrong(format!("{name}: {e}")));
        }
        hex::decode(text).map_err(|e| self.wrong(format!("{name}: {e}")))
    }

    /// Returns bytes encoded as base64 in JSON; empty if not given.
    pub(super) fn bytes(&self, name: &str) -> Result<Vec<u8>, RpcError> {
        let text = self.text(name)?.unwrap_or_default();
        if self.origin == Origin::Query {
            return query_bytes(text).map_err(|e| self.wrong(format!("{name}: {e}")));
        }
        STANDARD.decode(text).map_err(|e| self.wrong(format!("{name}: {e}")))
    }
}

/// Decodes bytes from a URL's query: hex after `0x`; any other text is taken verbatim.
fn query_bytes(text: String) -> Result<Vec<u8>, hex::FromHexError> {
    match text.strip_prefix("0x") {
        Some(digits) => hex::decode(digits),
        None => Ok(text.into_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> Params {
        Params::from_query(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn both_ways_of_sending_mean_the_same() {
        let json =
            Params::from_json(serde_json::json!({ "height": "7", "hash": "AQI=", "data": "0102", "n": 7 }))
                .unwrap();
        let query = query(&[("height", "7"), ("hash", "0x0102"), ("data", "0x0102"), ("n", "\"7\"")]);
        for params in [json, query] {
            assert_eq!(params.number("height").unwrap(), Some(7));
            assert_eq!(params.number("n").unwrap(), Some(7));
            assert_eq!(params.bytes("hash").unwrap(), [1, 2]);
            assert_eq!(params.hex("data").unwrap(), [1, 2]);
            assert_eq!(params.number("missing").unwrap(), None);
            assert_eq!(params.bytes("missing").unwrap(), [0; 0]);
        }
        assert!(Params::from_json(serde_json::json!(["7"])).is_err());
    }

    #[test]
    fn base64_that_begins_like_hex_is_base64() {
        let hash = [0xd3, 0x1f, 0xff, 7];
        let text = STANDARD.encode(hash);
        assert!(text.starts_with("0x"), "{text}");
        let params = Params::from_json(serde_json::json!({ "hash": text })).unwrap();
        assert_eq!(params.bytes("hash").unwrap(), hash);
    }

    #[test]
    fn quoted_text_in_a_query_is_its_own_bytes() {
        assert_eq!(query(&[("tx", "\"name=value\"")]).bytes("tx").unwrap(), b"name=value");
    }
}
