//! Offers the admin's office to another account, which has to accept it: nothing is lost to a mistyped address.

use cosmwasm_std::{DepsMut, Response};

use crate::error::ContractError;
use crate::state::governance::GOVERNANCE;

pub(crate) fn offer_admin(deps: DepsMut<'_>, to: Option<String>) -> Result<Response, ContractError> {
    let mut record = GOVERNANCE.load(deps.storage)?;
    record.pending_admin = to.map(|to| deps.api.addr_validate(&to)).transpose()?;
    GOVERNANCE.save(deps.storage, &record)?;
    Ok(Response::new())
}
