//! The start-up snapshot: a heap in which the bootstrap has already run, made once and before any code of strangers, so that
//! a run's isolate starts where the bootstrap ended.
//!
//! It is this worker's own, or that of the daemon's first worker of this engine id.

use std::borrow::Cow;

use gateway_vm_protocol::SnapshotFile;

use crate::runtime::Runtime;
use crate::{host, shared_snapshot};

/// A heap to start isolates from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Snapshot {
    blob: &'static [u8],
}

impl Snapshot {
    /// The snapshot of the daemon's file, or one that is made here; `None` when V8 refuses.
    pub(crate) fn of(file: Option<SnapshotFile>, engine_id: &[u8; 32]) -> Option<Snapshot> {
        let snapshot = match file {
            None => return Snapshot::take(),
            Some(SnapshotFile::Read) => match shared_snapshot::read(engine_id) {
                Some(blob) => Snapshot { blob },
                None => Snapshot::take()?,
            },
            Some(SnapshotFile::Write) => {
                let made = Snapshot::take()?;
                shared_snapshot::write(made.blob, engine_id);
                made
            }
        };
        shared_snapshot::close().ok()?;
        Some(snapshot)
    }

    /// Runs the bootstrap and takes the snapshot; `None` when V8 refuses.
    pub(crate) fn take() -> Option<Snapshot> {
        let mut creator = v8::Isolate::snapshot_creator(Some(host::external_references()), None);
        let built = {
            v8::scope!(let scope, &mut creator);
            let context = v8::Context::new(scope, v8::ContextOptions::default());
            let scope = &mut v8::ContextScope::new(scope, context);
            let runtime = Runtime::install(scope);
            let rehearsed = runtime.and_then(|runtime| runtime.rehearse(scope));
            if let Some(runtime) = runtime {
                scope.add_context_data(context, runtime.object());
            }
            scope.set_default_context(context);
            rehearsed.is_some()
        };
        // A creator must make its blob even when the blob is not wanted.
        let blob = creator.create_blob(v8::FunctionCodeHandling::Keep)?;
        // One blob for the life of the process, shared by every isolate.
        let blob: &'static [u8] = Box::leak(blob.to_vec().into_boxed_slice());
        built.then_some(Snapshot { blob })
    }

    /// Start parameters of an isolate.
    pub(crate) fn params(self) -> v8::CreateParams {
        v8::CreateParams::default()
            .snapshot_blob(v8::StartupData::from(Cow::Borrowed(self.blob)))
            .external_references(host::external_references())
    }
}
