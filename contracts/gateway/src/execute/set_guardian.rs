//! Names who may halt results beside the admin.

use cosmwasm_std::{DepsMut, Response};
use gateway_api::events::GuardianChanged;

use crate::error::ContractError;
use crate::state::governance::GOVERNANCE;

pub(crate) fn set_guardian(deps: DepsMut<'_>, guardian: Option<String>) -> Result<Response, ContractError> {
    let mut record = GOVERNANCE.load(deps.storage)?;
    record.guardian = guardian.as_deref().map(|address| deps.api.addr_validate(address)).transpose()?;
    GOVERNANCE.save(deps.storage, &record)?;
    let guardian = guardian.unwrap_or_else(|| "none".to_owned());
    Ok(Response::new().add_event(GuardianChanged { guardian }))
}
