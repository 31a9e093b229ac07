//! API keys: who may spend the service's money or disk, and how often. Only hashes of the keys stay in memory.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use gateway_daemon_runtime::secret::SecretError;
use gateway_daemon_runtime::{SecretSource, documented};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::problem::Problem;
use crate::rate::{RateLimit, RateLimits};

/// Shortest key accepted, in bytes: a shorter one can be guessed.
const MIN_KEY: usize = 16;

documented! {
    /// An API key as configured.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct ApiKeyConfig {
        /// Who holds it; appears in logs and separates the idempotency keys of different holders. 1 to 64 of `a-z 0-9 - _`.
        pub name: String,
        /// Where the key is kept; at least 16 characters. Callers send it as `Authorization: Bearer <key>`.
        pub secret: SecretSource,
        /// Calls per minute, at least 1. Default 60.
        #[serde(default = "sixty")]
        pub per_minute: u32,
    }
}

fn sixty() -> u32 {
    60
}

/// Why the API keys cannot be used as configured.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ApiKeyError {
    /// The name is malformed.
    #[error("api_keys.name {0:?}: it takes 1 to 64 of the characters a-z, 0-9, '-' and '_'")]
    Name(String),
    /// Two keys share a name.
    #[error("api_keys.name {0:?} is used twice")]
    Twice(String),
    /// The key is too short.
    #[error("the API key of {0:?} must have at least {MIN_KEY} characters")]
    Short(String),
    /// The rate is zero.
    #[error("api_keys.per_minute of {0:?} must be at least 1")]
    Rate(String),
    /// The key cannot be read.
    #[error("the API key of {name:?}: {source}")]
    Secret {
        /// Whose key.
        name: String,
        /// Why.
        #[source]
        source: SecretError,
    },
}

/// The holder of an API key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The configured name.
    pub name: String,
}

struct Entry {
    name: String,
    digest: [u8; 32],
    rate: RateLimit,
}

/// The keys of a service.
pub struct ApiKeys {
    entries: Vec<Entry>,
    limits: RateLimits<String>,
}

impl ApiKeys {
    /// Reads the configured keys.
    ///
    /// # Errors
    /// [`ApiKeyError`] naming the key.
    pub fn load(config: &[ApiKeyConfig]) -> Result<Self, ApiKeyError> {
        let mut names = BTreeSet::new();
        let mut entries = Vec::with_capacity(config.len());
        for key in config {
            let name = key.name.clone();
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b);
            if name.is_empty() || name.len() > 64 || !name.bytes().all(plain) {
                return Err(ApiKeyError::Name(name));
            }
            if !names.insert(&key.name) {
                return Err(ApiKeyError::Twice(name));
            }
            if key.per_minute == 0 {
                return Err(ApiKeyError::Rate(name));
            }
            let secret =
                key.secret.load().map_err(|source| ApiKeyError::Secret { name: name.clone(), source })?;
            if secret.expose().len() < MIN_KEY {
                return Err(ApiKeyError::Short(name));
            }
            let digest = Sha256::digest(secret.expose().as_bytes()).into();
            entries.push(Entry { name, digest, rate: RateLimit::per_minute(key.per_minute) });
        }
        Ok(Self { entries, limits: RateLimits::default() })
    }

    /// Returns whether there is a key of this name.
    #[must_use]
    pub fn holds(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.name == name)
    }

    /// Identifies the caller, if the key is known and its rate allows one more call.
    ///
    /// # Errors
    /// [`Problem::unauthorized`] without a known key, [`Problem::too_many`] above the rate.
    pub fn admit(&self, headers: &HeaderMap) -> Result<Caller, Problem> {
        let presented = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .ok_or_else(|| Problem::unauthorized("send the header Authorization: Bearer <API key>"))?;
        // Digests are compared, so the timing reveals nothing about the key.
        let digest: [u8; 32] = Sha256::digest(presented.trim().as_bytes()).into();
        let entry = self
            .entries
            .iter()
            .find(|entry| entry.digest == digest)
            .ok_or_else(|| Problem::unauthorized("the API key is not known here"))?;
        self.limits.admit(&entry.name, entry.rate)?;
        Ok(Caller { name: entry.name.clone() })
    }
}

/// As an argument of a handler, identifies the caller before any of the body is read.
impl<S: AsRef<ApiKeys> + Send + Sync> FromRequestParts<Arc<S>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Arc<S>) -> Result<Self, Problem> {
        let keys: &ApiKeys = service.as_ref().as_ref();
        keys.admit(&parts.headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(dir: &tempfile::TempDir, name: &str, secret: &str, per_minute: u32) -> ApiKeyConfig {
        let path = dir.path().join(format!("{name}.key"));
        std::fs::write(&path, secret).unwrap();
        ApiKeyConfig { name: name.to_owned(), secret: SecretSource::File(path), per_minute }
    }

    fn bearer(key: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, format!("Bearer {key}").parse().unwrap());
        headers
    }

    #[test]
    fn a_known_key_is_admitted_up_to_its_rate() {
        let dir = tempfile::tempdir().unwrap();
        let keys = ApiKeys::load(&[config(&dir, "shop", "0123456789abcdef", 2)]).unwrap();
        for _ in 0..2 {
            assert_eq!(keys.admit(&bearer("0123456789abcdef")).unwrap().name, "shop");
        }
        let refused = keys.admit(&bearer("0123456789abcdef")).unwrap_err();
        assert_eq!(refused.status, 429);
        assert!(refused.retry_after.is_some_and(|s| s > 0));
        assert_eq!(keys.admit(&bearer("0123456789abcdeX")).unwrap_err().status, 401);
        assert_eq!(keys.admit(&HeaderMap::new()).unwrap_err().status, 401);
    }

    #[test]
    fn faulty_keys_are_named_and_never_quoted() {
        let dir = tempfile::tempdir().unwrap();
        let fault = |keys: &[ApiKeyConfig]| ApiKeys::load(keys).err().unwrap();
        let good = config(&dir, "a", "0123456789abcdef", 1);
        assert_eq!(fault(&[config(&dir, "B", "0123456789abcdef", 1)]), ApiKeyError::Name("B".into()));
        assert_eq!(fault(&[good.clone(), good]), ApiKeyError::Twice("a".into()));
        assert_eq!(fault(&[config(&dir, "c", "0123456789abcdef", 0)]), ApiKeyError::Rate("c".into()));
        let short = fault(&[config(&dir, "d", "hunter2", 1)]);
        assert_eq!(short, ApiKeyError::Short("d".into()));
        assert!(!short.to_string().contains("hunter2"));
    }
}
