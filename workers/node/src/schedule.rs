//! When a job is due, in blocks. Pure.

use gateway_api::Attempt;
use gateway_protocol::AttemptSchedule;
use gateway_store::JobRow;

/// Returns the schedule of a job's attempts, or `None` before the draw.
fn attempts(job: &JobRow) -> Option<AttemptSchedule> {
    job.seen.draw.as_ref().map(AttemptSchedule::from)
}

/// Returns the height at which an attempt of a job's draw begins, or `None` before the draw.
pub(crate) fn begins(job: &JobRow, attempt: Attempt) -> Option<u64> {
    attempts(job).map(|attempts| attempts.begins(attempt))
}

/// Returns whether the code may be run: the attempt before the one that seats the node has begun. Running ahead makes a second
/// attempt fast.
pub(crate) fn may_run(job: &JobRow, height: u64) -> bool {
    runs(job).is_some_and(|runs| runs <= height)
}

/// Returns the height from which the code may be run.
pub(crate) fn runs(job: &JobRow) -> Option<u64> {
    let ahead = job.attempt.map(|attempt| Attempt(attempt.get().saturating_sub(1)));
    ahead.and_then(|attempt| begins(job, attempt))
}

/// Returns whether the outcome may be sent: the attempt that seats the node has begun. Sent earlier, it could only be copied.
pub(crate) fn may_send(job: &JobRow, height: u64) -> bool {
    due(job).is_some_and(|due| due <= height)
}

/// Returns the height from which the outcome may be sent.
pub(crate) fn due(job: &JobRow) -> Option<u64> {
    job.attempt.and_then(|attempt| begins(job, attempt))
}

/// Returns the latest attempt that has begun, or `None` before the draw.
pub(crate) fn latest(job: &JobRow, height: u64) -> Option<Attempt> {
    attempts(job)?.latest(height)
}

/// Returns the blocks to wait after run number `tries` gave no outcome: 1, 2, 4, … at most 16.
pub(crate) fn pause(tries: u32) -> u64 {
    1u64 << tries.saturating_sub(1).min(4)
}
