//! Answers queries, one file per noun. Every list is paged and bounded.

mod counter;
mod engines;
mod governance;
mod money;
mod nodes;
mod page;
mod projects;
mod publication;
mod requests;
mod results;
mod schedules;
mod secrets;

use cosmwasm_std::{to_json_binary, Binary, Deps, Env};
use gateway_api::QueryMsg;
use page::length;

use crate::error::ContractError;

/// Answers.
pub(crate) fn answer(deps: Deps<'_>, env: &Env, msg: QueryMsg) -> Result<Binary, ContractError> {
    let storage = deps.storage;
    let binary = match msg {
        QueryMsg::Config {} => to_json_binary(&governance::config(storage)?),
        QueryMsg::Counter {} => to_json_binary(&counter::counter(storage, env.block.height)?),
        QueryMsg::Round { round } => to_json_binary(&counter::round(storage, env.block.height, round)?),
        QueryMsg::Epoch { epoch } => to_json_binary(&counter::epoch(storage, epoch)?),
        QueryMsg::Project { project } => {
            to_json_binary(&projects::project(storage, env.block.height, project)?)
        }
        QueryMsg::Projects { start_after, limit } => {
            to_json_binary(&projects::projects(storage, env.block.height, start_after, length(limit))?)
        }
        QueryMsg::Version { project, version } => {
            to_json_binary(&projects::version(storage, project, version)?)
        }
        QueryMsg::Node { node } => to_json_binary(&nodes::node(storage, node)?),
        QueryMsg::NodeAccounts { node } => to_json_binary(&nodes::accounts(storage, node)?),
        QueryMsg::Engines {} => to_json_binary(&engines::engines(storage)?),
        QueryMsg::EncryptionKeys { start_after, limit } => {
            to_json_binary(&secrets::encryption_keys(storage, start_after, length(limit))?)
        }
        QueryMsg::Secrets { project, start_after, limit } => {
            to_json_binary(&secrets::secrets(storage, project, start_after.as_ref(), length(limit))?)
        }
        QueryMsg::SealedSecrets { project, node, start_after, limit } => {
            to_json_binary(&secrets::sealed(storage, project, node, start_after.as_ref(), length(limit))?)
        }
        QueryMsg::NodeByKey { key } => to_json_binary(&nodes::by_key(storage, &key)?),
        QueryMsg::Nodes { start_after, limit } => {
            to_json_binary(&nodes::nodes(storage, start_after, length(limit))?)
        }
        QueryMsg::Request { request } => {
            to_json_binary(&requests::request(storage, env.block.height, request)?)
        }
        QueryMsg::OpenRequests { start_after, limit } => {
            to_json_binary(&requests::open(storage, env.block.height, start_after, length(limit))?)
        }
        QueryMsg::Subscription { subscription } => {
            to_json_binary(&money::subscription(storage, subscription)?)
        }
        QueryMsg::Schedule { schedule } => to_json_binary(&schedules::schedule(storage, schedule)?),
        QueryMsg::Schedules { start_after, limit } => {
            to_json_binary(&schedules::schedules(storage, start_after, length(limit))?)
        }
        QueryMsg::Requests { requests } => {
            to_json_binary(&requests::named(storage, env.block.height, &requests)?)
        }
        QueryMsg::Result { request } => to_json_binary(&results::result(storage, request)?),
        QueryMsg::Results { start_after, limit } => {
            to_json_binary(&results::results(storage, start_after, length(limit))?)
        }
        QueryMsg::EstimateFee { project, overrides, callback } => {
            to_json_binary(&money::estimate(storage, env.block.height, project, overrides, callback)?)
        }
        QueryMsg::Rewards { address } => to_json_binary(&money::rewards(deps, &address)?),
        QueryMsg::CheckPublication { publication } => {
            to_json_binary(&publication::check(storage, env, &publication)?)
        }
        QueryMsg::CheckAttestation { signed_outcome, attempt } => {
            to_json_binary(&publication::check_one(storage, env, signed_outcome, attempt)?)
        }
        QueryMsg::Presence { node, epoch } => to_json_binary(&nodes::presence(storage, node, epoch)?),
        QueryMsg::Sweep {} => to_json_binary(&counter::sweep(storage)?),
        QueryMsg::ProjectAccess { project } => to_json_binary(&projects::access(storage, project)?),
        QueryMsg::Beacon {} => to_json_binary(&counter::beacon(storage)?),
        QueryMsg::Governance {} => to_json_binary(&governance::governance(storage)?),
        QueryMsg::Tallies { request } => to_json_binary(&requests::tallied(storage, request)?),
        QueryMsg::Ledger {} => to_json_binary(&money::ledger(storage)?),
    };
    Ok(binary?)
}
