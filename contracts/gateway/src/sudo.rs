//! Dispatches messages of the chain itself. Nobody else can send them: the chain has no other way to this entry point.

use cosmwasm_std::{DepsMut, Env, Response};
use gateway_api::SudoMsg;

use crate::error::ContractError;
use crate::operations::sweep;

pub(crate) fn sudo(deps: DepsMut<'_>, env: &Env, msg: SudoMsg) -> Result<Response, ContractError> {
    match msg {
        SudoMsg::Callback { job_id } => sweep::called(deps, env, job_id),
        SudoMsg::Error { module_name, error_code, error_message, .. } => {
            sweep::record_failure(deps, &module_name, error_code, &error_message)
        }
    }
}
