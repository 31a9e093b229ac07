//! Derives the node's job from a request's state on the contract: whether it has seats, and from which attempt on. Pure.

use gateway_api::{Attempt, RequestResponse, VrfOutput, limits};
use gateway_protocol::Threshold;
use gateway_store::{JobRow, JobState};

/// Returns the job of a node with `units` units in the draw's epoch; `output` is its VRF output, if the request is drawn.
pub(crate) fn assign(output: Option<VrfOutput>, units: u32, seen: RequestResponse) -> JobRow {
    let (state, attempt, seats) = match seen.draw.as_ref().zip(output) {
        None => (JobState::Waiting, None, 0),
        Some((draw, output)) => {
            let seats = |attempt| {
                Threshold::new(seen.policy.committee, attempt, draw.total_units).seats(&output, units)
            };
            let first = (0..limits::ATTEMPTS)
                .map(|number| (Attempt(number), seats(Attempt(number))))
                .find(|(_, seats)| *seats > 0);
            match first {
                Some((attempt, seats)) => (JobState::Seated, Some(attempt), seats),
                None => (JobState::NotSeated, None, 0),
            }
        }
    };
    JobRow { seen, state, attempt, seats, class: None, commit: None, message: None, tries: 0, reason: None }
}
