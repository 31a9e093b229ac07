//! The example's entry points.

#[cfg(not(feature = "library"))]
use cosmwasm_std::entry_point;
use cosmwasm_std::{
    to_json_binary, Binary, Deps, DepsMut, Env, MessageInfo, Reply, Response, StdResult, Uint128,
};
use gateway_consumer::{claim, Ask, CodeHash, GatewayResult, Overrides, ProjectId, RequestId};

use crate::error::ExampleError;
use crate::msg::{AnswerResponse, ExecuteMsg, InstantiateMsg, LatestResponse, PendingResponse, QueryMsg};
use crate::state::{Allowed, ALLOWED, ANSWERS, LATEST, OWNER, REQUESTS};

const ASKED: u64 = 1;
const MAX_PENDING_LISTED: usize = 30;

/// Remembers the gateway and the owner.
///
/// # Errors
/// [`ExampleError::Std`] where the gateway's address is not valid.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn instantiate(
    deps: DepsMut<'_>,
    _env: Env,
    info: MessageInfo,
    msg: InstantiateMsg,
) -> Result<Response, ExampleError> {
    cw2::set_contract_version(deps.storage, env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))?;
    REQUESTS.set_gateway(deps.storage, &deps.api.addr_validate(&msg.gateway)?)?;
    OWNER.save(deps.storage, &info.sender)?;
    Ok(Response::new())
}

/// Asks, takes an answer, allows a project, or claims.
///
/// # Errors
/// [`ExampleError::NotAllowed`], [`ExampleError::Unauthorized`], [`ExampleError::Answer`] where the answer is not the
/// expected one, and [`ExampleError::Std`] where the gateway cannot be asked.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn execute(
    deps: DepsMut<'_>,
    env: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> Result<Response, ExampleError> {
    match msg {
        ExecuteMsg::Ask { project, input } => ask(deps, project, input),
        ExecuteMsg::GatewayResult(result) => take(deps, &info, result),
        ExecuteMsg::Allow { project, code, max_fee } => allow(deps, &info, project, code, max_fee),
        ExecuteMsg::Claim {} => {
            let gateway = REQUESTS.gateway(deps.storage)?;
            Ok(Response::new().add_message(claim(&gateway, &env.contract.address)?))
        }
    }
}

fn ask(deps: DepsMut<'_>, project: ProjectId, input: String) -> Result<Response, ExampleError> {
    let allowed = ALLOWED.may_load(deps.storage, project.get())?;
    let Allowed { code, max_fee } = allowed.ok_or(ExampleError::NotAllowed { project })?;
    let overrides = Some(Overrides { max_fee: Some(max_fee), ..Overrides::default() });
    let ask = Ask { overrides, code: Some(code), ..Ask::new(project, input) };
    Ok(Response::new().add_submessage(REQUESTS.ask(deps, ask, ASKED, ())?))
}

fn allow(
    deps: DepsMut<'_>,
    info: &MessageInfo,
    project: ProjectId,
    code: Option<CodeHash>,
    max_fee: Uint128,
) -> Result<Response, ExampleError> {
    if info.sender != OWNER.load(deps.storage)? {
        return Err(ExampleError::Unauthorized {});
    }
    match code {
        Some(code) => ALLOWED.save(deps.storage, project.get(), &Allowed { code, max_fee })?,
        None => ALLOWED.remove(deps.storage, project.get()),
    }
    Ok(Response::new())
}

fn take(deps: DepsMut<'_>, info: &MessageInfo, result: GatewayResult) -> Result<Response, ExampleError> {
    let (answer, ()) = REQUESTS.take(deps.storage, &info.sender, result)?;
    ANSWERS.save(deps.storage, answer.request().get(), answer.resolution())?;
    Ok(Response::new().add_attribute("answered", answer.request().to_string()))
}

/// Records the id of the request that was sent.
///
/// # Errors
/// [`ExampleError::UnknownReply`] where the reply is to nothing that was sent.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn reply(deps: DepsMut<'_>, _env: Env, reply: Reply) -> Result<Response, ExampleError> {
    let request = REQUESTS.opened(deps.storage, reply)?;
    LATEST.save(deps.storage, &request.get())?;
    Ok(Response::new().add_attribute("asked", request.to_string()).set_data(to_json_binary(&request)?))
}

/// Answers a query.
///
/// # Errors
/// [`cosmwasm_std::StdError`] where the storage fails.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn query(deps: Deps<'_>, _env: Env, msg: QueryMsg) -> StdResult<Binary> {
    match msg {
        QueryMsg::Answer { request } => {
            to_json_binary(&AnswerResponse { resolution: ANSWERS.may_load(deps.storage, request.get())? })
        }
        QueryMsg::Pending {} => {
            let requests = REQUESTS.waiting(deps.storage, MAX_PENDING_LISTED)?;
            to_json_binary(&PendingResponse { requests })
        }
        QueryMsg::Latest {} => {
            to_json_binary(&LatestResponse { request: LATEST.may_load(deps.storage)?.map(RequestId) })
        }
    }
}
