//! Publishes the key to which secrets for a node are sealed. It replaces the one before at once: what was sealed to that one is
//! sealed anew by the projects' owners.

use cosmwasm_std::{DepsMut, Env, Response};
use gateway_api::events::EncryptionKeyChanged;
use gateway_api::{EncryptionKey, NodeId};

use crate::error::ContractError;
use crate::state::nodes::node;
use crate::state::secrets::{PublishedKey, ENCRYPTION_KEYS};

pub(crate) fn set_encryption_key(
    deps: DepsMut<'_>,
    env: &Env,
    id: NodeId,
    key: EncryptionKey,
) -> Result<Response, ContractError> {
    node(deps.storage, id)?;
    let height = env.block.height;
    ENCRYPTION_KEYS.save(deps.storage, id.get(), &PublishedKey { key, height })?;
    Ok(Response::new().add_event(EncryptionKeyChanged { node: id, key }))
}
