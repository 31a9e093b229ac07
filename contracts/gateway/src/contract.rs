//! What the entry points do. They only dispatch.

use cosmwasm_std::{Binary, Deps, DepsMut, Env, MessageInfo, Reply, Response};
use gateway_api::{ExecuteMsg, InstantiateMsg, MigrateMsg, QueryMsg, SecretId, SudoMsg};

use crate::error::ContractError;
use crate::{
    execute, instantiate as begin, migrate as migration, permissions, query as queries, reply as replies,
    sudo as chain,
};

/// Begins the contract.
///
/// # Errors
/// [`ContractError::UnexpectedFunds`], [`ContractError::InvalidSettings`], and [`ContractError::Std`] where the admin's or
/// the treasury's address is not valid.
pub fn instantiate(
    deps: DepsMut<'_>,
    env: Env,
    info: MessageInfo,
    msg: InstantiateMsg,
) -> Result<Response, ContractError> {
    begin::instantiate(deps, &env, &info, msg)
}

/// Carries out a message.
///
/// # Errors
/// The first reason to refuse it: [`ContractError::Unauthorized`], [`ContractError::Paused`], [`ContractError::Halted`],
/// [`ContractError::UnexpectedFunds`] before anything else, then the message's own variants of [`ContractError`].
pub fn execute(
    deps: DepsMut<'_>,
    env: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> Result<Response, ContractError> {
    permissions::check(deps.as_ref(), &env, &info, &msg)?;
    match msg {
        ExecuteMsg::RegisterProject { name, description, code, policy } => {
            execute::register_project::register_project(deps, &env, info, name, description, code, policy)
        }
        ExecuteMsg::AddVersion { project, code, policy } => {
            execute::add_version::add_version(deps, &env, project, code, policy)
        }
        ExecuteMsg::ActivateVersion { project, version } => {
            execute::activate_version::activate_version(deps, project, version)
        }
        ExecuteMsg::RegisterNode(node) => execute::register_node::register_node(deps, &env, info, node),
        ExecuteMsg::Request(new) => execute::request::request(deps, &env, info, new),
        ExecuteMsg::Cancel { request } => execute::cancel::cancel(deps, request),
        ExecuteMsg::Subscribe { consumers } => execute::subscribe::subscribe(deps, info, consumers),
        ExecuteMsg::Deposit { subscription } => execute::deposit::deposit(deps, &info, subscription),
        ExecuteMsg::Withdraw { subscription, amount } => {
            execute::withdraw::withdraw(deps, subscription, amount)
        }
        ExecuteMsg::SetConsumers { subscription, consumers } => {
            execute::set_consumers::set_consumers(deps, subscription, consumers)
        }
        ExecuteMsg::Requests { requests } => execute::requests::requests(deps, &env, info, requests),
        ExecuteMsg::Schedule(new) => execute::schedule::schedule(deps, &env, info, new),
        ExecuteMsg::FundSchedule { schedule } => execute::fund_schedule::fund_schedule(deps, &info, schedule),
        ExecuteMsg::CancelSchedule { schedule } => execute::cancel_schedule::cancel_schedule(deps, schedule),
        ExecuteMsg::RunSchedules { limit, schedules } => {
            execute::run_schedules::run_schedules(deps, &env, &info, limit, schedules)
        }
        ExecuteMsg::Tick {} => execute::tick::tick(deps, &env, &info),
        ExecuteMsg::Publish { publications } => execute::publish::publish(deps, &env, info, publications),
        ExecuteMsg::Expire { limit, requests } => execute::expire::expire(deps, &env, &info, limit, requests),
        ExecuteMsg::DeliverCallback { request, gas_limit } => {
            execute::deliver_callback::deliver_callback(deps, &env, &info, request, gas_limit)
        }
        ExecuteMsg::Claim { r#for } => execute::claim::claim(deps, info, r#for),
        ExecuteMsg::ScheduleVersion { project, version, after_blocks } => {
            execute::schedule_version::schedule_version(deps, &env, project, version, after_blocks)
        }
        ExecuteMsg::SetAccess { project, requesters, paused } => {
            execute::set_access::set_access(deps, project, requesters, paused)
        }
        ExecuteMsg::OfferProject { project, to } => execute::offer_project::offer_project(deps, project, to),
        ExecuteMsg::AcceptProject { project } => execute::accept_project::accept_project(deps, info, project),
        ExecuteMsg::IncreaseStake { node } => execute::increase_stake::increase_stake(deps, &info, node),
        ExecuteMsg::Unbond { node, amount } => execute::unbond::unbond(deps, &env, node, amount),
        ExecuteMsg::WithdrawStake { node } => execute::withdraw_stake::withdraw_stake(deps, &env, info, node),
        ExecuteMsg::RotateKey { node, key, possession } => {
            execute::rotate_key::rotate_key(deps, &env, node, key, &possession)
        }
        ExecuteMsg::UpdateNode { node, engine, moniker, endpoint } => {
            execute::update_node::update_node(deps, node, engine, moniker, endpoint)
        }
        ExecuteMsg::DeclareEngines { node, engines } => {
            execute::declare_engines::declare_engines(deps, node, engines)
        }
        ExecuteMsg::AnnounceEngine { engine, from_epoch, min_ready_bps } => {
            execute::announce_engine::announce_engine(deps, engine, from_epoch, min_ready_bps)
        }
        ExecuteMsg::WithdrawEngine {} => execute::announce_engine::withdraw_engine(deps),
        ExecuteMsg::SetEncryptionKey { node, key } => {
            execute::set_encryption_key::set_encryption_key(deps, &env, node, key)
        }
        ExecuteMsg::SetSecret { project, name, host, sealed } => {
            execute::set_secret::set_secret(deps, &env, project, SecretId { name, host }, sealed)
        }
        ExecuteMsg::RemoveSecret { project, name, host } => {
            execute::remove_secret::remove_secret(deps, project, &SecretId { name, host })
        }
        ExecuteMsg::SetNodeAccounts { node, payout, daemon } => {
            execute::set_node_accounts::set_node_accounts(deps, node, payout, daemon)
        }
        ExecuteMsg::OfferNode { node, to } => execute::offer_node::offer_node(deps, node, to),
        ExecuteMsg::AcceptNode { node } => execute::accept_node::accept_node(deps, info, node),
        ExecuteMsg::Unjail { node } => execute::unjail::unjail(deps, &env, node),
        ExecuteMsg::SubmitTicket { node, proof } => {
            execute::submit_ticket::submit_ticket(deps, &env, node, &proof)
        }
        ExecuteMsg::SubmitRoundTickets { round, tickets } => {
            execute::submit_round_tickets::submit_round_tickets(deps, &env, round, tickets)
        }
        ExecuteMsg::SubmitEvidence(evidence) => {
            execute::submit_evidence::submit_evidence(deps, &env, info, &evidence)
        }
        ExecuteMsg::ReportDissent { signed_outcome } => {
            execute::report_dissent::report_dissent(deps, &env, info, signed_outcome)
        }
        ExecuteMsg::ReportSilence { node, epoch } => {
            execute::report_silence::report_silence(deps, &env, node, epoch)
        }
        ExecuteMsg::Attest { publication } => execute::attest::attest(deps, &env, &info, publication),
        ExecuteMsg::StartSweep {} => execute::start_sweep::start_sweep(deps, &env, &info),
        ExecuteMsg::SetRewards { owner_address, rewards_address } => {
            execute::set_rewards::set_rewards(deps.as_ref(), &env, &owner_address, &rewards_address)
        }
        ExecuteMsg::WithdrawRewards {} => execute::withdraw_rewards::withdraw_rewards(deps, &env),
        ExecuteMsg::RecoverCoins { denom, to } => {
            execute::recover_coins::recover_coins(deps, &env, denom, &to)
        }
        ExecuteMsg::SetGuardian { guardian } => execute::set_guardian::set_guardian(deps, guardian),
        ExecuteMsg::Halt { blocks } => execute::halt::halt(deps, &env, blocks),
        ExecuteMsg::Resume {} => execute::resume::resume(deps, &env),
        ExecuteMsg::OfferAdmin { to } => execute::offer_admin::offer_admin(deps, to),
        ExecuteMsg::AcceptAdmin {} => execute::accept_admin::accept_admin(deps, info),
        ExecuteMsg::SetPaused { paused } => execute::set_paused::set_paused(deps, paused),
        ExecuteMsg::UpdateSettings { settings } => execute::update_settings::update_settings(deps, settings),
    }
}

/// Answers a query.
///
/// # Errors
/// [`ContractError::NotFound`], [`ContractError::UnknownProject`], [`ContractError::UnknownVersion`],
/// [`ContractError::UnknownNode`] or [`ContractError::UnknownRequest`] where what is asked for is not there, and what the
/// estimate of a fee refuses a request for.
pub fn query(deps: Deps<'_>, env: Env, msg: QueryMsg) -> Result<Binary, ContractError> {
    queries::answer(deps, &env, msg)
}

/// Handles the result of a sub-message.
///
/// # Errors
/// [`ContractError::UnknownReply`] where the reply answers nothing the contract sent, [`ContractError::CallDepth`] where the
/// sub-message was never tried.
pub fn reply(deps: DepsMut<'_>, env: Env, reply: Reply) -> Result<Response, ContractError> {
    replies::reply(deps, &env, reply)
}

/// Handles messages of the chain itself.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails or holds an unreadable record.
pub fn sudo(deps: DepsMut<'_>, env: Env, msg: SudoMsg) -> Result<Response, ContractError> {
    chain::sudo(deps, &env, msg)
}

/// Moves the state to this release.
///
/// # Errors
/// [`ContractError::Migration`] where it would be a downgrade, or the state is another contract's.
pub fn migrate(deps: DepsMut<'_>, _env: Env, msg: MigrateMsg) -> Result<Response, ContractError> {
    migration::migrate(deps, msg)
}
