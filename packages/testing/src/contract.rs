//! The mock as a contract: the gateway's `request` and `deliver_callback`, and the test's own messages.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{
    BankMsg, Binary, Deps, DepsMut, Empty, Env, MessageInfo, Order, Reply, Response, StdError, StdResult,
    SubMsg, SubMsgResult, Uint128, WasmMsg, coins, to_json_binary,
};
use gateway_api::{
    CallbackStatus, DrawClass, EngineId, ExecuteMsg, FeeResponse, GatewayCallback, GatewayResult, NewRequest,
    Overrides, QueryMsg, RequestId, RequestStatus, Resolution, ResultResponse, Round, limits,
};

use crate::state::{ASKED, Asked, CODE, DENOM, FEE, LAST, VERSION};

/// Gas of a callback where the request names none, as in a default policy.
const DEFAULT_CALLBACK_GAS: u64 = 300_000;

/// What the mock takes: what the gateway takes, and what a test says.
#[cw_serde]
#[serde(untagged)]
// It is made once for each message and moved on.
#[allow(clippy::large_enum_variant)]
pub(crate) enum MockExecute {
    Test(TestMsg),
    Gateway(ExecuteMsg),
}

/// What a test says.
#[cw_serde]
pub(crate) enum TestMsg {
    /// Ends a request.
    MockResolve {
        request: RequestId,
        resolution: Resolution,
        /// What the committee earns of the fee; the rest returns.
        earned: Uint128,
        /// The callback runs out of gas: the consumer is not called, and the callback has failed.
        out_of_gas: bool,
    },
    /// Changes what requests cost.
    MockFee { fee: Uint128 },
}

/// Queries of the mock.
#[cw_serde]
#[serde(untagged)]
pub(crate) enum MockQuery {
    Test(TestQuery),
    Gateway(QueryMsg),
}

/// What a test asks. The names stand beside the gateway's own, so each says whose it is.
#[cw_serde]
#[allow(clippy::enum_variant_names)]
pub(crate) enum TestQuery {
    /// Open requests, the oldest first.
    MockOpen {},
    /// A request, open or ended.
    MockAsked { request: RequestId },
}

pub(crate) fn instantiate(deps: DepsMut<'_>, _: Env, _: MessageInfo, _: Empty) -> StdResult<Response> {
    FEE.save(deps.storage, &Uint128::new(1_000))?;
    LAST.save(deps.storage, &0)?;
    Ok(Response::new())
}

pub(crate) fn execute(
    deps: DepsMut<'_>,
    env: Env,
    info: MessageInfo,
    msg: MockExecute,
) -> StdResult<Response> {
    match msg {
        MockExecute::Gateway(ExecuteMsg::Request(new)) => request(deps, &env, info, new),
        MockExecute::Gateway(ExecuteMsg::DeliverCallback { request, gas_limit }) => {
            deliver(deps, &env, &info, request, gas_limit)
        }
        MockExecute::Gateway(other) => Err(StdError::generic_err(format!(
            "the mock takes request and deliver_callback, and not {other:?}"
        ))),
        MockExecute::Test(TestMsg::MockFee { fee }) => {
            FEE.save(deps.storage, &fee)?;
            Ok(Response::new())
        }
        MockExecute::Test(TestMsg::MockResolve { request, resolution, earned, out_of_gas }) => {
            resolve(deps, &env, request, resolution, earned, out_of_gas)
        }
    }
}

