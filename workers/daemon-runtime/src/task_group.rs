//! Named tasks that live and die together.
//!
//! The first task to end — successfully, with an error or by panic — cancels all others; they get a bounded time to drain, and
//! one report lists what happened to each. Tasks write their own loops; this only supervises.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::time::Duration;

use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::backoff::Backoff;
use crate::retryable::Retryable;

/// Pauses before a task is restarted.
const RESUME: Backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(10));

/// Any error a task may end with.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A set of named tasks under one cancellation token.
pub struct TaskGroup {
    token: CancellationToken,
    tasks: JoinSet<Result<(), BoxError>>,
    names: HashMap<Id, String>,
}

impl TaskGroup {
    /// Creates a group that stops when `parent` is cancelled, and whose own end does not cancel `parent`.
    pub fn new(parent: &CancellationToken) -> Self {
        Self { token: parent.child_token(), tasks: JoinSet::new(), names: HashMap::new() }
    }

    /// Returns the group's token: cancel it to stop every task of the group.
    pub fn token(&self) -> CancellationToken {
        self.token.clone()
    }

    /// Starts a task. `make` receives the task's own child token, which each of its loops must watch.
    pub fn spawn<F, Fut, E>(&mut self, name: impl Into<String>, make: F)
    where
        F: FnOnce(CancellationToken) -> Fut,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError> + 'static,
    {
        let future = make(self.token.child_token());
        let handle = self.tasks.spawn(async move { future.await.map_err(Into::into) });
        self.names.insert(handle.id(), name.into());
    }

    /// Starts a task that is restarted, after a pause, on a transient failure: as after a restart of the process, so it must
    /// keep no state that it cannot do without.
    pub fn spawn_resumed<F, Fut, E>(&mut self, name: &'static str, mut make: F)
    where
        F: FnMut(CancellationToken) -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Retryable + Into<BoxError> + Send + 'static,
    {
        self.spawn(name, |cancel| async move {
            let mut delays = RESUME.delays();
            loop {
                let began = Instant::now();
                let error = match make(cancel.clone()).await {
                    Err(error) if error.is_retryable() && !cancel.is_cancelled() => error,
                    end => return end,
                };
                if began.elapsed() > RESUME.max {
                    delays.reset();
                }
                let delay = delays.next().unwrap_or(RESUME.max);
                tracing::warn!(task = name, %error, ?delay, "a task failed for now and begins anew");
                tokio::select! {
                    () = cancel.cancelled() => return Ok(()),
                    () = tokio::time::sleep(delay) => {}
                }
            }
        });
    }

    /// Waits until a task ends or the token is cancelled, then cancels the rest and gives them `drain` to end.
    ///
    /// # Errors
    /// [`GroupError`] listing every task that failed, panicked, or was still running after `drain`.
    pub async fn run(mut self, drain: Duration) -> Result<(), GroupError> {
        let mut failures = Vec::new();
        let first = tokio::select! {
            end = self.tasks.join_next_with_id() => end,
            () = self.token.cancelled() => None,
        };
        if let Some(end) = first {
            self.note(end, &mut failures);
        }
        self.token.cancel();
        let drained = tokio::time::timeout(drain, async {
            while let Some(end) = self.tasks.join_next_with_id().await {
                self.note(end, &mut failures);
            }
        });
        if drained.await.is_err() {
            let mut stuck: Vec<String> = self.names.drain().map(|(_, name)| name).collect();
            stuck.sort();
            failures.extend(stuck.into_iter().map(|task| Failure { task, kind: FailureKind::Stuck(drain) }));
            self.tasks.abort_all();
        }
        if failures.is_empty() { Ok(()) } else { Err(GroupError { failures }) }
    }

    fn note(&mut self, end: Result<(Id, Result<(), BoxError>), JoinError>, failures: &mut Vec<Failure>) {
        let (id, kind) = match end {
            Ok((id, Ok(()))) => (id, None),
            Ok((id, Err(error))) => (id, Some(FailureKind::Error(error))),
            Err(error) => {
                let id = error.id();
                let text = match error.try_into_panic() {
                    Ok(payload) => panic_text(payload.as_ref()),
                    Err(error) => error.to_string(),
                };
                (id, Some(FailureKind::Panic(text)))
            }
        };
        let task = self.names.remove(&id).unwrap_or_default();
        let cause = if self.token.is_cancelled() { "stopped" } else { "ended" };
        match kind {
            None => tracing::debug!(task, cause, "task ended"),
            Some(kind) => {
                tracing::error!(task, error = %kind, "task failed");
                failures.push(Failure { task, kind });
            }
        }
    }
}

fn panic_text(payload: &(dyn Any + Send)) -> String {
    payload
        .downcast_ref::<&str>()
        .map(|s| (*s).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".into())
}

/// How one task ended.
#[derive(Debug)]
pub struct Failure {
    /// The task's name.
    pub task: String,
    /// How it failed.
    pub kind: FailureKind,
}

/// How a task failed.
#[derive(Debug)]
pub enum FailureKind {
    /// It returned an error.
    Error(BoxError),
    /// It panicked with this message.
    Panic(String),
    /// It was still running this long after it was cancelled.
    Stuck(Duration),
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(error) => {
                write!(f, "{error}")?;
                let mut source = error.source();
                while let Some(cause) = source {
                    write!(f, ": {cause}")?;
                    source = cause.source();
                }
                Ok(())
            }
            Self::Panic(text) => write!(f, "panicked: {text}"),
            Self::Stuck(drain) => write!(f, "did not stop within {drain:?}"),
        }
    }
}

