//! What the benchmarks of this crate look at inside a worker, without its process, socket and walls. Nothing that runs strangers'
//! code may use it.

use gateway_vm_protocol::{Limits, Profile};

use crate::snapshot::Snapshot;
use crate::{canon, engine, isolate};

/// V8 as a worker starts it, in the calling process. One may exist in a process, on its main thread.
#[derive(Clone, Copy, Debug)]
pub struct Bare {
    snapshot: Snapshot,
}

impl Bare {
    /// Starts V8 and runs the bootstrap; `None` where either fails.
    #[must_use]
    pub fn start(profile: Profile) -> Option<Bare> {
        engine::start(profile).ok()?;
        let snapshot = Snapshot::take()?;
        isolate::keep_one(snapshot);
        Some(Bare { snapshot })
    }

    /// Makes the isolate and the context of a run and throws both away; false where that fails.
    #[must_use]
    pub fn fresh_isolate(&self) -> bool {
        isolate::create(&Limits::default(), self.snapshot).is_some()
    }
}

/// Canonical text of a JSON document; `None` where it has none.
#[must_use]
pub fn canonical(json: &str) -> Option<String> {
    canon::canonical(json).ok()
}