/// Refuses what the contract would refuse of a request that it has room for.
fn request(deps: DepsMut<'_>, env: &Env, info: MessageInfo, new: NewRequest) -> StdResult<Response> {
    let NewRequest { project, input, callback, overrides, version, code, refund_to, subscription } = new;
    if subscription.is_some() {
        return Err(StdError::generic_err("the mock has no subscriptions"));
    }
    if version.is_some_and(|wanted| wanted != VERSION) || code.is_some_and(|wanted| wanted != CODE) {
        return Err(StdError::generic_err(format!(
            "version {VERSION} with the code {CODE} is active, which is not what the request asks for"
        )));
    }
    let fee = fee(deps.as_ref(), overrides)?;
    let paid = match info.funds.as_slice() {
        [] => Uint128::zero(),
        [coin] if coin.denom == DENOM => coin.amount,
        _ => return Err(StdError::generic_err(format!("funds take one coin of {DENOM}"))),
    };
    if paid < fee {
        let reason = format!("funds of {paid}{DENOM} do not reach the {fee}{DENOM} needed");
        return Err(StdError::generic_err(reason));
    }
    if input.is_empty() || input.len() > limits::MAX_INPUT_BYTES as usize {
        let (max, found) = (limits::MAX_INPUT_BYTES, input.len());
        return Err(StdError::generic_err(format!("an input takes 1 to {max} bytes, found {found}")));
    }
    let callback_gas = callback.map(|c| c.gas_limit.unwrap_or(DEFAULT_CALLBACK_GAS));
    if callback_gas.is_some() && deps.querier.query_wasm_contract_info(&info.sender).is_err() {
        return Err(StdError::generic_err("only a contract can be called back"));
    }
    let refunded = match refund_to {
        Some(address) => deps.api.addr_validate(&address)?,
        None => info.sender.clone(),
    };
    let id = LAST.update(deps.storage, |last| Ok::<_, StdError>(last + 1))?;
    let asked = Asked {
        project,
        requester: info.sender,
        refunded,
        input,
        callback_gas,
        height: env.block.height,
        reserved: paid,
        status: RequestStatus::Drawn,
        resolution: None,
        callback: CallbackStatus::None {},
        called_at: 0,
    };
    ASKED.save(deps.storage, id, &asked)?;
    Ok(Response::new().set_data(to_json_binary(&RequestId(id))?))
}

/// What a request costs.
fn fee(deps: Deps<'_>, overrides: Option<Overrides>) -> StdResult<Uint128> {
    let fee = FEE.load(deps.storage)?;
    match overrides.and_then(|overrides| overrides.max_fee) {
        Some(max) if fee > max => {
            Err(StdError::generic_err(format!("the fee of {fee} is above the {max} allowed")))
        }
        _ => Ok(fee),
    }
}

fn resolve(
    deps: DepsMut<'_>,
    env: &Env,
    request: RequestId,
    resolution: Resolution,
    earned: Uint128,
    out_of_gas: bool,
) -> StdResult<Response> {
    let mut asked = ASKED.load(deps.storage, request.get())?;
    if asked.resolution.is_some() {
        return Err(StdError::generic_err("the request has ended"));
    }
    let expired = matches!(resolution, Resolution::Expired {});
    let returned = if expired { asked.reserved } else { asked.reserved.saturating_sub(earned) };
    asked.status = if expired { RequestStatus::Expired } else { RequestStatus::Fulfilled };
    asked.resolution = Some(resolution);
    let mut response = Response::new();
    if !returned.is_zero() {
        // As the contract does: the refund is sent, and it comes before the callback.
        response = response.add_message(BankMsg::Send {
            to_address: asked.refunded.to_string(),
            amount: coins(returned.u128(), DENOM),
        });
    }
    if asked.callback_gas.is_none() {
        // Nobody is called.
    } else if expired {
        // Expiring many requests must not depend on their consumers: somebody delivers the callback afterwards.
        asked.callback = CallbackStatus::Due {};
    } else if out_of_gas {
        asked.callback = CallbackStatus::Failed { tries: 1, error: "out of gas".to_owned() };
        asked.called_at = env.block.height;
    } else if let Some(call) = call(request, &asked)? {
        response = response.add_submessage(call);
    }
    ASKED.save(deps.storage, request.get(), &asked)?;
    Ok(response)
}

/// Delivers a callback that is due or has failed, within the contract's bounds of who may retry when.
fn deliver(
    deps: DepsMut<'_>,
    env: &Env,
    info: &MessageInfo,
    request: RequestId,
    gas_limit: Option<u64>,
) -> StdResult<Response> {
    let mut asked = ASKED.load(deps.storage, request.get())?;
    let own = info.sender == asked.requester;
    if let Some(gas) = gas_limit {
        if !own {
            return Err(StdError::generic_err("this message is for the requester, where it names the gas"));
        }
        let max = limits::MAX_CALLBACK_GAS;
        if !(1..=max).contains(&gas) {
            return Err(StdError::generic_err(format!("a callback takes 1 to {max} gas")));
        }
        asked.callback_gas = asked.callback_gas.and(Some(gas));
    }
    match asked.callback {
        CallbackStatus::Due {} => {}
        // The requester may retry at any time.
        CallbackStatus::Failed { .. } if own => {}
        CallbackStatus::Failed { tries, .. } if tries <= limits::MAX_CALLBACK_RETRIES => {
            let from = asked.called_at.saturating_add(limits::CALLBACK_COOLDOWN_BLOCKS);
            if env.block.height < from {
                return Err(StdError::generic_err(format!(
                    "others than the requester may retry the callback from height {from} on"
                )));
            }
        }
        _ => {
            return Err(StdError::generic_err(
                "the callback is neither due nor failed, or only the requester may still retry it",
            ));
        }
    }
    Ok(Response::new().add_submessages(call(request, &asked)?))
}

