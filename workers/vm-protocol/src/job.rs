//! A job: code, its input, what it may use and what is pinned for it.

use serde::{Deserialize, Serialize};

/// How V8 compiles the code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// Interpreter only: no executable memory is ever made. The default.
    #[default]
    Jitless,
    /// All compilers, for code that computes a lot.
    Jit,
}

impl Profile {
    /// The profile's name in configuration, on the command line and in manifests.
    pub fn name(self) -> &'static str {
        match self {
            Profile::Jitless => "jitless",
            Profile::Jit => "jit",
        }
    }

    /// The profile of this name.
    pub fn parse(name: &str) -> Option<Profile> {
        [Profile::Jitless, Profile::Jit].into_iter().find(|p| p.name() == name)
    }
}

/// What one run may use. Every field is a hard bound; `docs/vm.md` has the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// CPU time, milliseconds.
    pub cpu_ms: u32,
    /// Time from start to end including waiting for fetches, milliseconds.
    pub wall_ms: u32,
    /// JavaScript heap, bytes.
    pub heap_bytes: u32,
    /// Memory behind array buffers, bytes.
    pub array_buffer_bytes: u32,
    /// Canonical JSON of the result, bytes.
    pub output_bytes: u32,
    /// Console output, bytes; what is above is dropped.
    pub log_bytes: u32,
    /// Timers that may be started.
    pub timers: u32,
    /// Web requests that may be started.
    pub fetches: u32,
    /// One response body after decompression, bytes.
    pub fetch_bytes: u32,
    /// All response bodies together, bytes.
    pub fetch_total_bytes: u32,
    /// One web request from start to last byte, milliseconds.
    pub fetch_ms: u32,
    /// A request body, bytes.
    pub fetch_body_bytes: u32,
    /// The code, bytes.
    pub code_bytes: u32,
    /// The input, bytes.
    pub input_bytes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            cpu_ms: 2_000,
            wall_ms: 15_000,
            heap_bytes: 64 << 20,
            array_buffer_bytes: 32 << 20,
            output_bytes: 64 << 10,
            log_bytes: 64 << 10,
            timers: 1_000,
            fetches: 8,
            fetch_bytes: 2 << 20,
            fetch_total_bytes: 8 << 20,
            fetch_ms: 9_000,
            fetch_body_bytes: 30 << 10,
            code_bytes: 1 << 20,
            input_bytes: 256 << 10,
        }
    }
}

/// What to do with the code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Task {
    /// Run it.
    #[default]
    Run,
    /// Compile it and look for its entry, but run nothing.
    Check,
}

/// A job as it crosses to the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobSpec {
    /// Run or check.
    pub task: Task,
    /// The code, verbatim behind `code_prefix`.
    pub code: String,
    /// Characters before the author's own on the first line: a platform's wrapper. Columns there count from behind them.
    pub code_prefix: u32,
    /// SHA-256 of the code; names it in stack traces.
    pub code_hash: [u8; 32],
    /// Input as JSON text.
    pub input: String,
    /// What clocks read, nanoseconds since 1970.
    pub now_ns: u64,
    /// Seed of all randomness the code can see.
    pub seed: [u8; 32],
    /// What the run may use.
    pub limits: Limits,
}
