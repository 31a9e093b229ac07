//! Opens a request: everything that is sent is reserved for it.

use cosmwasm_std::{to_json_binary, DepsMut, Env, MessageInfo, Response};
use gateway_api::NewRequest;

use crate::error::ContractError;
use crate::operations::funds;
use crate::operations::opening::{Asker, Opening};

pub(crate) fn request(
    mut deps: DepsMut<'_>,
    env: &Env,
    info: MessageInfo,
    new: NewRequest,
) -> Result<Response, ContractError> {
    let mut opening = Opening::begin(deps.storage, env)?;
    let sent = funds::sent(&info, &opening.settings.denom)?;
    let asker = Asker { requester: info.sender, schedule: None };
    let opened = opening.open(&mut deps, &asker, new, sent, true)?;
    let (events, reserved) = opening.close(&mut deps)?;
    Ok(Response::new().add_events(events).add_submessages(reserved).set_data(to_json_binary(&opened.id)?))
}
