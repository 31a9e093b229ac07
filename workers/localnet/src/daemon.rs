//! One daemon as a child process: started with its configuration file, logging to a file, stopped or killed.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, Command};

use crate::LocalnetError;

/// How long a daemon may take to stop after being asked to.
const STOP_LIMIT: Duration = Duration::from_secs(15);
/// How much of a dead daemon's log an error shows, in bytes.
const TAIL_BYTES: i64 = 4096;

/// A daemon.
#[derive(Debug)]
pub struct Daemon {
    name: String,
    program: PathBuf,
    args: Vec<String>,
    log: PathBuf,
    environment: Vec<(&'static str, PathBuf)>,
    child: Mutex<Option<Child>>,
}

impl Daemon {
    /// Describes a daemon; nothing is started yet. Its output goes to `<home>/<name>.log`.
    #[must_use]
    pub fn new(name: &str, program: &Path, args: &[&str], home: &Path) -> Self {
        Self {
            name: name.to_owned(),
            program: program.to_owned(),
            args: args.iter().map(|&a| a.to_owned()).collect(),
            log: home.join(format!("{name}.log")),
            environment: Vec::new(),
            child: Mutex::new(None),
        }
    }

    /// Sets an environment variable, from its next start on.
    pub(crate) fn set_environment(&mut self, name: &'static str, value: &Path) {
        self.environment.push((name, value.to_owned()));
    }

    /// Returns the process id, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child().as_ref().and_then(Child::id)
    }

    /// Returns the daemon's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the path of its log.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Starts the process; it is killed at the latest with this process.
    ///
    /// # Errors
    /// [`LocalnetError::File`] if the log cannot be opened, [`LocalnetError::Start`].
    pub fn start(&mut self) -> Result<(), LocalnetError> {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.log)
            .map_err(LocalnetError::file(&self.log))?;
        let errors = log.try_clone().map_err(LocalnetError::file(&self.log))?;
        let child = Command::new(&self.program)
            .args(&self.args)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            // A terminal's Ctrl-C goes to the whole group; the children are stopped by us, in order.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|source| LocalnetError::Start { name: self.name.clone(), source })?;
        *self.child() = Some(child);
        Ok(())
    }

    fn child(&self) -> MutexGuard<'_, Option<Child>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether it runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.child().as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// Returns an error that says how it ended, if it was started and has ended by itself.
    ///
    /// # Errors
    /// [`LocalnetError::Died`] if it has ended by itself.
    pub fn check(&self) -> Result<(), LocalnetError> {
        let status = match self.child().as_mut().map(Child::try_wait) {
            None | Some(Ok(None)) => return Ok(()),
            Some(Ok(Some(status))) => status.to_string(),
            Some(Err(error)) => error.to_string(),
        };
        Err(LocalnetError::Died {
            name: self.name.clone(),
            status,
            log: self.log.clone(),
            tail: tail(&self.log),
        })
    }

    /// Kills it at once, as a power cut would, and waits until it is gone.
    pub async fn kill(&mut self) {
        let child = self.child().take();
        if let Some(mut child) = child {
            // It may already have ended, which is fine.
            let _ = child.kill().await;
        }
    }

    /// Asks it to stop and waits; kills it if it takes too long.
    ///
    /// # Errors
    /// [`LocalnetError::Died`] if it had to be killed, or ended with a failure.
    pub async fn stop(&mut self) -> Result<(), LocalnetError> {
        let child = self.child().take();
        let Some(mut child) = child else { return Ok(()) };
        if let Some(pid) = child.id().and_then(|pid| i32::try_from(pid).ok()) {
            // It may already have ended; the wait below finds out.
            let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
        let status = match tokio::time::timeout(STOP_LIMIT, child.wait()).await {
            Ok(Ok(status)) if status.success() => return Ok(()),
            Ok(Ok(status)) => status.to_string(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => {
                // Killed as a last resort, which is reported below.
                let _ = child.kill().await;
                format!("did not stop within {} s and was killed", STOP_LIMIT.as_secs())
            }
        };
        Err(LocalnetError::Died {
            name: self.name.clone(),
            status,
            log: self.log.clone(),
            tail: tail(&self.log),
        })
    }
}

/// Returns the last lines of a log; empty if it cannot be read.
fn tail(path: &Path) -> String {
    let mut text = String::new();
    if let Ok(mut file) = File::open(path) {
        let length = file.metadata().map(|m| i64::try_from(m.len()).unwrap_or(0)).unwrap_or(0);
        let from = u64::try_from(length.saturating_sub(TAIL_BYTES)).unwrap_or(0);
        let mut bytes = Vec::new();
        // A device has no length, and may have no end.
        let bound = TAIL_BYTES.unsigned_abs();
        if file.seek(SeekFrom::Start(from)).is_ok() && file.take(bound).read_to_end(&mut bytes).is_ok() {
            text = String::from_utf8_lossy(&bytes).into_owned();
        }
    }
    text
}
