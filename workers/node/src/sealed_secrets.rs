//! Secrets that projects' owners have sealed to this node on the chain: read once per project, opened, and forgotten when they
//! change. Decision record 21.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use gateway_api::{
    EncryptionKey, NodeId, ProjectId, QueryMsg, SealedSecretResponse, SealedSecretsResponse, SecretId,
};
use gateway_chain::{ChainError, GatewayQuery};
use gateway_daemon_runtime::remote_signer::RemoteError;
use gateway_engine::Secret;
use gateway_protocol::Domain;

use crate::opener::{OpenError, Opener};

/// Why a project's secrets are not known now.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretsError {
    /// The chain cannot be queried.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The signer cannot open them.
    #[error(transparent)]
    Signer(#[from] RemoteError),
}

/// Projects whose secrets are cached; one more clears the cache.
const PROJECTS: usize = 1024;

/// The secrets sealed to this node, by project.
pub(crate) struct SealedSecrets {
    /// `None` if the signer that holds the node's key opens nothing.
    key: Option<Opener>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// Grows whenever something is forgotten: answers requested before that are not cached.
    changes: u64,
    projects: HashMap<ProjectId, Arc<[Secret]>>,
}

impl SealedSecrets {
    /// Creates it with the key and no secrets yet.
    pub(crate) fn new(key: Option<Opener>) -> Self {
        Self { key, known: Mutex::default() }
    }

    /// Returns the secrets of a project that are sealed to this node and can be opened. One that cannot be is reported in the
    /// log.
    ///
    /// # Errors
    /// [`SecretsError::Chain`] when the chain cannot be queried, [`SecretsError::Signer`] when the signer cannot open them. A
    /// contract that does not support sealed secrets yields none.
    pub(crate) async fn of(
        &self,
        query: &GatewayQuery,
        domain: &Domain<'_>,
        node: NodeId,
        project: ProjectId,
    ) -> Result<Arc<[Secret]>, SecretsError> {
        let Some(key) = &self.key else { return Ok(Arc::default()) };
        let changes = {
            let known = self.known();
            if let Some(secrets) = known.projects.get(&project) {
                return Ok(secrets.clone());
            }
            known.changes
        };
        let sealed = read(query, node, project).await?;
        let mut secrets = Vec::with_capacity(sealed.len());
        for sealed in &sealed {
            secrets.extend(open(key, domain, node, project, sealed).await?);
        }
        let secrets: Arc<[Secret]> = secrets.into();
        let mut known = self.known();
        if known.changes == changes {
            if known.projects.len() >= PROJECTS {
                known.projects.clear();
            }
            known.projects.insert(project, secrets.clone());
        }
        Ok(secrets)
    }

    /// Forgets the secrets of a project, as they have changed.
    pub(crate) fn forget(&self, project: ProjectId) {
        let mut known = self.known();
        known.changes = known.changes.wrapping_add(1);
        known.projects.remove(&project);
    }

    /// Forgets everything, as events may have been missed.
    pub(crate) fn forget_all(&self) {
        let mut known = self.known();
        known.changes = known.changes.wrapping_add(1);
        known.projects.clear();
    }

    /// Returns the public half of the key to which secrets are sealed; `None` if nothing is opened.
    pub(crate) fn key(&self) -> Option<EncryptionKey> {
        self.key.as_ref().map(Opener::public)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads what is sealed to a node for a project.
async fn read(
    query: &GatewayQuery,
    node: NodeId,
    project: ProjectId,
) -> Result<Vec<SealedSecretResponse>, ChainError> {
    let mut found = Vec::new();
    let mut start_after = None;
    loop {
        let asked = QueryMsg::SealedSecrets { project, node, start_after, limit: None };
        let page: SealedSecretsResponse = match query.ask(&asked).await {
            Ok(answer) => answer.value,
            // A contract of an earlier release does not support the query.
            Err(ChainError::Query { .. }) => return Ok(found),
            Err(error) => return Err(error),
        };
        let Some(last) = page.secrets.last() else { return Ok(found) };
        start_after = Some(SecretId { name: last.name.clone(), host: last.host.clone() });
        found.extend(page.secrets);
    }
}

/// Opens a secret; `None`, with the reason in the log, if this node cannot use it.
async fn open(
    key: &Opener,
    domain: &Domain<'_>,
    node: NodeId,
    project: ProjectId,
    sealed: &SealedSecretResponse,
) -> Result<Option<Secret>, RemoteError> {
    let id = SecretId { name: sealed.name.clone(), host: sealed.host.clone() };
    let reason = if sealed.key == key.public() {
        match key.open(&domain.secret_info(project, &id, node), &sealed.ciphertext).await {
            Ok(value) => match std::str::from_utf8(&value) {
                Ok(value) => {
                    return Ok(Some(Secret::new(project.get(), id.name.as_str(), id.host.as_str(), value)));
                }
                Err(_) => "its value is not UTF-8".to_owned(),
            },
            Err(OpenError::Signer(error)) => return Err(error),
            Err(error) => error.to_string(),
        }
    } else {
        "it is sealed to another key of this node: its owner has to set it again".to_owned()
    };
    tracing::warn!(%project, secret = %id, reason, "a sealed secret cannot be opened");
    Ok(None)
}

#[cfg(test)]
mod tests {
    use cosmwasm_std::Binary;
    use gateway_api::{SecretHost, SecretName};
    use gateway_protocol::SecretKey;
    use gateway_sealing::OpeningKey;

    use super::*;

    const HERE: Domain<'_> = Domain { chain_id: "chain-1", contract: "archway1gateway" };

    fn sealed(key: EncryptionKey, node: u32, value: &[u8]) -> SealedSecretResponse {
        let id =
            SecretId { name: SecretName::new("KEY").unwrap(), host: SecretHost::new("a.example").unwrap() };
        let info = HERE.secret_info(ProjectId(7), &id, NodeId(node));
        let ciphertext = Binary::from(gateway_sealing::seal(&key, &info, value).unwrap());
        SealedSecretResponse { name: id.name, host: id.host, key, ciphertext }
    }

    #[tokio::test]
    async fn a_secret_opens_where_it_was_sealed_to() {
        let key = |byte| Opener::from(OpeningKey::of(&SecretKey::from_bytes(&[byte; 32]).unwrap(), &HERE));
        let (own, other) = (key(1), key(2));
        let opened = async |sealed: &SealedSecretResponse| {
            let secret = open(&own, &HERE, NodeId(3), ProjectId(7), sealed).await.unwrap();
            secret.map(|secret| format!("{secret:?}"))
        };
        let value = b"hunter2";
        assert_eq!(
            opened(&sealed(own.public(), 3, value)).await.as_deref(),
            Some("Secret(KEY of project 7 for a.example)")
        );
        assert_eq!(opened(&sealed(other.public(), 3, value)).await, None, "another key");
        assert_eq!(opened(&sealed(own.public(), 4, value)).await, None, "another node's ciphertext");
        assert_eq!(opened(&sealed(own.public(), 3, &[0xff])).await, None, "no text");
    }
}
