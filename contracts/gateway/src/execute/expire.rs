//! Ends overdue requests: those with the oldest deadlines first, or those that are named, so that no request waits behind
//! another.

use cosmwasm_std::{DepsMut, Env, MessageInfo, Response};
use gateway_api::{limits, RequestId};

use crate::error::ContractError;
use crate::operations::overdue::{end_overdue, overdue};
use crate::state::governance::current_settings;

pub(crate) fn expire(
    deps: DepsMut<'_>,
    env: &Env,
    info: &MessageInfo,
    limit: Option<u32>,
    requests: Option<Vec<RequestId>>,
) -> Result<Response, ContractError> {
    let max = limits::MAX_PAGE;
    let limit = limit.unwrap_or(limits::DEFAULT_PAGE);
    if limit == 0 || limit > max {
        return Err(ContractError::Limit { max });
    }
    let named = match requests {
        Some(named) if named.is_empty() || named.len() > max as usize => {
            return Err(ContractError::RequestCount { max });
        }
        Some(named) => named,
        None => overdue(deps.storage, env.block.height, limit)?,
    };
    let (_, settings) = current_settings(deps.storage)?;
    end_overdue(deps.storage, env.block.height, &settings, &named, Some(&info.sender))
}
