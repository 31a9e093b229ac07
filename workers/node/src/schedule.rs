//! When a job is due, in blocks. Pure.

use gateway_api::{Attempt, limits};
use gateway_store::JobRow;

/// The height at which an attempt of a job's draw begins; `None` before the draw.
pub(crate) fn begins(job: &JobRow, attempt: Attempt) -> Option<u64> {
    let draw = job.seen.draw.as_ref()?;
    Some(draw.height.saturating_add(draw.attempt_blocks.saturating_mul(attempt.get().into())))
}

/// Whether the code may be run: the attempt before the one that seats the node has begun. Running ahead makes a second
/// attempt cost little time.
pub(crate) fn may_run(job: &JobRow, height: u64) -> bool {
    let ahead = job.attempt.map(|attempt| Attempt(attempt.get().saturating_sub(1)));
    ahead.and_then(|attempt| begins(job, attempt)).is_some_and(|begins| begins <= height)
}

/// Whether the outcome may be sent: the attempt that seats the node has begun. Earlier it could only be copied.
pub(crate) fn may_send(job: &JobRow, height: u64) -> bool {
    due(job).is_some_and(|due| due <= height)
}

/// The height from which on the outcome may be sent.
pub(crate) fn due(job: &JobRow) -> Option<u64> {
    job.attempt.and_then(|attempt| begins(job, attempt))
}

/// The latest attempt that has begun; `None` before the draw.
pub(crate) fn latest(job: &JobRow, height: u64) -> Option<Attempt> {
    (0..limits::ATTEMPTS)
        .rev()
        .map(Attempt)
        .find(|attempt| begins(job, *attempt).is_some_and(|begins| begins <= height))
}

/// Blocks to wait after a run number `tries` that came to nothing: 1, 2, 4, … at most 16.
pub(crate) fn pause(tries: u32) -> u64 {
    1u64 << tries.saturating_sub(1).min(4)
}
