//! Schedules: requests that keepers open when they are due, paid out of a budget or a subscription.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Uint128;

use crate::{NewRequest, RequestId, ScheduleId};

/// A request that is to be opened by itself: once, or periodically. Each firing is made at most once.
#[cw_serde]
pub struct NewSchedule {
    /// What is asked at each firing, in the name of the schedule's owner, who is also the one called back. Without `refund_to`:
    /// what a request does not use comes back to the budget, or to the subscription that it names.
    pub request: NewRequest,
    /// The height of the first firing; the next block where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<u64>,
    /// Blocks from one firing to the next, 1 to 10000000; it fires once where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every_blocks: Option<u64>,
    /// The last height at which it fires; without end where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<u64>,
}

/// A schedule that has not ended.
#[cw_serde]
pub struct ScheduleResponse {
    /// Its id.
    pub schedule: ScheduleId,
    /// Who may cancel it, and in whose name it asks.
    pub owner: String,
    /// What is asked at each firing.
    pub request: NewRequest,
    /// What is left to pay for firings; 0 where a subscription pays.
    pub budget: Uint128,
    /// The height of the next firing.
    pub next: u64,
    /// Blocks from one firing to the next, where there are several.
    pub every_blocks: Option<u64>,
    /// The last height at which it fires, where there is one.
    pub until: Option<u64>,
    /// Requests opened so far.
    pub opened: u64,
    /// Firings missed so far: the keeper came too late, or the request was refused.
    pub missed: u64,
    /// The newest request.
    pub last: Option<RequestId>,
}

/// A page of schedules, in order of their ids.
#[cw_serde]
pub struct SchedulesResponse {
    /// The schedules. A page may be short: continue after the last id until one is empty.
    pub schedules: Vec<ScheduleResponse>,
}
