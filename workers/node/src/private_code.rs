//! Code sealed to this node: fetched from the code stores when they have no plain code, opened, and kept in memory only.
//! Decision record 25.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use gateway_api::{
    CodeForNode, CodeHash, CodeRef, CodeSource, NOT_SEALED, NodeId, ProjectId, SignedCodeRequest,
};
use gateway_daemon_runtime::http::{HttpError, fetch_json};
use gateway_daemon_runtime::remote_signer::RemoteError;
use gateway_http::Problem;
use gateway_protocol::Domain;
use gateway_sealing::{SealingError, decrypt_code};

use crate::opener::{OpenError, Opener};
use crate::vrf_key::VrfKey;

/// Bytes of opened code that are kept; beyond that all of it is dropped.
const KEPT_BYTES: usize = 64 << 20;
/// Longest answer of a store: the ciphertext in base64, plus its JSON envelope.
const ANSWER_BYTES: usize = 2 << 20;

/// Why sealed code could not be obtained. A store or an owner may be able to fix each of these.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PrivateCodeError {
    /// The code is sealed, but not to this node.
    #[error("the code {0} is sealed and not to this node: its owner has to seal it again")]
    NotToThisNode(CodeHash),
    /// It is sealed to a key that the node does not have.
    #[error("the code {0} is sealed to another key of this node: its owner has to seal it again")]
    OtherKey(CodeHash),
    /// The sealed bytes do not open, or contain different code.
    #[error("the code {code} that is sealed to this node cannot be used: {reason}")]
    Broken {
        /// The code.
        code: CodeHash,
        /// Why.
        reason: String,
    },
    /// The signer that holds the node's key failed to sign the request or to open the code.
    #[error("the code {code} may be sealed to this node: {source}")]
    Signer {
        /// The code.
        code: CodeHash,
        /// The signer's error.
        #[source]
        source: RemoteError,
    },
    /// A store that may have it refused.
    #[error("the code {code} may be sealed, and {store} does not give it: {reason}")]
    Store {
        /// The code.
        code: CodeHash,
        /// The store.
        store: String,
        /// The store's answer.
        reason: String,
    },
}

/// Opened code, by project and hash.
type Opened = HashMap<(ProjectId, CodeHash), Arc<[u8]>>;

/// Access to code sealed to this node.
pub(crate) struct PrivateCode {
    /// `None` if the signer that holds the node's key opens nothing.
    key: Option<Opener>,
    client: reqwest::Client,
    stores: Vec<String>,
    kept: Mutex<Opened>,
}

impl PrivateCode {
    /// Creates it with the stores' addresses and no code yet.
    pub(crate) fn new(key: Option<Opener>, client: reqwest::Client, stores: &[String]) -> Self {
        let stores = stores.iter().map(|url| url.trim_end_matches('/').to_owned()).collect();
        Self { key, client, stores, kept: Mutex::default() }
    }

    /// Returns code that was opened before.
    pub(crate) fn known(&self, project: ProjectId, code: &CodeRef) -> Option<Arc<[u8]>> {
        self.kept().get(&(project, code.sha256)).cloned()
    }

    /// Asks the stores, at the chain's height, for code sealed to the node; `None` if it is in no store, or none has it sealed.
    ///
    /// # Errors
    /// [`PrivateCodeError`], of the store that came closest to providing it.
    pub(crate) async fn load(
        &self,
        signer: &VrfKey,
        domain: &Domain<'_>,
        node: NodeId,
        project: ProjectId,
        code: &CodeRef,
        height: u64,
    ) -> Result<Option<Arc<[u8]>>, PrivateCodeError> {
        if !code.sources.contains(&CodeSource::Store {}) {
            return Ok(None);
        }
        let Some(key) = &self.key else { return Ok(None) };
        let unsigned = |source| PrivateCodeError::Signer { code: code.sha256, source };
        let request =
            signer.ask_for_code(domain, node, project, code.sha256, height).await.map_err(unsigned)?;
        let mut failure = None;
        for store in &self.stores {
            match self.ask(store, key, domain, &request).await {
                Ok(Some(bytes)) => {
                    self.keep(project, code.sha256, &bytes);
                    return Ok(Some(bytes));
                }
                Ok(None) => {}
                // A store's statement about the code itself outweighs another store's failure to answer.
                Err(error @ PrivateCodeError::Store { .. }) => failure = failure.or(Some(error)),
                Err(error) => failure = Some(error),
            }
        }
        failure.map_or(Ok(None), Err)
    }

    async fn ask(
        &self,
        store: &str,
        key: &Opener,
        domain: &Domain<'_>,
        request: &SignedCodeRequest,
    ) -> Result<Option<Arc<[u8]>>, PrivateCodeError> {
        let &SignedCodeRequest { node, project, sha256: code, .. } = request;
        let asked = self.client.post(format!("{store}/v1/sealed-code/fetch")).json(request);
        let given: CodeForNode = match fetch_json(asked, ANSWER_BYTES).await {
            Ok(given) => given,
            Err(HttpError::Status { status: 404, .. }) => return Ok(None),
            Err(HttpError::Status { status, body }) => {
                let problem = serde_json::from_str::<Problem>(&body);
                if problem.is_ok_and(|problem| problem.is(NOT_SEALED)) {
                    return Err(PrivateCodeError::NotToThisNode(code));
                }
                let (store, reason) = (store.to_owned(), format!("{status} {body}"));
                return Err(PrivateCodeError::Store { code, store, reason });
            }
            Err(error) => {
                // Logged at debug level only: the request for plain code reported the same failure.
                tracing::debug!(%error, store, "a store does not say whether it has sealed code");
                return Ok(None);
            }
        };
        if (given.project, given.sha256) != (project, code) {
            let reason = "the store sent another one".to_owned();
            return Err(PrivateCodeError::Broken { code, reason });
        }
        if given.key.key != key.public() {
            return Err(PrivateCodeError::OtherKey(code));
        }
        let broken = |reason: String| PrivateCodeError::Broken { code, reason };
        let sealed = |error: SealingError| broken(error.to_string());
        let content_key =
            match key.open(&domain.code_key_info(project, &code, node), &given.key.ciphertext).await {
                Ok(content_key) => content_key,
                Err(OpenError::Sealed(error)) => return Err(sealed(error)),
                Err(OpenError::Signer(source)) => return Err(PrivateCodeError::Signer { code, source }),
            };
        let opened = decrypt_code(domain, &given, &content_key).map_err(sealed)?;
        match std::str::from_utf8(&opened) {
            Ok(_) => Ok(Some(opened.into())),
            Err(error) => Err(broken(format!("it is not UTF-8 at byte {}", error.valid_up_to()))),
        }
    }

    fn keep(&self, project: ProjectId, code: CodeHash, bytes: &Arc<[u8]>) {
        let mut kept = self.kept();
        let held: usize = kept.values().map(|code| code.len()).sum();
        if held.saturating_add(bytes.len()) > KEPT_BYTES {
            kept.clear();
        }
        kept.insert((project, code), bytes.clone());
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Opened> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
