//! One worker process: its start, its frames, its end. The system's figures about it are in `vitals`.

use std::os::fd::{AsRawFd, OwnedFd};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use bytes::{Buf, BytesMut};
use gateway_vm_protocol::{
    FrameError, FromWorker, HEADER_BYTES, Hello, MAX_FROM_WORKER, MAX_TO_WORKER, PROTOCOL_VERSION, Profile,
    SnapshotFile, ToWorker, decode, encode, frame_length,
};
use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, recv};
use tokio::io::{AsyncRead, AsyncReadExt, Interest};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use crate::config::{EngineConfig, SandboxMode};
use crate::spin::Pace;
use crate::vitals::Vitals;

/// Bytes kept of a worker's error stream; the rest is read and dropped.
const MAX_STDERR: usize = 2_048;

/// The layer without which a strict engine uses no worker.
const REQUIRED_LAYER: &str = "seccomp";

/// Why a worker could not be started.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// The executable could not be started.
    #[error("cannot start the VM worker {program}: {source}")]
    Start {
        /// The executable.
        program: String,
        /// The system's error.
        source: std::io::Error,
    },
    /// The process ended, or violated the protocol, before it was ready.
    #[error("the VM worker did not become ready: {reason}")]
    NotReady {
        /// What it reported or did.
        reason: String,
    },
    /// The worker uses another protocol version.
    #[error("the VM worker has protocol version {theirs}, this engine {PROTOCOL_VERSION}")]
    Version {
        /// The worker's version.
        theirs: u32,
    },
    /// The executable is no longer the one this engine was started with: it may compute differently.
    #[error(
        "the VM worker's executable has changed: its engine id is {theirs}, this engine was started with {ours}; restart the daemon"
    )]
    Replaced {
        /// The new worker's engine id, hexadecimal.
        theirs: String,
        /// The engine id of the first worker, hexadecimal.
        ours: String,
    },
    /// The system-call filter is missing in this worker and the configuration requires it.
    #[error(
        "the sandbox of a VM worker is incomplete ({missing}) and the mode is strict; set the sandbox mode to best_effort to run all the same"
    )]
    Sandbox {
        /// Missing layers with their reasons.
        missing: String,
    },
}

impl SpawnError {
    /// Returns whether starting a worker later may succeed without intervention.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            SpawnError::Start { .. } | SpawnError::NotReady { .. } => true,
            SpawnError::Version { .. } | SpawnError::Replaced { .. } | SpawnError::Sandbox { .. } => false,
        }
    }
}

/// What a worker has run, and may run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    /// Project on the chain.
    pub(crate) project: u64,
    /// SHA-256 of the code.
    pub(crate) code_hash: [u8; 32],
}

/// A running worker.
pub(crate) struct WorkerProcess {
    child: Child,
    stream: UnixStream,
    /// Received but not yet decoded.
    incoming: BytesMut,
    /// Encoded but not yet sent.
    outgoing: BytesMut,
    errors: Option<JoinHandle<String>>,
    pace: Pace,
    pub(crate) vitals: Vitals,
    pub(crate) hello: Hello,
    pub(crate) profile: Profile,
    /// Whose code it has run; `None` for a fresh one.
    pub(crate) owner: Option<Owner>,
    pub(crate) jobs: u32,
}

