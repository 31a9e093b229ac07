//! Answers queries about sealed secrets and the keys that they are sealed to.

use cosmwasm_std::Storage;
use cw_storage_plus::Bound;
use gateway_api::{
    EncryptionKeyResponse, EncryptionKeysResponse, NodeId, ProjectId, SealedSecretResponse,
    SealedSecretsResponse, SecretId, SecretResponse, SecretsResponse,
};

use super::page::page;
use crate::error::ContractError;
use crate::state::projects::project as project_of;
use crate::state::secrets::{
    at, place, Ciphertext, PublishedKey, Secret, CIPHERTEXTS, ENCRYPTION_KEYS, SECRETS,
};

pub(super) fn encryption_keys(
    storage: &dyn Storage,
    start_after: Option<NodeId>,
    limit: usize,
) -> Result<EncryptionKeysResponse, ContractError> {
    let start = start_after.map(|id| Bound::exclusive(id.get()));
    let keys = ENCRYPTION_KEYS.keys(storage, start).map(|id| {
        let id = id?;
        let PublishedKey { key, height } = ENCRYPTION_KEYS.load(storage, id)?;
        Ok(EncryptionKeyResponse { node: NodeId(id), key, height })
    });
    Ok(EncryptionKeysResponse { keys: page(keys, limit)? })
}

pub(super) fn secrets(
    storage: &dyn Storage,
    project: ProjectId,
    start_after: Option<&SecretId>,
    limit: usize,
) -> Result<SecretsResponse, ContractError> {
    project_of(storage, project)?;
    let after = start_after.map(place);
    let start = after.as_deref().map(Bound::exclusive);
    let secrets = SECRETS.keys_after(storage, project.get(), start).map(|found| {
        let found = found?;
        let SecretId { name, host } = at(&found)?;
        let Secret { height, nodes } = SECRETS.load(storage, (project.get(), &found))?;
        Ok(SecretResponse { name, host, height, nodes })
    });
    Ok(SecretsResponse { secrets: page(secrets, limit)? })
}

pub(super) fn sealed(
    storage: &dyn Storage,
    project: ProjectId,
    node: NodeId,
    start_after: Option<&SecretId>,
    limit: usize,
) -> Result<SealedSecretsResponse, ContractError> {
    let after = start_after.map(place);
    let below = (project.get(), node.get());
    let start = after.as_deref().map(Bound::exclusive);
    let secrets = CIPHERTEXTS.keys_after(storage, below, start).map(|found| {
        let found = found?;
        let SecretId { name, host } = at(&found)?;
        let Ciphertext { key, bytes } = CIPHERTEXTS.load(storage, (below.0, below.1, &found))?;
        Ok(SealedSecretResponse { name, host, key, ciphertext: bytes.into() })
    });
    Ok(SealedSecretsResponse { secrets: page(secrets, limit)? })
}
