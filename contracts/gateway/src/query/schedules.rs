//! Answers queries about schedules.

use cosmwasm_std::Storage;
use cw_storage_plus::Bound;
use gateway_api::{ScheduleId, ScheduleResponse, SchedulesResponse};

use super::page::page;
use crate::error::ContractError;
use crate::state::schedules::{self as state, Schedule, SCHEDULES};

pub(super) fn schedule(storage: &dyn Storage, id: ScheduleId) -> Result<ScheduleResponse, ContractError> {
    let Schedule { owner, asked, budget, next, every_blocks, until, opened, missed, last } =
        state::schedule(storage, id)?;
    Ok(ScheduleResponse {
        schedule: id,
        owner: owner.into_string(),
        request: asked.request(state::input(storage, id)?),
        budget,
        next,
        every_blocks,
        until,
        opened,
        missed,
        last,
    })
}

pub(super) fn schedules(
    storage: &dyn Storage,
    start_after: Option<ScheduleId>,
    limit: usize,
) -> Result<SchedulesResponse, ContractError> {
    let start = start_after.map(|id| Bound::exclusive(id.get()));
    let schedules =
        SCHEDULES.keys(storage, start).map(|id| id.and_then(|id| schedule(storage, ScheduleId(id))));
    Ok(SchedulesResponse { schedules: page(schedules, limit)? })
}
