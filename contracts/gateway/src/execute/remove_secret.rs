//! Removes a secret of a project with all its ciphertexts.

use cosmwasm_std::{DepsMut, Response};
use gateway_api::events::SecretRemoved;
use gateway_api::{ProjectId, SecretId};

use crate::error::ContractError;
use crate::state::secrets::{remove, secret};

pub(crate) fn remove_secret(
    deps: DepsMut<'_>,
    project: ProjectId,
    id: &SecretId,
) -> Result<Response, ContractError> {
    let known = secret(deps.storage, project, id)?.ok_or(ContractError::NotFound { what: "such secret" })?;
    remove(deps.storage, project, id, &known);
    let (name, host) = (id.name.to_string(), id.host.to_string());
    Ok(Response::new().add_event(SecretRemoved { project, name, host }))
}
