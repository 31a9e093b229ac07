//! Schedules: requests to be opened when they are due. Inputs are kept apart, so that a firing does not write them again.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Storage, Uint128};
use gateway_api::{
    CallbackRequest, CodeHash, NewRequest, Overrides, ProjectId, RequestId, ScheduleId, SubscriptionId,
    Version,
};

use crate::error::ContractError;
use crate::state::codec::{Item, Map, Record};

/// What a firing asks for beyond the version's policy.
#[cw_serde]
struct Beyond {
    committee: Option<u32>,
    quorum_bps: Option<u16>,
    min_operators: Option<u16>,
    ttl_blocks: Option<u64>,
    max_fee: Option<Uint128>,
}

/// What is asked at each firing, but for the input.
#[cw_serde]
pub(crate) struct Asked {
    /// The project.
    pub(crate) project: ProjectId,
    callback: Option<CallbackRequest>,
    beyond: Option<Beyond>,
    version: Option<Version>,
    code: Option<CodeHash>,
    /// The subscription that pays instead of the budget.
    pub(crate) subscription: Option<SubscriptionId>,
}

/// A schedule that has not ended.
#[cw_serde]
pub(crate) struct Schedule {
    /// Who may cancel it, and in whose name it asks.
    pub(crate) owner: Addr,
    /// What it asks.
    pub(crate) asked: Asked,
    /// What is left to pay for firings.
    pub(crate) budget: Uint128,
    /// The height of the next firing.
    pub(crate) next: u64,
    /// Blocks from one firing to the next; none where there is one only.
    pub(crate) every_blocks: Option<u64>,
    /// The last height at which it fires.
    pub(crate) until: Option<u64>,
    /// Requests opened so far.
    pub(crate) opened: u64,
    /// Firings missed so far.
    pub(crate) missed: u64,
    /// The newest request.
    pub(crate) last: Option<RequestId>,
}

impl Record for Schedule {}

const LAST_SCHEDULE: Item<u64> = Item::new("last_schedule");
/// Schedules by id, until they end.
pub(crate) const SCHEDULES: Map<u64, Schedule> = Map::new("schedules");
const SCHEDULE_INPUTS: Map<u64, String> = Map::new("schedule_inputs");
/// Schedules in order of their next firings.
pub(crate) const FIRINGS: Map<(u64, u64), ()> = Map::new("firings");

impl Asked {
    /// Takes a request apart: the input comes second.
    pub(crate) fn new(request: NewRequest) -> (Self, String) {
        let NewRequest { project, input, callback, overrides, version, code, subscription, .. } = request;
        let beyond = overrides.map(|asked| {
            let Overrides { committee, quorum_bps, min_operators, ttl_blocks, max_fee } = asked;
            Beyond { committee, quorum_bps, min_operators, ttl_blocks, max_fee }
        });
        (Self { project, callback, beyond, version, code, subscription }, input)
    }

    /// The request of a firing.
    pub(crate) fn request(&self, input: String) -> NewRequest {
        let overrides = self.beyond.as_ref().map(|beyond| Overrides {
            committee: beyond.committee,
            quorum_bps: beyond.quorum_bps,
            min_operators: beyond.min_operators,
            ttl_blocks: beyond.ttl_blocks,
            max_fee: beyond.max_fee,
        });
        NewRequest {
            callback: self.callback.clone(),
            overrides,
            version: self.version,
            code: self.code,
            subscription: self.subscription,
            ..NewRequest::new(self.project, input)
        }
    }
}

/// Stores a new schedule with its input and its first firing.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails.
pub(crate) fn begin(
    storage: &mut dyn Storage,
    schedule: &Schedule,
    input: &String,
) -> Result<ScheduleId, ContractError> {
    let id = LAST_SCHEDULE.may_load(storage)?.unwrap_or_default().saturating_add(1);
    LAST_SCHEDULE.save(storage, &id)?;
    SCHEDULES.save(storage, id, schedule)?;
    SCHEDULE_INPUTS.save(storage, id, input)?;
    FIRINGS.save(storage, (schedule.next, id), &())?;
    Ok(ScheduleId(id))
}

/// Forgets a schedule whose next firing is `next`.
pub(crate) fn end(storage: &mut dyn Storage, id: ScheduleId, next: u64) {
    SCHEDULES.remove(storage, id.get());
    SCHEDULE_INPUTS.remove(storage, id.get());
    FIRINGS.remove(storage, (next, id.get()));
}

/// A schedule.
///
/// # Errors
/// [`ContractError::UnknownSchedule`].
pub(crate) fn schedule(storage: &dyn Storage, schedule: ScheduleId) -> Result<Schedule, ContractError> {
    SCHEDULES.may_load(storage, schedule.get())?.ok_or(ContractError::UnknownSchedule { schedule })
}

/// The input of a schedule that has not ended.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails.
pub(crate) fn input(storage: &dyn Storage, id: ScheduleId) -> Result<String, ContractError> {
    SCHEDULE_INPUTS.load(storage, id.get())
}
