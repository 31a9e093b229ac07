//! Answers queries about requests and their draws.

use cosmwasm_std::Storage;
use cw_storage_plus::Bound;
use gateway_api::{
    limits, DrawInfo, EngineFrom, OpenRequest, OpenRequestsResponse, Policy, RequestId, RequestResponse,
    RequestStatus, RequestsResponse, TalliesResponse, TallyResponse,
};
use gateway_protocol::{required_engine, AttemptSchedule};

use super::page::page;
use crate::error::ContractError;
use crate::state::counter::EPOCHS;
use crate::state::engines::plan;
use crate::state::governance::settings_at;
use crate::state::requests::{self as state, Drawn, Request, State, OPEN};
use crate::state::{projects, requests::input, tallies};

pub(super) fn request(
    storage: &dyn Storage,
    height: u64,
    id: RequestId,
) -> Result<RequestResponse, ContractError> {
    described(storage, height, &plan(storage)?.since, id)
}

fn described(
    storage: &dyn Storage,
    height: u64,
    engines: &[EngineFrom],
    id: RequestId,
) -> Result<RequestResponse, ContractError> {
    let record = state::request(storage, id)?;
    let mut version = projects::version(storage, record.project, record.version)?;
    record.tighten(&mut version.policy);
    let settings = settings_at(storage, record.settings_version)?;
    let draw = draw(storage, height, engines, &record, (&version.policy, settings.block_time_ms))?;
    let status = match (&record.state, &draw) {
        (State::Open, None) => RequestStatus::Waiting,
        (State::Open, Some(_)) => RequestStatus::Drawn,
        (State::Fulfilled, _) => RequestStatus::Fulfilled,
        (State::Expired, _) => RequestStatus::Expired,
    };
    Ok(RequestResponse {
        request: id,
        project: record.project,
        version: record.version,
        code: projects::code(storage, record.project, record.version)?,
        policy: version.policy,
        requester: record.requester.into_string(),
        input: input(storage, id)?,
        input_hash: record.input_hash,
        callback_gas: record.callback_gas,
        height: record.height,
        deadline: record.deadline,
        reserved: record.charge.sent,
        settings_version: record.settings_version,
        max_inline_bytes: settings.inline_limit(),
        status,
        draw,
    })
}

fn draw(
    storage: &dyn Storage,
    height: u64,
    engines: &[EngineFrom],
    request: &Request,
    (policy, block_time_ms): (&Policy, u32),
) -> Result<Option<DrawInfo>, ContractError> {
    let Some(found) = request.drawn_by(storage, height)? else { return Ok(None) };
    let Drawn { round, record: drawn, .. } = found;
    let attempt_blocks = policy.attempt_blocks(block_time_ms);
    let schedule = AttemptSchedule { drawn_at: drawn.height, blocks: attempt_blocks };
    Ok(Some(DrawInfo {
        round,
        seed: drawn.seed,
        height: drawn.height,
        time_ns: drawn.time_ns,
        epoch: drawn.epoch,
        total_units: EPOCHS.load(storage, drawn.epoch.get())?.units,
        attempt: schedule.latest(height).unwrap_or_default(),
        attempt_blocks,
        engine: required_engine(engines, drawn.epoch, policy.profile),
    }))
}

pub(super) fn tallied(storage: &dyn Storage, id: RequestId) -> Result<TalliesResponse, ContractError> {
    let tallies = tallies::of(storage, id)?
        .into_iter()
        .map(|(_, tally)| TallyResponse {
            engine: tally.engine,
            class: tally.class,
            body: tally.body,
            nodes: tally.members.into_iter().map(|member| member.node).collect(),
        })
        .collect();
    Ok(TalliesResponse { tallies })
}

pub(super) fn open(
    storage: &dyn Storage,
    height: u64,
    start_after: Option<RequestId>,
    limit: usize,
) -> Result<OpenRequestsResponse, ContractError> {
    let start = start_after.map(|id| Bound::exclusive(id.get()));
    let engines = plan(storage)?.since;
    let requests =
        OPEN.keys(storage, start).map(|id| open_request(storage, height, &engines, RequestId(id?)));
    Ok(OpenRequestsResponse { requests: page(requests, limit)? })
}

fn open_request(
    storage: &dyn Storage,
    height: u64,
    engines: &[EngineFrom],
    id: RequestId,
) -> Result<OpenRequest, ContractError> {
    let record = state::request(storage, id)?;
    let policy = projects::version(storage, record.project, record.version)?.policy;
    let settings = settings_at(storage, record.settings_version)?;
    let draw = draw(storage, height, engines, &record, (&policy, settings.block_time_ms))?;
    Ok(OpenRequest { request: id, project: record.project, deadline: record.deadline, draw })
}

pub(super) fn named(
    storage: &dyn Storage,
    height: u64,
    ids: &[RequestId],
) -> Result<RequestsResponse, ContractError> {
    let max = limits::MAX_PAGE;
    if ids.len() > max as usize {
        return Err(ContractError::RequestCount { max });
    }
    let engines = plan(storage)?.since;
    let known = ids.iter().map(|id| match described(storage, height, &engines, *id) {
        Err(ContractError::UnknownRequest { .. }) => Ok(None),
        found => found.map(Some),
    });
    let requests = page(known.filter_map(Result::transpose), ids.len())?;
    Ok(RequestsResponse { requests })
}
