//! Account verification for the project `examples/social`: the sender links a GitHub account whose profile names its address.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{
    Addr, Binary, Deps, DepsMut, Env, MessageInfo, Reply, Response, StdResult, entry_point, to_json_binary,
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

/// What the contract does.
#[cw_serde]
pub enum ExecuteMsg {
    /// Links the sender to an account, where its profile names the sender's address. The fee is sent along.
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

/// The input of the project.
#[derive(serde::Serialize)]
struct Input<'a> {
    user: &'a str,
    address: &'a str,
}

/// Each request with whom it is for.
const REQUESTS: Requests<Addr> = Requests::new("requests");
const PROJECT: Item<ProjectId> = Item::new("project");
const LINKS: Map<&Addr, Link> = Map::new("links");
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
    _: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> Result<Response, ConsumerError> {
    match msg {
        ExecuteMsg::Link { user } => {
            let input = Input { user: &user, address: info.sender.as_str() };
            let ask = Ask::json(PROJECT.load(deps.storage)?, &input)?;
            let about = info.sender.clone();
            Ok(Response::new().add_submessage(REQUESTS.ask_for(deps, &info, ask, ASKED, about)?))
        }
        ExecuteMsg::GatewayResult(result) => {
            let (answer, address) = REQUESTS.take(deps.storage, &info.sender, result)?;
            if let Ok(profile) = answer.value::<Profile>()
                && profile.verified
                && profile.address == address.as_str()
            {
                LINKS.save(deps.storage, &address, &Link { user: profile.user, id: profile.id })?;
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

/// Queries a link.
///
/// # Errors
/// [`cosmwasm_std::StdError::NotFound`] where there is none; another [`cosmwasm_std::StdError`] where the address is
/// not valid.
#[entry_point]
pub fn query(deps: Deps<'_>, _: Env, msg: QueryMsg) -> StdResult<Binary> {
    match msg {
        QueryMsg::Linked { address } => {
            to_json_binary(&LINKS.load(deps.storage, &deps.api.addr_validate(&address)?)?)
        }
    }
}
