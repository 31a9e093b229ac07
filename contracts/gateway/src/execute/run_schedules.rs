//! Runs schedules that are due: those due for longest, or those that are named, so that none waits behind another.

use cosmwasm_std::{DepsMut, Env, MessageInfo, Response};
use gateway_api::{limits, ScheduleId};

use crate::error::ContractError;
use crate::operations::opening::Opening;
use crate::operations::schedules::{due, run};

pub(crate) fn run_schedules(
    mut deps: DepsMut<'_>,
    env: &Env,
    info: &MessageInfo,
    limit: Option<u32>,
    schedules: Option<Vec<ScheduleId>>,
) -> Result<Response, ContractError> {
    let max = limits::MAX_PAGE;
    let limit = limit.unwrap_or(limits::DEFAULT_PAGE);
    if limit == 0 || limit > max {
        return Err(ContractError::Limit { max });
    }
    let named = match schedules {
        Some(named) if named.is_empty() || named.len() > max as usize => {
            return Err(ContractError::Limit { max });
        }
        Some(named) => named,
        None => due(deps.storage, env.block.height, limit)?,
    };
    let mut opening = Opening::begin(deps.storage, env)?;
    for id in named {
        run(&mut deps, &mut opening, id, &info.sender)?;
    }
    let (events, reserved) = opening.close(&mut deps)?;
    Ok(Response::new().add_events(events).add_submessages(reserved))
}