impl WorkerProcess {
    /// Starts a worker and waits until it is ready. With `expected`, its engine id must match. With a snapshot file, it fills
    /// or uses that.
    pub(crate) async fn spawn(
        config: &EngineConfig,
        profile: Profile,
        expected: Option<[u8; 32]>,
        snapshot: Option<(SnapshotFile, OwnedFd)>,
    ) -> Result<WorkerProcess, SpawnError> {
        let mut worker = WorkerProcess::start(config, profile, snapshot)?;
        let hello = match tokio::time::timeout(config.start_timeout, worker.receive(false)).await {
            Ok(Ok(FromWorker::Hello(hello))) => hello,
            Ok(Ok(_)) => {
                return Err(SpawnError::NotReady { reason: "its first frame is no greeting".to_owned() });
            }
            Ok(Err(error)) => return Err(SpawnError::NotReady { reason: worker.last_words(error).await }),
            Err(_) => return Err(SpawnError::NotReady { reason: "it said nothing in time".to_owned() }),
        };
        if hello.protocol != PROTOCOL_VERSION {
            return Err(SpawnError::Version { theirs: hello.protocol });
        }
        if let Some(expected) = expected.filter(|expected| *expected != hello.engine_id) {
            let (theirs, ours) = (hex::encode(hello.engine_id), hex::encode(expected));
            return Err(SpawnError::Replaced { theirs, ours });
        }
        if config.sandbox == SandboxMode::Strict && !hello.layers.iter().any(|layer| layer == REQUIRED_LAYER)
        {
            return Err(SpawnError::Sandbox { missing: hello.missing_layers.join("; ") });
        }
        worker.hello = hello;
        Ok(worker)
    }

    fn start(
        config: &EngineConfig,
        profile: Profile,
        snapshot: Option<(SnapshotFile, OwnedFd)>,
    ) -> Result<WorkerProcess, SpawnError> {
        let program = config.worker.program.display().to_string();
        let start = |source| SpawnError::Start { program: program.clone(), source };
        let (ours, theirs) = std::os::unix::net::UnixStream::pair().map_err(start)?;
        ours.set_nonblocking(true).map_err(start)?;
        let stream = UnixStream::from_std(ours).map_err(start)?;
        let mut command = Command::new(&config.worker.program);
        command.args(&config.worker.args).arg(format!("--profile={}", profile.name()));
        let stdout = match snapshot {
            Some((use_of_it, file)) => {
                command.arg(format!("{}{}", SnapshotFile::ARGUMENT, use_of_it.name()));
                Stdio::from(file)
            }
            None => Stdio::null(),
        };
        let mut child = command
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(stdout)
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(start)?;
        let errors = child.stderr.take().map(|stream| tokio::spawn(drain(stream)));
        let (vitals, pace) = (Vitals::of(child.id()), Pace::default());
        let (incoming, outgoing) = (BytesMut::new(), BytesMut::new());
        let (hello, owner, jobs) = (Hello::default(), None, 0);
        Ok(WorkerProcess {
            child,
            stream,
            incoming,
            outgoing,
            errors,
            pace,
            vitals,
            hello,
            profile,
            owner,
            jobs,
        })
    }

    /// Returns what a worker that failed to start left behind.
    async fn last_words(&mut self, error: FrameError) -> String {
        // It only improves the message; a worker that keeps its stream open gets no more time.
        let text = match self.errors.take() {
            Some(errors) => tokio::time::timeout(Duration::from_secs(1), errors).await,
            None => return error.to_string(),
        };
        match text {
            Ok(Ok(text)) if !text.is_empty() => text.trim_end().to_owned(),
            _ => error.to_string(),
        }
    }

    /// Queues a frame. [`WorkerProcess::receive`] sends what is queued whenever the worker accepts it, and keeps reading
    /// meanwhile: neither side ever waits for the other to read.
    ///
    /// # Errors
    /// [`FrameError::TooLarge`] when the frame exceeds its direction's cap.
    pub(crate) fn queue(&mut self, frame: &ToWorker) -> Result<(), FrameError> {
        self.outgoing.extend_from_slice(&encode(frame, MAX_TO_WORKER)?);
        Ok(())
    }

