//! Sealed secrets of projects, and the keys of nodes that they are sealed to. A node reads only what is sealed to it, so each
//! ciphertext is a record of its own; which nodes have one stands in the secret's record.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Storage;
use gateway_api::{
    EncryptionKey, NodeId, ProjectId, SealedTo, SealedValue, SecretHost, SecretId, SecretName,
};

use crate::error::ContractError;
use crate::state::codec::{Map, Record};

/// The key that a node has published.
#[cw_serde]
pub(crate) struct PublishedKey {
    /// The key.
    pub(crate) key: EncryptionKey,
    /// The height at which it was published.
    pub(crate) height: u64,
}

/// A secret, without its ciphertexts.
#[cw_serde]
pub(crate) struct Secret {
    /// The height at which it was set.
    pub(crate) height: u64,
    /// The nodes that it is sealed to, in order of their ids.
    pub(crate) nodes: Vec<SealedTo>,
}

/// A secret's value, as one node can open it.
#[cw_serde]
pub(crate) struct Ciphertext {
    /// The key that it is sealed to.
    pub(crate) key: EncryptionKey,
    /// The encapsulated key and the ciphertext.
    pub(crate) bytes: Vec<u8>,
}

impl Record for PublishedKey {}
impl Record for Secret {}
impl Record for Ciphertext {}

/// Keys by node.
pub(crate) const ENCRYPTION_KEYS: Map<u32, PublishedKey> = Map::new("encryption_keys");
/// Secrets by project and by what [`place`] makes of host and name.
pub(crate) const SECRETS: Map<(u64, &str), Secret> = Map::new("secrets");
/// Ciphertexts by project, node, and host and name.
pub(crate) const CIPHERTEXTS: Map<(u64, u32, &str), Ciphertext> = Map::new("sealed");

/// What follows every name in a key: no host and no name contains it.
const BETWEEN: char = '@';

/// Where a secret stands among those of its project.
pub(crate) fn place(id: &SecretId) -> String {
    format!("{}{BETWEEN}{}", id.host, id.name)
}

/// The secret that stands in a place.
///
/// # Errors
/// [`ContractError::NotFound`] where it is no place of one.
pub(crate) fn at(place: &str) -> Result<SecretId, ContractError> {
    let parts = place.split_once(BETWEEN);
    let read = parts.and_then(|(host, name)| {
        Some(SecretId { name: SecretName::new(name).ok()?, host: SecretHost::new(host).ok()? })
    });
    read.ok_or(ContractError::NotFound { what: "such secret" })
}

/// The key that a node has published; `None` where it has none.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails or holds an unreadable record.
pub(crate) fn key_of(storage: &dyn Storage, node: NodeId) -> Result<Option<PublishedKey>, ContractError> {
    ENCRYPTION_KEYS.may_load(storage, node.get())
}

/// A secret; `None` where there is none.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails or holds an unreadable record.
pub(crate) fn secret(
    storage: &dyn Storage,
    project: ProjectId,
    id: &SecretId,
) -> Result<Option<Secret>, ContractError> {
    SECRETS.may_load(storage, (project.get(), &place(id)))
}

/// How many secrets a project has, counted to one more than it may.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails.
pub(crate) fn secrets_of(storage: &dyn Storage, project: ProjectId) -> Result<usize, ContractError> {
    let most = gateway_api::limits::MAX_SECRETS.saturating_add(1);
    Ok(SECRETS.keys_below(storage, project.get(), most)?.len())
}

/// Saves a secret in place of what was known of it.
///
/// # Errors
/// [`ContractError::Std`] where a record cannot be written.
pub(crate) fn replace(
    storage: &mut dyn Storage,
    project: ProjectId,
    id: &SecretId,
    known: Option<Secret>,
    sealed: &[SealedValue],
    height: u64,
) -> Result<(), ContractError> {
    let (project, place) = (project.get(), place(id));
    for SealedTo { node, .. } in known.into_iter().flat_map(|known| known.nodes) {
        if sealed.binary_search_by_key(&node, |value| value.node).is_err() {
            CIPHERTEXTS.remove(storage, (project, node.get(), &place));
        }
    }
    for SealedValue { node, key, ciphertext } in sealed {
        let record = Ciphertext { key: *key, bytes: ciphertext.to_vec() };
        CIPHERTEXTS.save(storage, (project, node.get(), &place), &record)?;
    }
    let nodes = sealed.iter().map(|value| SealedTo { node: value.node, key: value.key }).collect();
    SECRETS.save(storage, (project, &place), &Secret { height, nodes })
}

/// Removes a secret and its ciphertexts.
pub(crate) fn remove(storage: &mut dyn Storage, project: ProjectId, id: &SecretId, known: &Secret) {
    let (project, place) = (project.get(), place(id));
    for SealedTo { node, .. } in &known.nodes {
        CIPHERTEXTS.remove(storage, (project, node.get(), &place));
    }
    SECRETS.remove(storage, (project, &place));
}
