//! A price feed for the project `examples/price`: whoever pays the fee has a coin's price refreshed, anybody reads the newest.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{
    Addr, Binary, Decimal, Deps, DepsMut, Env, MessageInfo, Reply, Response, StdError, StdResult, SubMsg,
    Uint128, entry_point, to_json_binary, to_json_string,
};
use cw_storage_plus::{Item, Map};
use gateway_consumer::{Ask, ConsumerError, Expected, GatewayResult, ProjectId, check, parse_request_id};

/// How the contract begins.
#[cw_serde]
pub struct InstantiateMsg {
    /// The gateway's address.
    pub gateway: String,
    /// The project that it asks.
    pub project: ProjectId,
}

/// What the contract does.
#[cw_serde]
pub enum ExecuteMsg {
    /// Asks for a coin's price; the fee is sent along.
    Refresh {
        /// Symbol of the coin.
        coin: String,
    },
    /// The gateway's callback.
    GatewayResult(GatewayResult),
}

/// Queries of the contract.
#[cw_serde]
pub enum QueryMsg {
    /// A coin's newest price.
    Price {
        /// Symbol of the coin.
        coin: String,
    },
}

/// A price and when it came.
#[cw_serde]
pub struct Price {
    /// US dollars.
    pub value: Decimal,
    /// The height at which it came.
    pub height: u64,
}

/// Why a message is refused.
#[derive(Debug, thiserror::Error)]
pub enum ContractError {
    /// The chain's own.
    #[error(transparent)]
    Std(#[from] StdError),
    /// The answer is not taken.
    #[error(transparent)]
    Consumer(#[from] ConsumerError),
    /// The funds do not reach the fee.
    #[error("send {needed}{denom} along: the request's fee")]
    Fee {
        /// What is needed.
        needed: Uint128,
        /// In this denom.
        denom: String,
    },
}

const GATEWAY: Item<(Addr, ProjectId)> = Item::new("gateway");
/// The coin that is asked for, until its request has an id.
const ASKING: Item<String> = Item::new("asking");
const PENDING: Map<u64, String> = Map::new("pending");
const PRICES: Map<&str, Price> = Map::new("prices");

/// Remembers the gateway and the project.
///
/// # Errors
/// The address is not valid.
#[entry_point]
pub fn instantiate(deps: DepsMut<'_>, _: Env, _: MessageInfo, msg: InstantiateMsg) -> StdResult<Response> {
    let gateway = deps.api.addr_validate(&msg.gateway)?;
    GATEWAY.save(deps.storage, &(gateway, msg.project))?;
    Ok(Response::new())
}

/// Asks, or takes an answer.
///
/// # Errors
/// The fee was not sent, or the answer is not the gateway's or not waited for.
#[entry_point]
pub fn execute(
    deps: DepsMut<'_>,
    env: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> Result<Response, ContractError> {
    match msg {
        ExecuteMsg::Refresh { coin } => {
            let message = ask(&deps, &info, to_json_string(&Input { coin: &coin })?)?;
            ASKING.save(deps.storage, &coin)?;
            Ok(Response::new().add_submessage(message))
        }
        ExecuteMsg::GatewayResult(result) => {
            let (gateway, project) = GATEWAY.load(deps.storage)?;
            let expected = Expected { project, version: None, code: None };
            let asked = PENDING.may_load(deps.storage, result.request.get())?;
            let answer = check(&info.sender, &gateway, result, |_| asked.is_some().then_some(expected))?;
            PENDING.remove(deps.storage, answer.request().get());
            // Under the rule `median` the value is one decimal. An error or an expiry leaves the price as it is.
            let value = answer.text().ok().and_then(|text| text.parse().ok());
            if let (Some(coin), Some(value)) = (asked, value) {
                PRICES.save(deps.storage, &coin, &Price { value, height: env.block.height })?;
            }
            Ok(Response::new())
        }
    }
}

#[derive(serde::Serialize)]
struct Input<'a> {
    coin: &'a str,
}

/// The sub-message that asks; the sender pays the fee.
fn ask(deps: &DepsMut<'_>, info: &MessageInfo, input: String) -> Result<SubMsg, ContractError> {
    let (gateway, project) = GATEWAY.load(deps.storage)?;
    let ask = Ask {
        project,
        input,
        callback_gas: None,
        overrides: None,
        version: None,
        code: None,
        subscription: None,
    };
    let fee = ask.estimate(&deps.querier, &gateway)?;
    let sent: Uint128 = info.funds.iter().filter(|c| c.denom == fee.denom).map(|c| c.amount).sum();
    if sent < fee.total {
        return Err(ContractError::Fee { needed: fee.total, denom: fee.denom });
    }
    Ok(SubMsg::reply_on_success(ask.message(&gateway, &fee)?, 1))
}

/// Learns the request's id.
///
/// # Errors
/// The reply is to nothing that was sent.
#[entry_point]
pub fn reply(deps: DepsMut<'_>, _: Env, reply: Reply) -> Result<Response, ContractError> {
    let request = parse_request_id(&reply.result.into_result().map_err(StdError::generic_err)?)?;
    let asked = ASKING.load(deps.storage)?;
    PENDING.save(deps.storage, request.get(), &asked)?;
    Ok(Response::new())
}

/// Queries a price.
///
/// # Errors
/// There is none yet.
#[entry_point]
pub fn query(deps: Deps<'_>, _: Env, msg: QueryMsg) -> StdResult<Binary> {
    match msg {
        QueryMsg::Price { coin } => to_json_binary(&PRICES.load(deps.storage, &coin)?),
    }
}
