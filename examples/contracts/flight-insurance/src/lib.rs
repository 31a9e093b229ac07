//! Insurance for the project `examples/flight`: whoever holds a policy for a flight is paid where it was cancelled or two hours late.
//!
//! It shows asking and being called back. What an insurer needs besides is not here: a price of the risk, and an end of the sale
//! before departure.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{
    Addr, BankMsg, Binary, Deps, DepsMut, Env, MessageInfo, Reply, Response, StdError, StdResult, Uint128,
    coins, entry_point, to_json_binary,
};
use cw_storage_plus::{Item, Map};
use gateway_consumer::{Ask, ConsumerError, GatewayResult, ProjectId, Requests};

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
    /// Buys a policy for a flight; what is sent is the premium. A holder has one policy that is not settled.
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

/// What a request settles: the policy may have been settled, and another bought, by the time it is answered.
#[cw_serde]
struct Settling {
    holder: Addr,
    flight: String,
    day: String,
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
    /// The fee was not sent, or the answer is not taken.
    #[error(transparent)]
    Consumer(#[from] ConsumerError),
    /// The policy has been settled.
    #[error("the policy has been settled")]
    Settled {},
    /// The sender has a policy that is not settled.
    #[error("have the policy for {flight} settled first")]
    Held {
        /// Its flight.
        flight: String,
    },
}

/// The input of the project.
#[derive(serde::Serialize)]
struct Input<'a> {
    flight: &'a str,
    day: &'a str,
}

/// Each request with the policy that it settles.
const REQUESTS: Requests<Settling> = Requests::new("requests");
const PROJECT: Item<ProjectId> = Item::new("project");
const POLICIES: Map<&Addr, Insurance> = Map::new("policies");
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
/// [`ContractError::Held`] where the sender has a policy that is not settled, [`ContractError::Settled`] where the
/// holder's policy is; [`ContractError::Consumer`] where the fee was not sent, or the answer is not the gateway's or
/// not waited for; [`ContractError::Std`] where the holder's address is not valid or the holder has no policy.
#[entry_point]
pub fn execute(
    deps: DepsMut<'_>,
    _: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> Result<Response, ContractError> {
    match msg {
        ExecuteMsg::Insure { flight, day } => {
            if let Some(held) = POLICIES.may_load(deps.storage, &info.sender)?
                && held.paid.is_none()
            {
                return Err(ContractError::Held { flight: held.flight });
            }
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
            let input = Input { flight: &policy.flight, day: &policy.day };
            let ask = Ask::json(PROJECT.load(deps.storage)?, &input)?;
            let Insurance { flight, day, .. } = policy;
            let about = Settling { holder, flight, day };
            Ok(Response::new().add_submessage(REQUESTS.ask_for(deps, &info, ask, ASKED, about)?))
        }
        ExecuteMsg::GatewayResult(result) => {
            let (answer, Settling { holder, flight, day }) =
                REQUESTS.take(deps.storage, &info.sender, result)?;
            let mut policy = POLICIES.load(deps.storage, &holder)?;
            let open = policy.paid.is_none() && policy.flight == flight && policy.day == day;
            // A flight that has not landed is an agreed error: somebody asks again later. So is none in time.
            let (Ok(arrival), true) = (answer.value::<Arrival>(), open) else {
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

/// Waits for the request that has just been opened.
///
/// # Errors
/// [`ConsumerError::NoRequestId`] where the reply is to nothing that was sent, or holds no request id.
#[entry_point]
pub fn reply(deps: DepsMut<'_>, _: Env, reply: Reply) -> Result<Response, ConsumerError> {
    REQUESTS.opened(deps.storage, reply)?;
    Ok(Response::new())
}

/// Queries a policy.
///
/// # Errors
/// [`StdError::NotFound`] where the holder has none; another [`StdError`] where the holder's address is not valid.
#[entry_point]
pub fn query(deps: Deps<'_>, _: Env, msg: QueryMsg) -> StdResult<Binary> {
    match msg {
        QueryMsg::Policy { holder } => {
            to_json_binary(&POLICIES.load(deps.storage, &deps.api.addr_validate(&holder)?)?)
        }
    }
}
