//! Opens several requests, each checked on its own and charged exactly what it costs; what is left of the funds comes back at once.

use cosmwasm_std::{coins, to_json_binary, BankMsg, DepsMut, Env, MessageInfo, Response};
use gateway_api::events::RequestRefused;
use gateway_api::{limits, NewRequest};

use crate::error::ContractError;
use crate::operations::funds;
use crate::operations::opening::{Asker, Opening};

pub(crate) fn requests(
    mut deps: DepsMut<'_>,
    env: &Env,
    info: MessageInfo,
    requests: Vec<NewRequest>,
) -> Result<Response, ContractError> {
    if requests.is_empty() || requests.len() > limits::MAX_REQUESTS {
        return Err(ContractError::RequestCount { max: limits::MAX_REQUESTS as u32 });
    }
    let mut opening = Opening::begin(deps.storage, env)?;
    let denom = opening.settings.denom.clone();
    let mut left = funds::sent(&info, &denom)?;
    let asker = Asker { requester: info.sender, schedule: None };
    let mut ids = Vec::with_capacity(requests.len());
    for (index, new) in (0..).zip(requests) {
        let project = new.project;
        match opening.open(&mut deps, &asker, new, left, false) {
            Ok(opened) => {
                left = left.checked_sub(opened.taken)?;
                ids.push(Some(opened.id));
            }
            // The contract's own state cannot be read: no reason to refuse one request.
            Err(error @ (ContractError::Std(_) | ContractError::Overflow {})) => return Err(error),
            Err(refused) => {
                let reason = refused.to_string();
                opening.events.push(RequestRefused { index, project, reason }.into());
                ids.push(None);
            }
        }
    }
    let (events, reserved) = opening.close(&mut deps)?;
    let to_address = asker.requester.into_string();
    let back = (!left.is_zero()).then(|| BankMsg::Send { to_address, amount: coins(left.u128(), denom) });
    Ok(Response::new()
        .add_events(events)
        .add_messages(back)
        .add_submessages(reserved)
        .set_data(to_json_binary(&ids)?))
}
