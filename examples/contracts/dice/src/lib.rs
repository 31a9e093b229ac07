//! A game for the project `examples/random`: a throw of one die, and four or more doubles the bet. The seed is unknown when the bet is made.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{
    Addr, BankMsg, Binary, Coin, Deps, DepsMut, Env, MessageInfo, Reply, Response, StdError, StdResult,
    Uint128, coins, entry_point, to_json_binary,
};
use cw_storage_plus::Item;
use gateway_consumer::{Ask, ConsumerError, GatewayResult, ProjectId, Requests, rest};

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

/// The input of the project.
#[derive(serde::Serialize)]
struct Input {
    count: u8,
    sides: u32,
}

/// Each request with the bet that it decides.
const REQUESTS: Requests<Bet> = Requests::new("requests");
const PROJECT: Item<ProjectId> = Item::new("project");
const LAST: Item<Throw> = Item::new("last");
const ASKED: u64 = 1;

/// Remembers the gateway and the project.
///
/// # Errors
/// [`StdError`] where the gateway's address is not valid.
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
/// asked for, the storage fails, or twice the bet is more than a number holds.
#[entry_point]
pub fn execute(
    deps: DepsMut<'_>,
    _: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> Result<Response, ConsumerError> {
    match msg {
        ExecuteMsg::Bet {} => {
            let ask = Ask::json(PROJECT.load(deps.storage)?, &Input { count: 1, sides: 6 })?;
            let ask = Ask { refund_to: Some(info.sender.clone()), ..ask };
            let fee = REQUESTS.fee(deps.as_ref(), &ask)?;
            let Coin { amount, denom } = rest(&info.funds, &fee)?;
            let bet = Bet { player: info.sender, amount, denom };
            Ok(Response::new().add_submessage(REQUESTS.send(deps.storage, ask, &fee, ASKED, bet)?))
        }
        ExecuteMsg::GatewayResult(result) => {
            let (answer, Bet { player, amount, denom }) =
                REQUESTS.take(deps.storage, &info.sender, result)?;
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

/// Waits for the request that has just been opened.
///
/// # Errors
/// [`ConsumerError::NoRequestId`] where the reply is to nothing that was sent, or holds no request id.
#[entry_point]
pub fn reply(deps: DepsMut<'_>, _: Env, reply: Reply) -> Result<Response, ConsumerError> {
    REQUESTS.opened(deps.storage, reply)?;
    Ok(Response::new())
}

/// Queries the newest throw.
///
/// # Errors
/// [`StdError::NotFound`] where there is none yet.
#[entry_point]
pub fn query(deps: Deps<'_>, _: Env, msg: QueryMsg) -> StdResult<Binary> {
    match msg {
        QueryMsg::Last {} => to_json_binary(&LAST.load(deps.storage)?),
    }
}
