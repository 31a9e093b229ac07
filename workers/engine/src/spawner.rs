//! Starts workers identical to an engine's first ones, from a start-up snapshot that those made.

use std::fs::File;
use std::os::fd::OwnedFd;

use gateway_vm_protocol::{Profile, SNAPSHOT_ROOM, SnapshotFile};
use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};

use crate::config::EngineConfig;
use crate::process::{SpawnError, WorkerProcess};

/// The reference that later workers of a profile are compared with, and start from.
struct First {
    engine_id: [u8; 32],
    /// `None` if the system has no such files; each worker then makes its own snapshot.
    snapshot: Option<File>,
}

/// Starts the workers of one engine.
pub(crate) struct Spawner {
    config: EngineConfig,
    jitless: First,
    /// `None` if the operator has disabled the profile.
    jit: Option<First>,
}

impl Spawner {
    /// Starts the first worker of each allowed profile.
    ///
    /// # Errors
    /// [`SpawnError::Start`], [`SpawnError::NotReady`] or [`SpawnError::Version`] when one does not start or uses another
    /// protocol version; [`SpawnError::Sandbox`] when one lacks layers that the configuration requires.
    pub(crate) async fn start(config: EngineConfig) -> Result<(Spawner, Vec<WorkerProcess>), SpawnError> {
        let jit = async {
            match config.jit {
                true => first(&config, Profile::Jit).await.map(Some),
                false => Ok(None),
            }
        };
        let ((jitless, worker), jit) = tokio::try_join!(first(&config, Profile::Jitless), jit)?;
        let (jit, jit_worker) = jit.unzip();
        let workers = std::iter::once(worker).chain(jit_worker).collect();
        Ok((Spawner { config, jitless, jit }, workers))
    }

    fn first(&self, profile: Profile) -> Option<&First> {
        match profile {
            Profile::Jitless => Some(&self.jitless),
            Profile::Jit => self.jit.as_ref(),
        }
    }

    /// Returns the engine id that workers of a profile must have; `None` for a disabled profile.
    pub(crate) fn engine_id(&self, profile: Profile) -> Option<[u8; 32]> {
        self.first(profile).map(|first| first.engine_id)
    }

    /// Starts a worker and waits until it is ready.
    pub(crate) async fn spawn(&self, profile: Profile) -> Result<WorkerProcess, SpawnError> {
        let first = self.first(profile);
        let snapshot = first.and_then(|first| first.snapshot.as_ref()?.try_clone().ok());
        let snapshot = snapshot.map(|file| (SnapshotFile::Read, OwnedFd::from(file)));
        WorkerProcess::spawn(&self.config, profile, first.map(|first| first.engine_id), snapshot).await
    }
}

/// Starts the first worker of a profile, which fills the file that later ones start from.
async fn first(config: &EngineConfig, profile: Profile) -> Result<(First, WorkerProcess), SpawnError> {
    let file =
        file().inspect_err(|error| tracing::debug!(%error, "each VM worker makes its own snapshot")).ok();
    let copy = file.as_ref().and_then(|file| file.try_clone().ok());
    let copy = copy.map(|file| (SnapshotFile::Write, OwnedFd::from(file)));
    let worker = WorkerProcess::spawn(config, profile, None, copy).await?;
    let snapshot = file.filter(|file| match seal(file) {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(%error, "the VM's snapshot cannot be sealed: each worker makes its own");
            false
        }
    });
    Ok((First { engine_id: worker.hello.engine_id, snapshot }, worker))
}

fn file() -> std::io::Result<File> {
    let file = File::from(memfd_create(c"vm-snapshot", MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING)?);
    file.set_len(SNAPSHOT_ROOM as u64)?;
    Ok(file)
}

/// Seals the file: from now on nobody can change it, the worker that filled it included.
fn seal(file: &File) -> std::io::Result<()> {
    let seals =
        SealFlag::F_SEAL_WRITE | SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_SEAL;
    fcntl(file, FcntlArg::F_ADD_SEALS(seals))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt;

    use super::*;

    #[test]
    fn a_sealed_file_keeps_what_it_holds() {
        let file = file().unwrap();
        file.write_at(b"snapshot", 0).unwrap();
        seal(&file).unwrap();
        assert!(file.write_at(b"other", 0).is_err() && file.set_len(0).is_err());
        let mut held = [0; 8];
        file.try_clone().unwrap().read_exact_at(&mut held, 0).unwrap();
        assert_eq!(&held, b"snapshot");
    }
}
