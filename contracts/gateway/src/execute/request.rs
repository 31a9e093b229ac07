//! Opens a request: checks that it can be answered at all, reserves its fee and enters it for the next round.

use super::fee::{terms, Terms};
use super::funds;
use crate::error::ContractError;
use crate::state::counter::{delta, Counter, COUNTER};
use crate::state::governance::current_settings;
use crate::state::ledger::Book;
use crate::state::projects::{project as load_project, version as load_version, Project, OPEN_BY_PROJECT};
use crate::state::requests::{self, DrawSource, State, Stricter, OPEN_BY_PAYER};
use cosmwasm_std::{to_json_binary, Addr, Deps, DepsMut, Env, MessageInfo, Response, Storage, Uint128};
use gateway_api::events::RequestOpened;
use gateway_api::{CallbackRequest, DrawClass, Overrides, Policy, ProjectId, Requesters, Settings};

pub(crate) fn request(
    deps: DepsMut<'_>,
    env: &Env,
    info: MessageInfo,
    project: ProjectId,
    input: String,
    callback: Option<CallbackRequest>,
    overrides: Option<Overrides>,
) -> Result<Response, ContractError> {
    let (settings_version, settings) = current_settings(deps.storage)?;
    let owned = load_project(deps.storage, project)?;
    check_access(&owned, &info.sender)?;
    let version = owned.active_at(env.block.height);
    let record = load_version(deps.storage, project, version)?;

    if input.is_empty() || input.len() > settings.max_input_bytes as usize {
        return Err(ContractError::InputSize { found: input.len(), max: settings.max_input_bytes });
    }
    let Terms { policy, ttl_blocks, mut charge } = terms(&settings, record.policy, overrides)?;
    let policy = &policy;
    let (sent, needed) = (funds::sent(&info, &settings.denom)?, charge.sent);
    if sent < needed {
        return Err(ContractError::InsufficientFunds { sent, needed, denom: settings.denom });
    }
    // All of it is reserved; what is above the fee comes back with whatever else is unused, in one transfer.
    charge.sent = sent;
    check_quotas(deps.storage, &settings, &info.sender, project)?;
    let mut counter = COUNTER.load(deps.storage)?;
    check_answerable(deps.storage, &counter, &settings, policy, ttl_blocks)?;
    let callback_gas =
        callback.map(|wanted| callback_gas(deps.as_ref(), policy, &info.sender, &wanted)).transpose()?;

    let height = env.block.height;
    let draw = match policy.draw {
        DrawClass::Normal => {
            counter.last_request_height = Some(height);
            COUNTER.save(deps.storage, &counter)?;
            DrawSource::Next(counter.round.next())
        }
        DrawClass::Fast => DrawSource::Fixed(counter.round),
    };
    let input_hash = gateway_protocol::input_hash(&input);
    let request = requests::Request {
        project,
        version,
        requester: info.sender,
        input_hash,
        callback_gas,
        height,
        epoch: counter.epoch,
        deadline: height.saturating_add(ttl_blocks),
        charge,
        settings_version,
        draw,
        state: State::Open,
        returned: Uint128::zero(),
        tallied: false,
        stricter: overrides.map(|_| Stricter::of(policy)),
    };
    let id = requests::open(deps.storage, &request, &input)?;
    let mut book = Book::open(deps.storage)?;
    book.reserve(sent)?;
    book.close(deps.storage)?;
    Ok(Response::new()
        .add_event(RequestOpened {
            request: id,
            project,
            version,
            requester: request.requester.into_string(),
            input_hash,
            deadline: request.deadline,
            reserved: sent,
        })
        .set_data(to_json_binary(&id)?))
}

fn check_access(project: &Project, sender: &Addr) -> Result<(), ContractError> {
    if project.paused {
        return Err(ContractError::ProjectPaused {});
    }
    let may = match &project.requesters {
        Requesters::Anyone {} => true,
        Requesters::Owner {} => *sender == project.owner,
        Requesters::List { addresses } => addresses.iter().any(|address| sender.as_str() == address),
    };
    if may {
        Ok(())
    } else {
        Err(ContractError::NotARequester {})
    }
}

fn check_quotas(
    storage: &dyn Storage,
    settings: &Settings,
    payer: &Addr,
    project: ProjectId,
) -> Result<(), ContractError> {
    if OPEN_BY_PAYER.may_load(storage, payer)?.unwrap_or_default() >= settings.max_open_per_payer {
        return Err(ContractError::PayerQuota { max: settings.max_open_per_payer });
    }
    if OPEN_BY_PROJECT.may_load(storage, project.get())?.unwrap_or_default() >= settings.max_open_per_project
    {
        return Err(ContractError::ProjectQuota { max: settings.max_open_per_project });
    }
    Ok(())
}

/// Refuses what cannot end in a result: too few operators, in this epoch and in the next (whichever draws it), or no
/// time for even one attempt. The quorum itself never exceeds the active units.
fn check_answerable(
    storage: &dyn Storage,
    counter: &Counter,
    settings: &Settings,
    policy: &Policy,
    ttl: u64,
) -> Result<(), ContractError> {
    let needed = u32::from(policy.min_operators);
    let coming = delta(storage, counter.epoch.next())?.operators;
    let active = counter.operators.max(counter.operators.saturating_add_signed(coming));
    if active < needed {
        return Err(ContractError::TooFewOperators { active, needed });
    }
    let attempt = policy.attempt_blocks(settings.block_time_ms);
    if ttl <= attempt {
        return Err(ContractError::NoTime { attempt, ttl });
    }
    Ok(())
}

fn callback_gas(
    deps: Deps<'_>,
    policy: &Policy,
    sender: &Addr,
    wanted: &CallbackRequest,
) -> Result<u64, ContractError> {
    let max = policy.callback_gas;
    let gas = wanted.gas_limit.unwrap_or(max);
    if gas == 0 || gas > max {
        return Err(ContractError::CallbackGas { max });
    }
    deps.querier.query_wasm_contract_info(sender).map_err(|_| ContractError::NotAContract {})?;
    Ok(gas)
}
