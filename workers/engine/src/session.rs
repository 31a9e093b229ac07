//! One job on one worker: send it, serve it, and check how it ended. Every byte from the worker is untrusted.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use gateway_vm_protocol::{
    Detail, Done, Ending, FrameError, FromWorker, JobSpec, OutcomeClass, Resource, StopSite, ToWorker, Usage,
    clip,
};
use tokio::time::Instant;

use crate::abstain::Abstention;
use crate::fetch::{Answer, Fetcher};
use crate::job::{LogLine, Run};
use crate::process::WorkerProcess;
use crate::spin::Counted;

/// Size limit in bytes of an error body, whatever the project's output limit is.
const MAX_ERROR_BODY: usize = 2_048;

/// A run that produced no outcome.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Abstained {
    pub(crate) reason: Abstention,
    pub(crate) text: String,
    pub(crate) site: Option<StopSite>,
    pub(crate) usage: Usage,
}

impl Abstained {
    pub(crate) fn new(reason: Abstention, text: impl Into<String>) -> Abstained {
        Abstained { reason, text: text.into(), site: None, usage: Usage::default() }
    }
}

/// Bytes kept of a worker's message about its end.
const MAX_TEXT: usize = 1_024;

/// Bytes kept of a line that a worker shows its author, and most lines of a stack.
const MAX_LINE: usize = 256;
const MAX_STACK: usize = 20;

/// The result of a session: its end, and the worker if it can be reused.
pub(crate) struct Session {
    pub(crate) result: Result<Run, Abstained>,
    pub(crate) worker: Option<WorkerProcess>,
}

/// How far a worker may go before it is killed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Time it has to end a run by itself after the wall limit.
    pub(crate) grace: Duration,
    /// Memory beyond the job's own limits, bytes.
    pub(crate) memory: u64,
}

/// Interval at which a running worker's memory and CPU time are checked.
const LOOK: Duration = Duration::from_millis(50);

/// CPU time beyond the limit that a worker has to end a run by itself: code inside a built-in that never checks for termination
/// is ended from outside.
const CPU_GRACE: Duration = Duration::from_millis(250);

/// Why a session ends without a final frame.
enum Broken {
    /// The connection failed, or its data was invalid.
    Frame(FrameError),
    /// The process used too much memory.
    Memory {
        /// Memory used, in bytes.
        used: u64,
    },
    /// The run used too much CPU time and did not stop by itself.
    Cpu {
        /// CPU time used.
        used: Duration,
    },
}

impl From<FrameError> for Broken {
    fn from(error: FrameError) -> Broken {
        Broken::Frame(error)
    }
}

