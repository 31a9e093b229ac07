//! One worker process: its start, its frames, its end.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use gateway_vm_protocol::{
    FrameError, FromWorker, HEADER_BYTES, Hello, MAX_FROM_WORKER, MAX_TO_WORKER, PROTOCOL_VERSION, Profile,
    ToWorker, decode, encode, frame_length,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};

use crate::config::EngineConfig;

/// Most of what a dying worker said on its error stream, bytes.
const MAX_STDERR: u64 = 2_048;

/// Why a worker could not be started.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// The executable could not be started.
    #[error("cannot start the VM worker {program}: {source}")]
    Start {
        /// The executable.
        program: String,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The process ended, or spoke nonsense, before it was ready.
    #[error("the VM worker did not become ready: {reason}")]
    NotReady {
        /// What it said or did.
        reason: String,
    },
    /// The worker speaks another version of the protocol.
    #[error("the VM worker speaks protocol {theirs}, this engine {PROTOCOL_VERSION}")]
    Version {
        /// The worker's version.
        theirs: u32,
    },
}

/// A running worker.
pub(crate) struct WorkerProcess {
    child: Child,
    stream: UnixStream,
    buffer: BytesMut,
    pub(crate) hello: Hello,
    pub(crate) profile: Profile,
    /// Project whose jobs it has run, none for a fresh one.
    pub(crate) project: Option<u64>,
    pub(crate) jobs: u32,
}

impl WorkerProcess {
    /// Starts a worker and waits until it is ready.
    pub(crate) async fn spawn(config: &EngineConfig, profile: Profile) -> Result<WorkerProcess, SpawnError> {
        let program = config.worker.program.display().to_string();
        let start = |source| SpawnError::Start { program: program.clone(), source };
        let (ours, theirs) = std::os::unix::net::UnixStream::pair().map_err(start)?;
        ours.set_nonblocking(true).map_err(start)?;
        let stream = UnixStream::from_std(ours).map_err(start)?;
        let child = Command::new(&config.worker.program)
            .args(&config.worker.args)
            .arg(format!("--profile={}", profile.name()))
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(std::os::fd::OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(start)?;
        let hello = Hello {
            protocol: 0,
            engine_id: [0; 32],
            v8_version: String::new(),
            layers: Vec::new(),
            missing_layers: Vec::new(),
        };
        let mut worker =
            WorkerProcess { child, stream, buffer: BytesMut::new(), hello, profile, project: None, jobs: 0 };
        match tokio::time::timeout(config.start_timeout, worker.receive()).await {
            Ok(Ok(FromWorker::Hello(hello))) if hello.protocol == PROTOCOL_VERSION => {
                worker.hello = hello;
                Ok(worker)
            }
            Ok(Ok(FromWorker::Hello(hello))) => Err(SpawnError::Version { theirs: hello.protocol }),
            Ok(Ok(_)) => Err(SpawnError::NotReady { reason: "its first frame is no greeting".to_owned() }),
            Ok(Err(error)) => Err(SpawnError::NotReady { reason: worker.last_words(error).await }),
            Err(_) => Err(SpawnError::NotReady { reason: "it said nothing in time".to_owned() }),
        }
    }

    /// What a worker that failed to start left behind.
    async fn last_words(&mut self, error: FrameError) -> String {
        let mut text = String::new();
        if let Some(stderr) = self.child.stderr.take() {
            let read = stderr.take(MAX_STDERR);
            let mut read = std::pin::pin!(read);
            // It is only a better message; a worker that keeps its stream open gets no more time.
            let _ = tokio::time::timeout(Duration::from_secs(1), read.read_to_string(&mut text)).await;
        }
        if text.is_empty() { error.to_string() } else { text.trim_end().to_owned() }
    }

    /// Sends a frame.
    pub(crate) async fn send(&mut self, frame: &ToWorker) -> Result<(), FrameError> {
        let bytes = encode(frame, MAX_TO_WORKER)?;
        self.stream.write_all(&bytes).await?;
        Ok(())
    }

    /// Receives a frame. May be cancelled and called again without losing a byte.
    pub(crate) async fn receive(&mut self) -> Result<FromWorker, FrameError> {
        loop {
            if let Some(header) = self.buffer.first_chunk::<HEADER_BYTES>() {
                let length = frame_length(*header, MAX_FROM_WORKER)?;
                let end = HEADER_BYTES.saturating_add(length);
                if let Some(body) = self.buffer.get(HEADER_BYTES..end) {
                    let frame = decode(body);
                    self.buffer.advance(end);
                    return frame;
                }
                self.buffer.reserve(end.saturating_sub(self.buffer.len()));
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(FrameError::Closed);
            }
        }
    }

    /// Memory of the process that is in use now, bytes; `None` where the system does not tell.
    pub(crate) fn resident_bytes(&self) -> Option<u64> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()?)).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
        kilobytes.checked_mul(1_024)
    }

    /// Kills the process, whatever it is doing, and waits until it is gone.
    pub(crate) async fn kill(mut self) -> Option<ExitStatus> {
        // An error means that it is gone already.
        let _ = self.child.start_kill();
        self.child.wait().await.ok()
    }

    /// Waits for a process that has closed its socket to end by itself; kills it after `grace`.
    pub(crate) async fn reap(mut self, grace: Duration) -> Option<ExitStatus> {
        match tokio::time::timeout(grace, self.child.wait()).await {
            Ok(status) => status.ok(),
            Err(_) => self.kill().await,
        }
    }
}
