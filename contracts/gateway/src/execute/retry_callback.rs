//! Tries a failed callback again, for anybody, a bounded number of times.

use super::callback;
use crate::error::ContractError;
use crate::state::requests::{request as load, State};
use crate::state::results::{Callback, CALLBACKS, RESULTS};
use cosmwasm_std::{DepsMut, Response};
use gateway_api::{limits, RequestId, Resolution};

pub(crate) fn retry_callback(deps: DepsMut<'_>, request: RequestId) -> Result<Response, ContractError> {
    let record = load(deps.storage, request)?;
    match CALLBACKS.may_load(deps.storage, request.get())? {
        // The first try is no retry.
        Some(Callback::Failed { tries, .. }) if tries <= limits::MAX_CALLBACK_RETRIES => {
            let resolution = match record.state {
                State::Open => return Err(ContractError::NotRetriable {}),
                State::Expired => Resolution::Expired {},
                State::Fulfilled => {
                    let result = RESULTS.load(deps.storage, request.get())?;
                    Resolution::Fulfilled { class: result.class, body: result.body }
                }
            };
            let call = callback::send(deps.storage, request, &record, resolution, tries)?;
            Ok(Response::new().add_submessages(call))
        }
        _ => Err(ContractError::NotRetriable {}),
    }
}