/// The callback of a request that has ended, where one was asked for.
fn call(request: RequestId, asked: &Asked) -> StdResult<Option<SubMsg>> {
    let (Some(gas), Some(resolution)) = (asked.callback_gas, asked.resolution.clone()) else {
        return Ok(None);
    };
    let result = GatewayResult {
        request,
        project: asked.project,
        version: VERSION,
        code: CODE,
        draw: DrawClass::Normal,
        schedule: None,
        resolution,
    };
    let message = WasmMsg::Execute {
        contract_addr: asked.requester.to_string(),
        msg: to_json_binary(&GatewayCallback::GatewayResult(result))?,
        funds: Vec::new(),
    };
    Ok(Some(SubMsg::reply_always(message, request.get()).with_gas_limit(gas)))
}

/// Records how a callback went; the request has ended either way.
pub(crate) fn reply(deps: DepsMut<'_>, env: Env, reply: Reply) -> StdResult<Response> {
    let mut asked = ASKED.load(deps.storage, reply.id)?;
    let before = match &asked.callback {
        CallbackStatus::Failed { tries, .. } => *tries,
        _ => 0,
    };
    asked.callback = match reply.result {
        SubMsgResult::Ok(_) => CallbackStatus::Delivered {},
        SubMsgResult::Err(error) => CallbackStatus::Failed { tries: before.saturating_add(1), error },
    };
    asked.called_at = env.block.height;
    ASKED.save(deps.storage, reply.id, &asked)?;
    Ok(Response::new())
}

pub(crate) fn query(deps: Deps<'_>, _: Env, msg: MockQuery) -> StdResult<Binary> {
    match msg {
        MockQuery::Gateway(QueryMsg::EstimateFee { overrides, .. }) => {
            let total = fee(deps, overrides)?;
            let zero = Uint128::zero();
            to_json_binary(&FeeResponse {
                denom: DENOM.to_owned(),
                total,
                committee: total,
                relay: zero,
                keepers: zero,
                project: zero,
            })
        }
        MockQuery::Gateway(QueryMsg::Result { request }) => result(deps, request),
        MockQuery::Gateway(other) => {
            Err(StdError::generic_err(format!("the mock answers estimate_fee and result, and not {other:?}")))
        }
        MockQuery::Test(TestQuery::MockOpen {}) => {
            let open: Vec<RequestId> = ASKED
                .range(deps.storage, None, None, Order::Ascending)
                .filter_map(|entry| match entry {
                    Ok((id, asked)) => asked.resolution.is_none().then_some(Ok(RequestId(id))),
                    Err(error) => Some(Err(error)),
                })
                .collect::<StdResult<_>>()?;
            to_json_binary(&open)
        }
        MockQuery::Test(TestQuery::MockAsked { request }) => {
            to_json_binary(&ASKED.load(deps.storage, request.get())?)
        }
    }
}

fn result(deps: Deps<'_>, request: RequestId) -> StdResult<Binary> {
    let asked = ASKED.load(deps.storage, request.get())?;
    let Some(Resolution::Fulfilled { class, body }) = asked.resolution else {
        return Err(StdError::not_found("result of the request"));
    };
    to_json_binary(&ResultResponse {
        request,
        project: asked.project,
        version: VERSION,
        draw: DrawClass::Normal,
        fallback: false,
        class,
        body,
        engine: EngineId([0; 32]),
        round: Round(1),
        attempt: 0,
        agreed: Vec::new(),
        seats: 13,
        quorum_seats: 13,
        publisher: asked.requester.to_string(),
        height: asked.height,
        callback: asked.callback,
    })
}
