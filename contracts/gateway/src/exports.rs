//! What the chain calls: the entry points of `contract`, with messages read by way of a tree, which takes the least code.
//! Nothing else happens here.

use cosmwasm_std::{entry_point, Binary, Deps, DepsMut, Env, MessageInfo, Reply, Response};
use gateway_api::{ExecuteMsg, InstantiateMsg, MigrateMsg, QueryMsg, Read, SudoMsg};

use crate::contract;
use crate::error::ContractError;

#[entry_point]
pub(crate) fn instantiate(
    deps: DepsMut<'_>,
    env: Env,
    info: MessageInfo,
    msg: Read<InstantiateMsg>,
) -> Result<Response, ContractError> {
    contract::instantiate(deps, env, info, msg.0)
}

#[entry_point]
pub(crate) fn execute(
    deps: DepsMut<'_>,
    env: Env,
    info: MessageInfo,
    msg: Read<ExecuteMsg>,
) -> Result<Response, ContractError> {
    contract::execute(deps, env, info, msg.0)
}

#[entry_point]
pub(crate) fn query(deps: Deps<'_>, env: Env, msg: Read<QueryMsg>) -> Result<Binary, ContractError> {
    contract::query(deps, env, msg.0)
}

#[entry_point]
pub(crate) fn reply(deps: DepsMut<'_>, env: Env, reply: Reply) -> Result<Response, ContractError> {
    contract::reply(deps, env, reply)
}

#[entry_point]
pub(crate) fn migrate(deps: DepsMut<'_>, env: Env, msg: Read<MigrateMsg>) -> Result<Response, ContractError> {
    contract::migrate(deps, env, msg.0)
}

/// Read as it stands: a later release of the chain may say more than this one listens to.
#[entry_point]
pub(crate) fn sudo(deps: DepsMut<'_>, env: Env, msg: SudoMsg) -> Result<Response, ContractError> {
    contract::sudo(deps, env, msg)
}
