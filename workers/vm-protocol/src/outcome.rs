//! How a run can end. An [`OutcomeClass`] is the same on every node and may be attested; a [`Resource`] is a
//! fact about one machine, and a node that meets one abstains.

use gateway_api::OutcomeClass;
use serde::{Deserialize, Serialize};

/// A resource of the machine that a run used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// CPU time.
    Cpu,
    /// Wall-clock time.
    Wall,
    /// JavaScript heap.
    Heap,
    /// Memory behind array buffers.
    ArrayBuffers,
    /// The network: a fetch failed and the code did not handle it.
    Network,
    /// The source of the data: out of reach, or it answered something else than data.
    Source,
    /// A secret that the operator of this node has not set.
    Secret,
}

impl Resource {
    /// The resource's name in logs and reports.
    pub fn name(self) -> &'static str {
        match self {
            Resource::Cpu => "cpu",
            Resource::Wall => "wall",
            Resource::Heap => "heap",
            Resource::ArrayBuffers => "array_buffers",
            Resource::Network => "network",
            Resource::Source => "source",
            Resource::Secret => "secret",
        }
    }
}

impl std::fmt::Display for Resource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Ending {
    /// An outcome that every honest node sees alike.
    Outcome {
        /// Its class.
        class: OutcomeClass,
        /// Canonical JSON: the value, or an error object.
        body: String,
    },
    /// A resource ran out.
    Exhausted {
        /// Which.
        resource: Resource,
        /// What the run was doing, in words.
        text: String,
        /// Where the code was when it was stopped.
        site: Option<StopSite>,
    },
}

/// Where the code was when a limit stopped it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopSite {
    /// Function, empty for top-level code.
    pub function: String,
    /// Line, counted from 1.
    pub line: u32,
    /// Column, counted from 1.
    pub column: u32,
}

/// What an author wants to read about an error and no outcome depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// The line of the code the error points at.
    pub source_line: String,
    /// Frames, innermost first, as `function (file:line:column)`.
    pub stack: Vec<String>,
}

/// What a run used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// CPU time of the run, microseconds.
    pub cpu_us: u64,
    /// Time from start to end, microseconds.
    pub wall_us: u64,
    /// JavaScript heap in use at the end, bytes.
    pub heap_bytes: u64,
    /// Most memory behind array buffers at one time, bytes.
    pub array_buffer_bytes: u64,
    /// Console output, bytes, including what was dropped.
    pub log_bytes: u64,
    /// Timers started.
    pub timers: u32,
    /// Web requests started.
    pub fetches: u32,
    /// Response bodies received, bytes.
    pub fetch_bytes: u64,
}

/// The last frame of a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Done {
    /// How it ended.
    pub ending: Ending,
    /// More about an error.
    pub detail: Option<Detail>,
    /// What it used.
    pub usage: Usage,
    /// Whether this process can run another job; a worker that had to stop code by force says no.
    pub reusable: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_serialised_form() {
        for resource in [
            Resource::Cpu,
            Resource::Wall,
            Resource::Heap,
            Resource::ArrayBuffers,
            Resource::Network,
            Resource::Source,
            Resource::Secret,
        ] {
            assert_eq!(serde_json::to_value(resource).unwrap(), resource.name());
        }
    }
}
