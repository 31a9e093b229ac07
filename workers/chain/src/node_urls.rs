//! Addresses of a chain's nodes as configured: one, or several in order of preference.
//!
//! Providers put their keys into paths and queries, so only scheme and host are ever printed.

use std::fmt;

use gateway_daemon_runtime::{SecretString, SecretUrl};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{ChainError, Result};

/// One or more addresses: a string or a list of strings in the configuration.
#[derive(Clone)]
pub struct NodeUrls(Vec<SecretString>);

impl NodeUrls {
    /// Returns the addresses, each checked to begin with one of `schemes`; `field` names them in the error.
    ///
    /// # Errors
    /// [`ChainError::Invalid`], which does not quote the address.
    pub fn parsed(&self, field: &str, schemes: &[&str]) -> Result<Vec<SecretUrl>> {
        let expected = || ChainError::invalid(field, format!("it must start with {}", schemes.join(" or ")));
        if self.0.is_empty() {
            return Err(expected());
        }
        let parse = |text: &SecretString| {
            if !schemes.iter().any(|scheme| text.expose().starts_with(scheme)) {
                return Err(expected());
            }
            SecretUrl::parse(text.expose().clone()).map_err(|e| ChainError::invalid(field, e))
        };
        self.0.iter().map(parse).collect()
    }

    /// Returns the preferred address in full: it may carry a provider's key. `None` if no address is configured.
    pub fn preferred(&self) -> Option<&str> {
        self.0.first().map(|text| text.expose().as_str())
    }

    /// Returns the same addresses with another scheme and path appended, where a CometBFT node serves its websocket.
    pub(crate) fn websockets(&self) -> Self {
        let websocket = |text: &SecretString| {
            let text = text.expose();
            // A provider's key in the query stays in place.
            let (base, query) = text.split_once('?').map_or((text.as_str(), None), |(b, q)| (b, Some(q)));
            let base = base.trim_end_matches('/');
            let base = match base.strip_prefix("https://") {
                Some(rest) => format!("wss://{rest}"),
                None => format!("ws://{}", base.strip_prefix("http://").unwrap_or(base)),
            };
            let query = query.map(|query| format!("?{query}")).unwrap_or_default();
            SecretString::new(format!("{base}/websocket{query}"))
        };
        Self(self.0.iter().map(websocket).collect())
    }
}

impl<S: Into<String>> From<S> for NodeUrls {
    fn from(url: S) -> Self {
        Self(vec![SecretString::new(url.into())])
    }
}

impl PartialEq for NodeUrls {
    fn eq(&self, other: &Self) -> bool {
        self.0.iter().map(SecretString::expose).eq(other.0.iter().map(SecretString::expose))
    }
}

impl fmt::Debug for NodeUrls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |text: &SecretString| {
            SecretUrl::parse(text.expose().clone()).map_or_else(|_| "***".to_owned(), |url| url.to_string())
        };
        f.debug_list().entries(self.0.iter().map(shown)).finish()
    }
}

/// Serialised in full, for configuration files: a file that holds them is as secret as they are.
impl Serialize for NodeUrls {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [one] => to.serialize_str(one.expose()),
            several => to.collect_seq(several.iter().map(SecretString::expose)),
        }
    }
}

impl<'de> Deserialize<'de> for NodeUrls {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Raw {
            One(SecretString),
            Several(Vec<SecretString>),
        }
        let bad = |_| serde::de::Error::custom("expected an address or a list of addresses");
        match Raw::deserialize(from).map_err(bad)? {
            Raw::One(one) => Ok(Self(vec![one])),
            Raw::Several(several) => Ok(Self(several)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_or_several_urls_parse_and_never_print_a_key() {
        let one: NodeUrls =
            serde_json::from_str(r#""https://node.example/hunter2?key=hunter2""#).expect("one");
        let several: NodeUrls =
            serde_json::from_str(r#"["https://a.example/hunter2","http://127.0.0.1:26657"]"#)
                .expect("several");
        assert_eq!(several.parsed("chain.rpc", &["http://", "https://"]).expect("parsed").len(), 2);
        let error = one.parsed("chain.rpc", &["ws://"]).expect_err("another scheme").to_string();
        let printed = format!("{one:?} {several:?} {error}");
        assert!(!printed.contains("hunter2") && printed.contains("a.example"), "{printed}");
        let websocket = one.websockets().parsed("chain.websocket", &["wss://"]).expect("derived");
        assert_eq!(websocket[0].expose(), "wss://node.example/hunter2/websocket?key=hunter2");
        for urls in [one, several] {
            let written = serde_json::to_string(&urls).expect("written");
            assert_eq!(serde_json::from_str::<NodeUrls>(&written).expect("read"), urls);
        }
        assert!(serde_json::from_str::<NodeUrls>("3").is_err());
    }
}
