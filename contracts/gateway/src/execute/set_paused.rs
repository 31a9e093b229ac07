//! Stops new work, or resumes it. Which messages a pause stops is declared with the permissions.

use cosmwasm_std::{DepsMut, Response};
use gateway_api::events::PauseChanged;

use crate::error::ContractError;
use crate::state::governance::GOVERNANCE;

pub(crate) fn set_paused(deps: DepsMut<'_>, paused: bool) -> Result<Response, ContractError> {
    let mut record = GOVERNANCE.load(deps.storage)?;
    record.paused = paused;
    GOVERNANCE.save(deps.storage, &record)?;
    Ok(Response::new().add_event(PauseChanged { paused }))
}
