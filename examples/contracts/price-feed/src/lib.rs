//! A price feed for the project `examples/price`: whoever pays the fee has a coin's price refreshed, anybody reads the newest.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{
    Binary, Decimal, Deps, DepsMut, Env, MessageInfo, Reply, Response, StdResult, entry_point, to_json_binary,
};
use cw_storage_plus::{Item, Map};
use gateway_consumer::{Ask, ConsumerError, GatewayResult, ProjectId, Requests};

/// The consumer guide, whose code is compiled and run beside this contract.
#[cfg(doctest)]
#[doc = include_str!("../../../../docs/consumer.md")]
struct Guide;

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
    /// Asks for a coin's price; the fee is sent along, and what is not used comes back.
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

/// The input of the project.
#[derive(serde::Serialize)]
struct Input<'a> {
    coin: &'a str,
}

/// Each request with the coin that it asks for.
const REQUESTS: Requests<String> = Requests::new("requests");
const PROJECT: Item<ProjectId> = Item::new("project");
const PRICES: Map<&str, Price> = Map::new("prices");
const ASKED: u64 = 1;

/// Remembers the gateway and the project.
///
/// # Errors
/// [`cosmwasm_std::StdError`] where the gateway's address is not valid.
#[entry_point]
pub fn instantiate(deps: DepsMut<'_>, _: Env, _: MessageInfo, msg: InstantiateMsg) -> StdResult<Response> {
    REQUESTS.set_gateway(deps.storage, &deps.api.addr_validate(&msg.gateway)?)?;
    PROJECT.save(deps.storage, &msg.project)?;
    Ok(Response::new())
}

/// Asks, or takes an answer.
///
/// # Errors
/// [`ConsumerError::Fee`] or [`ConsumerError::OtherFunds`] where the fee was not sent;
/// [`ConsumerError::NotTheGateway`], [`ConsumerError::NotWaitedFor`] or [`ConsumerError::Unexpected`] where the
/// answer is not the gateway's, not waited for, or of another project; [`ConsumerError::Std`] where the fee cannot be
/// asked for or the storage fails.
#[entry_point]
pub fn execute(
    deps: DepsMut<'_>,
    env: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> Result<Response, ConsumerError> {
    match msg {
        ExecuteMsg::Refresh { coin } => {
            let ask = Ask::json(PROJECT.load(deps.storage)?, &Input { coin: &coin })?;
            Ok(Response::new().add_submessage(REQUESTS.ask_for(deps, &info, ask, ASKED, coin)?))
        }
        ExecuteMsg::GatewayResult(result) => {
            let (answer, coin) = REQUESTS.take(deps.storage, &info.sender, result)?;
            // Under the rule `median` the value is one decimal. An error or an expiry leaves the price as it is.
            if let Some(value) = answer.text().ok().and_then(|text| text.parse().ok()) {
                PRICES.save(deps.storage, &coin, &Price { value, height: env.block.height })?;
            }
            Ok(Response::new())
        }
    }
}

/// Waits for the request that has just been opened.
///
/// # Errors
/// [`ConsumerError::NoRequestId`] where the reply is to nothing that was sent, or holds no request id.
#[entry_point]
pub fn reply(deps: DepsMut<'_>, _: Env, reply: Reply) -> Result<Response, ConsumerError> {
    REQUESTS.opened(deps.storage, reply)?;
    Ok(Response::new())
}

/// Queries a price.
///
/// # Errors
/// [`cosmwasm_std::StdError::NotFound`] where there is none yet.
#[entry_point]
pub fn query(deps: Deps<'_>, _: Env, msg: QueryMsg) -> StdResult<Binary> {
    match msg {
        QueryMsg::Price { coin } => to_json_binary(&PRICES.load(deps.storage, &coin)?),
    }
}
