//! The command line's client of a network's code store: for plain code, and code sealed to nodes.

use std::time::Duration;

use gateway_api::{CodeHash, SealedCode};
use gateway_daemon_runtime::{SecretSource, SecretString};

use super::session::Session;
use crate::arguments::StoreOptions;
use crate::commands::CommandError;

/// Time limit for the code store.
const LIMIT: Duration = Duration::from_secs(30);

/// A code store and its API key.
pub(super) struct CodeStore {
    url: String,
    key: SecretString,
}

impl CodeStore {
    /// Returns the store that the options or the network name.
    ///
    /// # Errors
    /// [`CommandError`] when there is no address or no key, `SecretError` when the key cannot be read.
    pub(super) fn of(session: &Session, options: &StoreOptions) -> Result<Self, CommandError> {
        let url = Self::url_of(session, options)?;
        let key = options.store_key_file.clone().map(SecretSource::File);
        let key = key.or_else(|| session.network.store_key.clone());
        let name = &session.network.name;
        let key = key.ok_or_else(|| {
            format!("the code store takes an API key: set `store_key = {{ file = \"…\" }}` under [networks.{name}], or give --store-key-file")
        })?;
        Ok(Self { url, key: key.load()? })
    }

    /// Returns its address.
    ///
    /// # Errors
    /// [`CommandError`] when there is none.
    pub(super) fn url_of(session: &Session, options: &StoreOptions) -> Result<String, CommandError> {
        let url = options.store.clone().or_else(|| session.network.store.clone());
        let name = &session.network.name;
        let url = url.ok_or_else(|| {
            format!("the network {name} has no code store: set `store` under [networks.{name}], give --store, or another --source")
        })?;
        Ok(url.trim_end_matches('/').to_owned())
    }

    /// Returns whether it publicly serves the code with this hash.
    ///
    /// # Errors
    /// [`CommandError`] when the store does not answer, or its answer is inconclusive.
    pub(super) async fn has(&self, hash: CodeHash) -> Result<bool, CommandError> {
        let url = &self.url;
        let answer = self.answer(reqwest::Client::new().get(format!("{url}/v1/code/{hash}"))).await?;
        match answer.status() {
            status if status.is_success() => Ok(true),
            reqwest::StatusCode::NOT_FOUND => Ok(false),
            status => Err(format!("{url} does not say whether it has the code {hash}: {status}").into()),
        }
    }

    /// Sends plain code.
    ///
    /// # Errors
    /// [`CommandError`] when the store does not answer or does not accept it.
    pub(super) async fn put(
        &self,
        session: &Session,
        code: &[u8],
        hash: CodeHash,
    ) -> Result<(), CommandError> {
        session.progress(&format!("sending the code to {}", self.url));
        self.send("/v1/code", |call| call.body(code.to_vec())).await?;
        session.progress(&format!("it holds {hash}"));
        Ok(())
    }

    /// Sends sealed code.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub(super) async fn put_sealed(&self, session: &Session, code: &SealedCode) -> Result<(), CommandError> {
        session.progress(&format!("sending the sealed code to {}", self.url));
        self.send("/v1/sealed-code", |call| call.json(code)).await
    }

    async fn send(
        &self,
        path: &str,
        body: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder,
    ) -> Result<(), CommandError> {
        let url = &self.url;
        let call = reqwest::Client::new().put(format!("{url}{path}"));
        let answer = self.answer(body(call.bearer_auth(self.key.expose()))).await?;
        let status = answer.status();
        if !status.is_success() {
            let text = answer.text().await.unwrap_or_default();
            return Err(format!("{url} does not take the code: {status} {text}").into());
        }
        Ok(())
    }

    async fn answer(&self, call: reqwest::RequestBuilder) -> Result<reqwest::Response, CommandError> {
        let answer = call.timeout(LIMIT).send().await;
        Ok(answer.map_err(|error| format!("{}: {}", self.url, causes(&error)))?)
    }
}

/// Formats an error with its causes: an HTTP error alone does not name the fault.
fn causes(error: &dyn std::error::Error) -> String {
    let below = std::iter::successors(error.source(), |error| error.source());
    below.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
