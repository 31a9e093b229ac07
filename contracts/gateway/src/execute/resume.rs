//! Ends a halt of results before its time.

use cosmwasm_std::{DepsMut, Env, Response};
use gateway_api::events::HaltChanged;

use crate::error::ContractError;
use crate::state::governance::GOVERNANCE;

pub(crate) fn resume(deps: DepsMut<'_>, env: &Env) -> Result<Response, ContractError> {
    let mut record = GOVERNANCE.load(deps.storage)?;
    record.halted_until = record.halted_until.min(env.block.height);
    GOVERNANCE.save(deps.storage, &record)?;
    Ok(Response::new().add_event(HaltChanged { until: record.halted_until }))
}
