//! Why a run produced no outcome. A node that meets one of these does not attest: another machine might have finished the run.

use gateway_vm_protocol::Resource;
use serde::{Deserialize, Serialize};

/// The reason for an abstention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Abstention {
    /// CPU time.
    Cpu,
    /// Memory of array buffers.
    Wall,
    /// JavaScript heap.
    Heap,
    /// Memory behind array buffers.
    ArrayBuffers,
    /// A fetch failed and the code did not handle it.
    Network,
    /// The data source was unreachable or answered with something other than data, and the code did not handle it.
    Source,
    /// This node's operator has not set a secret that the code needs.
    Secret,
    /// Memory of the worker process as a whole.
    Memory,
    /// The worker process died.
    Crash,
    /// The worker process was killed for a forbidden system call.
    Sandbox,
    /// The worker violated the protocol.
    Protocol,
}

impl Abstention {
    /// Returns the name in logs, metrics and reports.
    pub fn name(self) -> &'static str {
        match self {
            Abstention::Cpu => "cpu",
            Abstention::Wall => "wall",
            Abstention::Heap => "heap",
            Abstention::ArrayBuffers => "array_buffers",
            Abstention::Network => "network",
            Abstention::Source => "source",
            Abstention::Secret => "secret",
            Abstention::Memory => "memory",
            Abstention::Crash => "crash",
            Abstention::Sandbox => "sandbox",
            Abstention::Protocol => "protocol",
        }
    }

    /// Returns whether the same job may end differently when it is run again on this machine.
    pub fn is_retryable(self) -> bool {
        match self {
            Abstention::Wall | Abstention::Network | Abstention::Source => true,
            Abstention::Cpu
            | Abstention::Heap
            | Abstention::ArrayBuffers
            | Abstention::Secret
            | Abstention::Memory
            | Abstention::Crash
            | Abstention::Sandbox
            | Abstention::Protocol => false,
        }
    }
}

impl From<Resource> for Abstention {
    fn from(resource: Resource) -> Abstention {
        match resource {
            Resource::Cpu => Abstention::Cpu,
            Resource::Wall => Abstention::Wall,
            Resource::Heap => Abstention::Heap,
            Resource::ArrayBuffers => Abstention::ArrayBuffers,
            Resource::Network => Abstention::Network,
            Resource::Source => Abstention::Source,
            Resource::Secret => Abstention::Secret,
        }
    }
}

impl std::fmt::Display for Abstention {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