/// The tasks of a group that failed, in the order in which they ended.
#[derive(Debug)]
pub struct GroupError {
    /// At least one.
    pub failures: Vec<Failure>,
}

impl fmt::Display for GroupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, failure) in self.failures.iter().enumerate() {
            let separator = if n == 0 { "" } else { "\n" };
            write!(f, "{separator}task {}: {}", failure.task, failure.kind)?;
        }
        Ok(())
    }
}

impl std::error::Error for GroupError {}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    const DRAIN: Duration = Duration::from_secs(5);

    async fn until(token: CancellationToken) -> Result<(), BoxError> {
        token.cancelled().await;
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn one_end_stops_all_and_is_no_error() {
        let mut group = TaskGroup::new(&CancellationToken::new());
        let drained = Arc::new(AtomicBool::new(false));
        let flag = drained.clone();
        group.spawn("waits", |token| async move {
            token.cancelled().await;
            tokio::task::yield_now().await;
            flag.store(true, Ordering::SeqCst);
            Ok::<(), BoxError>(())
        });
        group.spawn("ends", |_| async { Ok::<(), BoxError>(()) });
        group.run(DRAIN).await.expect("clean end");
        assert!(drained.load(Ordering::SeqCst), "the other task was allowed to finish");
    }

    #[tokio::test(start_paused = true)]
    async fn error_panic_and_stuck_are_all_reported() {
        let mut group = TaskGroup::new(&CancellationToken::new());
        group.spawn("database", |_| async { Err::<(), BoxError>("disk full".into()) });
        group.spawn("stuck", |_| std::future::pending::<Result<(), BoxError>>());
        group.spawn("panics", |token| async move {
            token.cancelled().await;
            if token.is_cancelled() {
                panic!("at the {}", "disco");
            }
            Ok::<(), BoxError>(())
        });
        let report = group.run(DRAIN).await.expect_err("three failures").to_string();
        assert_eq!(
            report,
            "task database: disk full\ntask panics: panicked: at the disco\ntask stuck: did not stop within 5s"
        );
    }

    #[derive(Debug, thiserror::Error)]
    #[error("the disk is {0}")]
    struct Disk(&'static str);

    impl Retryable for Disk {
        fn is_retryable(&self) -> bool {
            self.0 == "full"
        }
    }

    #[tokio::test(start_paused = true)]
    async fn transient_errors_resume_a_task_and_fatal_ones_end_it() {
        let mut group = TaskGroup::new(&CancellationToken::new());
        let mut begun = 0;
        group.spawn_resumed("writer", move |_| {
            begun += 1;
            async move { Err(Disk(if begun < 20 { "full" } else { "broken" })) }
        });
        let report = group.run(DRAIN).await.expect_err("a failure").to_string();
        assert_eq!(report, "task writer: the disk is broken");
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_while_a_task_waits_to_restart_is_no_error() {
        let mut group = TaskGroup::new(&CancellationToken::new());
        let token = group.token();
        group.spawn_resumed("writer", |_| async { Err(Disk("full")) });
        group.spawn("stop", |_| async move {
            tokio::time::sleep(Duration::from_secs(60)).await;
            token.cancel();
            Ok::<(), BoxError>(())
        });
        group.run(DRAIN).await.expect("a clean end");
    }

    #[tokio::test(start_paused = true)]
    async fn the_parent_stops_the_group_but_not_the_other_way() {
        let parent = CancellationToken::new();
        let mut group = TaskGroup::new(&parent);
        group.spawn("one", until);
        group.token().cancel();
        group.run(DRAIN).await.expect("clean end");
        assert!(!parent.is_cancelled());

        let mut group = TaskGroup::new(&parent);
        group.spawn("one", until);
        parent.cancel();
        group.run(DRAIN).await.expect("clean end");
    }
}
