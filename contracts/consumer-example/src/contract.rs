//! The example's entry points.

use crate::error::ExampleError;
use crate::msg::{AnswerResponse, ExecuteMsg, InstantiateMsg, LatestResponse, PendingResponse, QueryMsg};
use crate::state::{ANSWERS, GATEWAY, LATEST, PENDING};
#[cfg(not(feature = "library"))]
use cosmwasm_std::entry_point;
use cosmwasm_std::{
    to_json_binary, Binary, Deps, DepsMut, Env, MessageInfo, Order, Reply, Response, StdResult, SubMsg,
};
use gateway_consumer::{check, estimate_fee, parse_request_id, Ask, GatewayResult, ProjectId, RequestId};

const ASKED: u64 = 1;
const MAX_PENDING_LISTED: usize = 30;

/// Remembers the gateway.
///
/// # Errors
/// The address is not valid.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn instantiate(
    deps: DepsMut<'_>,
    _env: Env,
    _info: MessageInfo,
    msg: InstantiateMsg,
) -> Result<Response, ExampleError> {
    cw2::set_contract_version(deps.storage, env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))?;
    GATEWAY.save(deps.storage, &deps.api.addr_validate(&msg.gateway)?)?;
    Ok(Response::new())
}

/// Asks, or takes an answer.
///
/// # Errors
/// The project is unknown, or the answer is not the gateway's or not waited for.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn execute(
    deps: DepsMut<'_>,
    _env: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> Result<Response, ExampleError> {
    match msg {
        ExecuteMsg::Ask { project, input } => ask(deps, project, input),
        ExecuteMsg::GatewayResult(result) => take(deps, &info, result),
    }
}

fn ask(deps: DepsMut<'_>, project: ProjectId, input: String) -> Result<Response, ExampleError> {
    let gateway = GATEWAY.load(deps.storage)?;
    let fee = estimate_fee(&deps.querier, &gateway, project, None)?;
    let message = Ask { project, input, callback_gas: None, overrides: None }.message(&gateway, &fee)?;
    Ok(Response::new().add_submessage(SubMsg::reply_on_success(message, ASKED)))
}

fn take(deps: DepsMut<'_>, info: &MessageInfo, result: GatewayResult) -> Result<Response, ExampleError> {
    let gateway = GATEWAY.load(deps.storage)?;
    let answer = check(&info.sender, &gateway, result, |request| {
        let waited_for = PENDING.has(deps.storage, request.get());
        PENDING.remove(deps.storage, request.get());
        waited_for
    })?;
    ANSWERS.save(deps.storage, answer.request().get(), answer.resolution())?;
    Ok(Response::new().add_attribute("answered", answer.request().to_string()))
}

/// Learns a request's id.
///
/// # Errors
/// The reply is to nothing that was sent.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn reply(deps: DepsMut<'_>, _env: Env, reply: Reply) -> Result<Response, ExampleError> {
    if reply.id != ASKED {
        return Err(ExampleError::UnknownReply { id: reply.id });
    }
    let response = reply.result.into_result().map_err(cosmwasm_std::StdError::generic_err)?;
    let request = parse_request_id(&response)?;
    PENDING.save(deps.storage, request.get(), &())?;
    LATEST.save(deps.storage, &request.get())?;
    Ok(Response::new().add_attribute("asked", request.to_string()).set_data(to_json_binary(&request)?))
}

/// Tells.
///
/// # Errors
/// The storage's own.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn query(deps: Deps<'_>, _env: Env, msg: QueryMsg) -> StdResult<Binary> {
    match msg {
        QueryMsg::Answer { request } => {
            to_json_binary(&AnswerResponse { resolution: ANSWERS.may_load(deps.storage, request.get())? })
        }
        QueryMsg::Pending {} => {
            let requests = PENDING
                .keys(deps.storage, None, None, Order::Ascending)
                .take(MAX_PENDING_LISTED)
                .map(|id| id.map(RequestId))
                .collect::<StdResult<_>>()?;
            to_json_binary(&PendingResponse { requests })
        }
        QueryMsg::Latest {} => {
            to_json_binary(&LatestResponse { request: LATEST.may_load(deps.storage)?.map(RequestId) })
        }
    }
}
