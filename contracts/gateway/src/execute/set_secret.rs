//! Sets a secret of a project: its value, sealed to each node that may open it. Replaces the value and the nodes of before.

use cosmwasm_std::{DepsMut, Env, Response};
use gateway_api::events::SecretSet;
use gateway_api::{limits, ProjectId, SealedValue, SecretId};

use crate::error::ContractError;
use crate::state::secrets::{key_of, replace, secret, secrets_of};

pub(crate) fn set_secret(
    deps: DepsMut<'_>,
    env: &Env,
    project: ProjectId,
    id: SecretId,
    sealed: Vec<SealedValue>,
) -> Result<Response, ContractError> {
    let invalid = |fault| ContractError::InvalidSecret { fault };
    if let Some(fault) = id.fault() {
        return Err(invalid(fault));
    }
    if sealed.is_empty() || sealed.len() > limits::MAX_SEALED_NODES {
        return Err(invalid("it is sealed to 1 to 128 nodes"));
    }
    if sealed.iter().zip(sealed.iter().skip(1)).any(|(one, next)| one.node >= next.node) {
        return Err(invalid("nodes stand in ascending order, each once"));
    }
    for value in &sealed {
        if !value.has_length() {
            return Err(invalid("a ciphertext takes 112 to 2160 bytes"));
        }
        // Sealed to a key that was replaced meanwhile, it could be opened by nobody.
        if key_of(deps.storage, value.node)?.map(|published| published.key) != Some(value.key) {
            return Err(ContractError::OtherEncryptionKey { node: value.node });
        }
    }
    let known = secret(deps.storage, project, &id)?;
    if known.is_none() && secrets_of(deps.storage, project)? >= limits::MAX_SECRETS {
        return Err(invalid("a project has at most 32"));
    }
    let nodes = u32::try_from(sealed.len()).unwrap_or(u32::MAX);
    replace(deps.storage, project, &id, known, &sealed, env.block.height)?;
    let (name, host) = (id.name.to_string(), id.host.to_string());
    Ok(Response::new().add_event(SecretSet { project, name, host, nodes }))
}