/// Runs a job on a worker.
pub(crate) async fn run(
    mut worker: WorkerProcess,
    job: JobSpec,
    fetcher: &dyn Fetcher,
    bounds: Bounds,
) -> Session {
    let Bounds { grace, memory } = bounds;
    let _counted = Counted::new();
    let limits = job.limits.clone();
    let memory = memory
        .saturating_add(u64::from(limits.heap_bytes))
        .saturating_add(u64::from(limits.array_buffer_bytes));
    let deadline = Instant::now() + Duration::from_millis(u64::from(limits.wall_ms)) + grace;
    let mut logs = Logs::new(limits.log_bytes as usize);
    let mut fatal_report = None;
    let cpu_start = worker.vitals.cpu_time();
    let cpu_limit = Duration::from_millis(u64::from(limits.cpu_ms)) + CPU_GRACE;
    let outcome = tokio::time::timeout_at(deadline, async {
        worker.queue(&ToWorker::Job(Box::new(job)))?;
        let mut fetches = FuturesUnordered::new();
        let mut started = 0;
        let mut look = tokio::time::interval_at(Instant::now() + LOOK, LOOK);
        // Responses that the code's transform has not replaced.
        let mut raw = BTreeSet::new();
        // When the unanswered fetches were started, and how late the code's timers have allowed them to be.
        let mut running: BTreeMap<u32, (Instant, u32)> = BTreeMap::new();
        let mut awaited: Option<(u32, u32, Instant)> = None;
        loop {
            let until = awaited.map_or_else(|| deadline, |(_, _, until)| until);
            let frame = tokio::select! {
                frame = worker.receive(fetches.is_empty()) => frame?,
                Some((id, answer)) = fetches.next() => {
                    let Answer { took_ms, result }: Answer = answer;
                    if result.as_ref().is_ok_and(|response| !response.transformed) {
                        raw.insert(id);
                    }
                    let late_ms = running.remove(&id).map_or(0, |(_, late_ms)| late_ms);
                    awaited = awaited.filter(|(other, ..)| *other != id);
                    worker.queue(&ToWorker::Fetched { id, took_ms: took_ms.max(late_ms), result })?;
                    continue;
                }
                () = tokio::time::sleep_until(until), if awaited.is_some() => {
                    if let Some((id, ms, _)) = awaited.take() {
                        if let Some((_, late_ms)) = running.get_mut(&id) {
                            *late_ms = ms;
                        }
                        fetcher.overtaken(id, ms);
                        worker.queue(&ToWorker::Late { id })?;
                    }
                    continue;
                }
                _ = look.tick() => {
                    let resident = worker.vitals.memory().map(|memory| memory.resident);
                    if let Some(used) = resident.filter(|used| *used > memory) {
                        return Err(Broken::Memory { used });
                    }
                    let used = worker.vitals.cpu_time().zip(cpu_start).map(|(now, then)| now.saturating_sub(then));
                    match used.filter(|used| *used > cpu_limit) {
                        Some(used) => return Err(Broken::Cpu { used }),
                        None => continue,
                    }
                }
            };
            match frame {
                FromWorker::Log { level, text } => logs.push(LogLine { level, text }),
                FromWorker::Fetch(request) => {
                    // The worker counts too; a compromised one may not.
                    if started >= limits.fetches || request.id != started {
                        return Err(FrameError::Malformed("more fetches than allowed".to_owned()).into());
                    }
                    request.check(&limits).map_err(FrameError::Malformed)?;
                    started += 1;
                    let after = Duration::from_millis(u64::from(request.after_ms.min(limits.wall_ms)));
                    running.insert(request.id, (Instant::now() + after, 0));
                    let id = request.id;
                    let answer = fetcher.fetch(request);
                    fetches.push(async move { (id, answer.await) });
                }
                // For a fetch whose answer is already on its way, nothing need be recorded.
                FromWorker::Wait { id, ms } => {
                    let limit = Duration::from_millis(u64::from(ms.min(limits.wall_ms)));
                    awaited = running.get(&id).map(|(started, _)| (id, ms, *started + limit));
                }
                FromWorker::Transformed { id, response } => {
                    let fits = response.check(&limits).is_ok() && response.transformed;
                    if !raw.remove(&id) || !fits {
                        return Err(
                            FrameError::Malformed("a transformed response out of place".to_owned()).into()
                        );
                    }
                    fetcher.transformed(id, &response);
                }
                FromWorker::FatalReport { resource, text } => {
                    fatal_report.get_or_insert((resource, text));
                }
                FromWorker::Done(done) => return Ok(*done),
                FromWorker::Hello(_) => {
                    return Err(FrameError::Malformed("a second greeting".to_owned()).into());
                }
            }
        }
    })
    .await;
    match outcome {
        Ok(Ok(done)) => {
            let reusable = done.reusable;
            let result = check_result(done, logs.lines, limits.output_bytes as usize);
            let sound = !matches!(&result, Err(abstained) if abstained.reason == Abstention::Protocol);
            if reusable && sound {
                Session { result, worker: Some(worker) }
            } else {
                worker.kill().await;
                Session { result, worker: None }
            }
        }
        Ok(Err(Broken::Memory { used })) => {
            worker.kill().await;
            let text = format!("killed: the worker took {used} bytes of memory; the limit is {memory}");
            Session { result: Err(Abstained::new(Abstention::Memory, text)), worker: None }
        }
        Ok(Err(Broken::Cpu { used })) => {
            worker.kill().await;
            let text = format!(
                "killed: CPU time {} ms is above the limit of {} ms, and the code was inside a built-in that cannot be interrupted",
                used.as_millis(),
                limits.cpu_ms
            );
            let mut abstained = Abstained::new(Abstention::Cpu, text);
            abstained.usage.cpu_us = u64::try_from(used.as_micros()).unwrap_or(u64::MAX);
            Session { result: Err(abstained), worker: None }
        }
        Ok(Err(Broken::Frame(error))) => {
            let abstained = broken(worker, error, fatal_report, grace).await;
            Session { result: Err(abstained), worker: None }
        }
        Err(_) => {
            worker.kill().await;
            let text = format!("killed: the run did not end within {} ms", limits.wall_ms);
            Session { result: Err(Abstained::new(Abstention::Wall, text)), worker: None }
        }
    }
}

