//! A job as callers submit it, and a run as they get it back.

use std::sync::Arc;

use gateway_vm_protocol::{Detail, Limits, LogLevel, OutcomeClass, Profile, Usage};
use serde::{Deserialize, Serialize};

/// Code to run, with everything that its outcome may depend on.
#[derive(Clone, Debug)]
pub struct Job {
    /// Names the job in logs, such as a request id, and is the `idempotency-key` of requests that change
    /// something. The code does not see it.
    pub label: String,
    /// Project it belongs to: workers are not shared between projects, and the queue is fair among them.
    pub project: u64,
    /// The code, verbatim.
    pub code: Arc<[u8]>,
    /// SHA-256 of the code, checked by whoever loaded it.
    pub code_hash: [u8; 32],
    /// Input as JSON text.
    pub input: String,
    /// The time that every clock of the code shows, nanoseconds since 1970.
    pub now_ns: u64,
    /// Seed of all randomness of the code.
    pub seed: [u8; 32],
    /// The run's resource limits.
    pub limits: Limits,
    /// How the code is compiled.
    pub profile: Profile,
}

/// A line the code wrote to its console. Local to the node; no outcome depends on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// Console method.
    pub level: LogLevel,
    /// Text.
    pub text: String,
}

/// A run that ended in an outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Class of the outcome.
    pub class: OutcomeClass,
    /// Canonical JSON (RFC 8785): the value, or `{"column":…,"line":…,"message":…}` for an error, where line and column are
    /// left out if the error has no position in the code.
    pub body: String,
    /// Console output.
    pub logs: Vec<LogLine>,
    /// Details of an error, for its author.
    pub detail: Option<Detail>,
    /// The run's resource usage.
    pub usage: Usage,
}
