//! A game for the project `examples/random`: a throw of one die, and four or more doubles the bet. The seed is unknown when the bet is made.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{
    Addr, BankMsg, Binary, Coin, Deps, DepsMut, Env, MessageInfo, Reply, Response, StdError, StdResult,
    SubMsg, Uint128, coin, coins, entry_point, to_json_binary, to_json_string,
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
    /// Bets what is sent beyond the fee.
    Bet {},
    /// The gateway's callback.
    GatewayResult(GatewayResult),
}

/// Queries of the contract.
#[cw_serde]
pub enum QueryMsg {
    /// The newest throw that has ended.
    Last {},
}

/// A bet.
#[cw_serde]
pub struct Bet {
    /// Who bets.
    pub player: Addr,
    /// The stake.
    pub amount: Uint128,
    /// In this denom.
    pub denom: String,
}

/// A throw that has ended.
#[cw_serde]
pub struct Throw {
    /// Who betted.
    pub player: Addr,
    /// What the die showed; absent where the request had no value, and the bet went back.
    pub shown: Option<u8>,
    /// What was paid out.
    pub paid: Uint128,
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
/// The bet, until its request has an id.
const ASKING: Item<Bet> = Item::new("asking");
const PENDING: Map<u64, Bet> = Map::new("pending");
const LAST: Item<Throw> = Item::new("last");

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
    _: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> Result<Response, ContractError> {
    match msg {
        ExecuteMsg::Bet {} => {
            let input = to_json_string(&Input { count: 1, sides: 6 })?;
            let (message, Coin { denom, amount }) = ask(&deps, &info, input)?;
            let bet = Bet { player: info.sender, amount, denom };
            ASKING.save(deps.storage, &bet)?;
            Ok(Response::new().add_submessage(message))
        }
        ExecuteMsg::GatewayResult(result) => {
            let (gateway, project) = GATEWAY.load(deps.storage)?;
            let expected = Expected { project, version: None, code: None };
            let asked = PENDING.may_load(deps.storage, result.request.get())?;
            let answer = check(&info.sender, &gateway, result, |_| asked.is_some().then_some(expected))?;
            PENDING.remove(deps.storage, answer.request().get());
            let Some(Bet { player, amount, denom }) = asked else { return Ok(Response::new()) };
            let shown = answer.value::<Vec<u8>>().ok().and_then(|dice| dice.first().copied());
            let paid = match shown {
                Some(4..) => amount.checked_mul(Uint128::new(2)).map_err(StdError::from)?,
                Some(_) => Uint128::zero(),
                // Without a throw nobody wins.
                None => amount,
            };
            LAST.save(deps.storage, &Throw { player: player.clone(), shown, paid })?;
            let pay = BankMsg::Send { to_address: player.to_string(), amount: coins(paid.u128(), denom) };
            Ok(if paid.is_zero() { Response::new() } else { Response::new().add_message(pay) })
        }
    }
}

#[derive(serde::Serialize)]
struct Input {
    count: u8,
    sides: u32,
}

/// The sub-message that asks, and what was sent beyond the fee.
fn ask(deps: &DepsMut<'_>, info: &MessageInfo, input: String) -> Result<(SubMsg, Coin), ContractError> {
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
    let message = SubMsg::reply_on_success(ask.message(&gateway, &fee)?, 1);
    Ok((message, coin(sent.saturating_sub(fee.total).u128(), fee.denom)))
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

/// Queries the newest throw.
///
/// # Errors
/// There is none yet.
#[entry_point]
pub fn query(deps: Deps<'_>, _: Env, msg: QueryMsg) -> StdResult<Binary> {
    match msg {
        QueryMsg::Last {} => to_json_binary(&LAST.load(deps.storage)?),
    }
}
