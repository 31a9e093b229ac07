//! Account verification for the project `examples/social`: the sender links a GitHub account whose profile names its address.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{
    Addr, Binary, Deps, DepsMut, Env, MessageInfo, Reply, Response, StdError, StdResult, SubMsg, Uint128,
    entry_point, to_json_binary, to_json_string,
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
    /// Links the sender to an account, where its profile names the sender's address.
    Link {
        /// Name of the GitHub account.
        user: String,
    },
    /// The gateway's callback.
    GatewayResult(GatewayResult),
}

/// Queries of the contract.
#[cw_serde]
pub enum QueryMsg {
    /// The account that an address is linked to.
    Linked {
        /// The address.
        address: String,
    },
}

/// A link.
#[cw_serde]
pub struct Link {
    /// Name of the account.
    pub user: String,
    /// Its number, which stays when the account is renamed.
    pub id: u64,
}

/// What the project answers.
#[derive(serde::Deserialize)]
struct Profile {
    user: String,
    id: u64,
    address: String,
    verified: bool,
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
/// Who asks, until its request has an id.
const ASKING: Item<Addr> = Item::new("asking");
const PENDING: Map<u64, Addr> = Map::new("pending");
const LINKS: Map<&Addr, Link> = Map::new("links");

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
        ExecuteMsg::Link { user } => {
            let input = to_json_string(&Input { user: &user, address: info.sender.as_str() })?;
            let message = ask(&deps, &info, input)?;
            ASKING.save(deps.storage, &info.sender)?;
            Ok(Response::new().add_submessage(message))
        }
        ExecuteMsg::GatewayResult(result) => {
            let (gateway, project) = GATEWAY.load(deps.storage)?;
            let expected = Expected { project, version: None, code: None };
            let asked = PENDING.may_load(deps.storage, result.request.get())?;
            let answer = check(&info.sender, &gateway, result, |_| asked.is_some().then_some(expected))?;
            PENDING.remove(deps.storage, answer.request().get());
            if let (Some(address), Ok(profile)) = (asked, answer.value::<Profile>())
                && profile.verified
                && profile.address == address.as_str()
            {
                LINKS.save(deps.storage, &address, &Link { user: profile.user, id: profile.id })?;
            }
            Ok(Response::new())
        }
    }
}

#[derive(serde::Serialize)]
struct Input<'a> {
    user: &'a str,
    address: &'a str,
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

/// Queries a link.
///
/// # Errors
/// There is none.
#[entry_point]
pub fn query(deps: Deps<'_>, _: Env, msg: QueryMsg) -> StdResult<Binary> {
    match msg {
        QueryMsg::Linked { address } => {
            to_json_binary(&LINKS.load(deps.storage, &deps.api.addr_validate(&address)?)?)
        }
    }
}
