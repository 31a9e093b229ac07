//! Takes over the admin's office that was offered.

use cosmwasm_std::{DepsMut, MessageInfo, Response};
use gateway_api::events::AdminChanged;

use crate::error::ContractError;
use crate::state::governance::GOVERNANCE;

pub(crate) fn accept_admin(deps: DepsMut<'_>, info: MessageInfo) -> Result<Response, ContractError> {
    let mut record = GOVERNANCE.load(deps.storage)?;
    record.pending_admin = None;
    record.admin = info.sender.clone();
    GOVERNANCE.save(deps.storage, &record)?;
    Ok(Response::new().add_event(AdminChanged { admin: info.sender.into_string() }))
}
