//! Events of schedules and their firings.

use cosmwasm_std::Uint128;

use super::definition::events;
use crate::{ProjectId, RequestId, ScheduleId};

events! {
    /// A schedule began, or its budget was added to.
    ScheduleChanged = "gateway-schedule-changed" {
        /// Its id.
        schedule: ScheduleId,
        /// Its owner.
        owner: String,
        /// The project that it asks.
        project: ProjectId,
        /// Its budget.
        budget: Uint128,
        /// The height of its next firing.
        next: u64,
    }
    /// A schedule opened a request.
    ScheduleFired = "gateway-schedule-fired" {
        /// The schedule.
        schedule: ScheduleId,
        /// The height that the firing was due at.
        due: u64,
        /// The request.
        request: RequestId,
    }
    /// Firings of a schedule were missed and are not made up for.
    FiringsMissed = "gateway-firings-missed" {
        /// The schedule.
        schedule: ScheduleId,
        /// The height that the first of them was due at.
        due: u64,
        /// How many.
        firings: u64,
        /// `late`, or why the request was refused.
        reason: String,
    }
    /// A schedule ended.
    ScheduleEnded = "gateway-schedule-ended" {
        /// The schedule.
        schedule: ScheduleId,
        /// `done`, `cancelled`, or why it could not pay.
        reason: String,
        /// What was left of its budget: paid to the owner who cancelled it, claimable elsewhere.
        returned: Uint128,
    }
}
