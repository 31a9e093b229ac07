//! Insurance for the project `examples/flight`: whoever holds a policy for a flight is paid where it was cancelled or two hours late.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{
    Addr, BankMsg, Binary, Deps, DepsMut, Env, MessageInfo, Reply, Response, StdError, StdResult, SubMsg,
    Uint128, coins, entry_point, to_json_binary, to_json_string,
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

/// Minutes of delay from which a policy pays.
pub const LATE_MINUTES: i64 = 120;
/// What a policy pays for what it cost.
pub const PAYS: u128 = 5;
/// The denom of premiums.
pub const DENOM: &str = "aarch";

/// What the contract does.
#[cw_serde]
pub enum ExecuteMsg {
    /// Buys a policy for a flight; what is sent is the premium.
    Insure {
        /// Designator, such as DLH400.
        flight: String,
        /// Day of departure in UTC.
        day: String,
    },
    /// Has a policy settled, by anybody who pays the fee.
    Settle {
        /// Whose policy.
        holder: String,
    },
    /// The gateway's callback.
    GatewayResult(GatewayResult),
}

/// Queries of the contract.
#[cw_serde]
pub enum QueryMsg {
    /// A holder's policy.
    Policy {
        /// The holder.
        holder: String,
    },
}

/// A policy.
#[cw_serde]
pub struct Insurance {
    /// Designator of the flight.
    pub flight: String,
    /// Day of departure in UTC.
    pub day: String,
    /// What it cost.
    pub premium: Uint128,
    /// What it paid; absent until it is settled.
    pub paid: Option<Uint128>,
}

/// What the project answers.
#[derive(serde::Deserialize)]
struct Arrival {
    cancelled: bool,
    delay_minutes: i64,
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
    /// The policy has been settled.
    #[error("the policy has been settled")]
    Settled {},
}

const GATEWAY: Item<(Addr, ProjectId)> = Item::new("gateway");
/// The holder whose policy is settled, until its request has an id.
const ASKING: Item<Addr> = Item::new("asking");
const PENDING: Map<u64, Addr> = Map::new("pending");
const POLICIES: Map<&Addr, Insurance> = Map::new("policies");

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
        ExecuteMsg::Insure { flight, day } => {
            let premium = info.funds.iter().filter(|c| c.denom == DENOM).map(|c| c.amount).sum();
            POLICIES.save(deps.storage, &info.sender, &Insurance { flight, day, premium, paid: None })?;
            Ok(Response::new())
        }
        ExecuteMsg::Settle { holder } => {
            let holder = deps.api.addr_validate(&holder)?;
            let policy = POLICIES.load(deps.storage, &holder)?;
            if policy.paid.is_some() {
                return Err(ContractError::Settled {});
            }
            let input = to_json_string(&Input { flight: &policy.flight, day: &policy.day })?;
            let message = ask(&deps, &info, input)?;
            ASKING.save(deps.storage, &holder)?;
            Ok(Response::new().add_submessage(message))
        }
        ExecuteMsg::GatewayResult(result) => {
            let (gateway, project) = GATEWAY.load(deps.storage)?;
            let expected = Expected { project, version: None, code: None };
            let asked = PENDING.may_load(deps.storage, result.request.get())?;
            let answer = check(&info.sender, &gateway, result, |_| asked.is_some().then_some(expected))?;
            PENDING.remove(deps.storage, answer.request().get());
            let Some(holder) = asked else { return Ok(Response::new()) };
            let mut policy = POLICIES.load(deps.storage, &holder)?;
            // A flight that has not landed is an agreed error: somebody asks again later. So is none in time.
            let (Ok(arrival), None) = (answer.value::<Arrival>(), policy.paid) else {
                return Ok(Response::new());
            };
            let late = arrival.cancelled || arrival.delay_minutes >= LATE_MINUTES;
            let paid = if late { policy.premium.saturating_mul(Uint128::new(PAYS)) } else { Uint128::zero() };
            policy.paid = Some(paid);
            POLICIES.save(deps.storage, &holder, &policy)?;
            let pay = BankMsg::Send { to_address: holder.to_string(), amount: coins(paid.u128(), DENOM) };
            Ok(if late { Response::new().add_message(pay) } else { Response::new() })
        }
    }
}

#[derive(serde::Serialize)]
struct Input<'a> {
    flight: &'a str,
    day: &'a str,
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

/// Queries a policy.
///
/// # Errors
/// The holder has none.
#[entry_point]
pub fn query(deps: Deps<'_>, _: Env, msg: QueryMsg) -> StdResult<Binary> {
    match msg {
        QueryMsg::Policy { holder } => {
            to_json_binary(&POLICIES.load(deps.storage, &deps.api.addr_validate(&holder)?)?)
        }
    }
}