/// Checks an ending and converts it to a run or an abstention.
fn check_result(done: Done, logs: Vec<LogLine>, output_bytes: usize) -> Result<Run, Abstained> {
    match done.ending {
        Ending::Outcome { class, body } => {
            let limit =
                if class == OutcomeClass::Ok { output_bytes } else { output_bytes.max(MAX_ERROR_BODY) };
            if body.len() > limit {
                return Err(Abstained::new(Abstention::Protocol, "the worker sent a result above the limit"));
            }
            let canonical = serde_json::from_str::<serde_json::Value>(&body)
                .ok()
                .and_then(|value| serde_json_canonicalizer::to_string(&value).ok());
            if canonical.as_deref() != Some(body.as_str()) {
                return Err(Abstained::new(Abstention::Protocol, "the worker sent no canonical JSON"));
            }
            Ok(Run { class, body, logs, detail: done.detail.map(bounded), usage: done.usage })
        }
        Ending::Exhausted { resource, text, site } => {
            let site = site.map(|mut site| {
                clip(&mut site.function, MAX_LINE);
                site
            });
            Err(Abstained { reason: resource.into(), text: clipped(text), site, usage: done.usage })
        }
    }
}

/// Bounds what a worker reports besides its outcome: it is stored in the database and displayed.
fn bounded(mut detail: Detail) -> Detail {
    clip(&mut detail.source_line, MAX_LINE);
    detail.stack.truncate(MAX_STACK);
    for line in &mut detail.stack {
        clip(line, MAX_LINE);
    }
    detail
}

fn clipped(mut text: String) -> String {
    clip(&mut text, MAX_TEXT);
    text
}

/// Determines why a worker closed the connection or violated the protocol.
async fn broken(
    worker: WorkerProcess,
    error: FrameError,
    fatal_report: Option<(Option<Resource>, String)>,
    grace: Duration,
) -> Abstained {
    let closed = matches!(error, FrameError::Closed | FrameError::Io(_));
    let status = if closed { worker.reap(grace).await } else { worker.kill().await };
    if !closed {
        return Abstained::new(Abstention::Protocol, error.to_string());
    }
    if let Some((Some(resource), text)) = fatal_report {
        return Abstained::new(resource.into(), text);
    }
    let signal = status.and_then(|s| s.signal());
    let end = match (signal, status.and_then(|s| s.code())) {
        (Some(signal), _) => format!("the worker was ended by signal {signal}"),
        (None, Some(code)) => format!("the worker exited with status {code}"),
        (None, None) => "the worker is gone".to_owned(),
    };
    let text = match fatal_report {
        Some((_, word)) => format!("{end}: {word}"),
        None => end,
    };
    let reason = if signal == Some(nix::libc::SIGSYS) { Abstention::Sandbox } else { Abstention::Crash };
    Abstained::new(reason, text)
}

/// Console lines, bounded here too: a compromised worker may send forever.
struct Logs {
    lines: Vec<LogLine>,
    left: usize,
}

impl Logs {
    /// Allowance for the worker's own note about dropped output.
    const SLACK: usize = 8_192;

    fn new(limit: usize) -> Logs {
        Logs { lines: Vec::new(), left: limit.saturating_add(Logs::SLACK) }
    }

    fn push(&mut self, line: LogLine) {
        // A line costs something even if it is empty.
        if let Some(left) = self.left.checked_sub(line.text.len().saturating_add(1)) {
            self.left = left;
            self.lines.push(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(class: OutcomeClass, body: &str) -> Done {
        Done {
            ending: Ending::Outcome { class, body: body.to_owned() },
            detail: None,
            usage: Usage::default(),
            reusable: true,
        }
    }

    #[test]
    fn a_worker_cannot_pass_off_what_is_not_canonical_or_too_long() {
        assert_eq!(check_result(done(OutcomeClass::Ok, "[1,2]"), vec![], 5).unwrap().body, "[1,2]");
        for (body, limit) in
            [("[1, 2]", 100), ("[1,2]", 4), ("{\"b\":1,\"a\":2}", 100), ("", 100), ("1.0", 9)]
        {
            let abstained = check_result(done(OutcomeClass::Ok, body), vec![], limit).unwrap_err();
            assert_eq!(abstained.reason, Abstention::Protocol, "{body}");
        }
    }

    #[test]
    fn console_output_is_bounded_whatever_the_worker_sends() {
        let mut logs = Logs::new(100);
        for _ in 0..100_000 {
            logs.push(LogLine { level: gateway_vm_protocol::LogLevel::Info, text: String::new() });
        }
        assert_eq!(logs.lines.len(), 100 + Logs::SLACK);
    }
}