    /// Receives a frame, and sends what is queued. Cancel safe: it may be called again without losing a byte. If the caller
    /// waits for nothing else, it busy-waits for a fast worker.
    pub(crate) async fn receive(&mut self, for_nothing_else: bool) -> Result<FromWorker, FrameError> {
        let began = Instant::now();
        let mut spin_until = if for_nothing_else { self.pace.spin_until() } else { None };
        loop {
            if let Some(frame) = self.received()? {
                self.pace.took(began.elapsed());
                return Ok(frame);
            }
            if self.outgoing.is_empty()
                && let Some(until) = spin_until.take()
            {
                self.spin(until)?;
                continue;
            }
            let interest = if self.outgoing.is_empty() {
                Interest::READABLE
            } else {
                Interest::READABLE | Interest::WRITABLE
            };
            let ready = self.stream.ready(interest).await?;
            if ready.is_writable() && !self.outgoing.is_empty() {
                match self.stream.try_write(&self.outgoing) {
                    Ok(sent) => self.outgoing.advance(sent),
                    Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                    // A worker that is gone accepts nothing more; what it sent before is still to be read.
                    Err(_) => self.outgoing.clear(),
                }
            }
            if ready.is_readable() {
                match self.stream.try_read_buf(&mut self.incoming) {
                    Ok(0) => return Err(FrameError::Closed),
                    Ok(_) => {}
                    Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }

    /// Reads until a frame has arrived or the deadline has passed. Bypasses the runtime, which looks for bytes only afterwards.
    fn spin(&mut self, until: Instant) -> Result<(), FrameError> {
        let mut piece = [0; 4_096];
        while Instant::now() < until {
            match recv(self.stream.as_raw_fd(), &mut piece, MsgFlags::MSG_DONTWAIT) {
                Ok(0) => return Err(FrameError::Closed),
                Ok(read) => {
                    self.incoming.extend_from_slice(piece.get(..read).unwrap_or_default());
                    if self.holds_a_frame()? {
                        break;
                    }
                }
                Err(Errno::EAGAIN) => std::hint::spin_loop(),
                Err(Errno::EINTR) => {}
                Err(error) => return Err(std::io::Error::from(error).into()),
            }
        }
        Ok(())
    }

    /// Returns whether a whole frame has arrived.
    fn holds_a_frame(&self) -> Result<bool, FrameError> {
        let Some(header) = self.incoming.first_chunk::<HEADER_BYTES>() else { return Ok(false) };
        let length = frame_length(*header, MAX_FROM_WORKER)?;
        Ok(self.incoming.len() >= HEADER_BYTES.saturating_add(length))
    }

    /// Returns the next frame among the bytes that have arrived.
    fn received(&mut self) -> Result<Option<FromWorker>, FrameError> {
        let Some(header) = self.incoming.first_chunk::<HEADER_BYTES>() else { return Ok(None) };
        let length = frame_length(*header, MAX_FROM_WORKER)?;
        let end = HEADER_BYTES.saturating_add(length);
        let Some(body) = self.incoming.get(HEADER_BYTES..end) else {
            self.incoming.reserve(end.saturating_sub(self.incoming.len()));
            return Ok(None);
        };
        let frame = decode(body);
        self.incoming.advance(end);
        frame.map(Some)
    }

    /// Kills the process, whatever it is doing, and waits until it is gone.
    pub(crate) async fn kill(mut self) -> Option<ExitStatus> {
        // An error means that it is already gone.
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

/// Reads an error stream to its end, so that no worker ever waits for a reader; returns its first bytes as text.
async fn drain(mut stream: impl AsyncRead + Unpin) -> String {
    let mut kept = Vec::new();
    let mut piece = [0; 1_024];
    // An error ends the stream just as its end does.
    while let Ok(read) = stream.read(&mut piece).await {
        if read == 0 {
            break;
        }
        let room = MAX_STDERR.saturating_sub(kept.len());
        kept.extend_from_slice(piece.get(..read.min(room)).unwrap_or_default());
    }
    let text = String::from_utf8_lossy(&kept).into_owned();
    if !text.is_empty() {
        tracing::debug!(text, "VM worker's error stream");
    }
    text
}
