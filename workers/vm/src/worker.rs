//! The worker's main: set-up in the order that safety and V8 ask for, then one thread that reads frames and
//! watches the clocks, and one that runs JavaScript.

use std::io::ErrorKind;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use gateway_vm_protocol::{
    FromWorker, Hello, Limits, MAX_TO_WORKER, PROTOCOL_VERSION, Profile, ToWorker, WORKER_SUBCOMMAND,
    read_frame,
};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::link::{Link, leave};
use crate::sandbox::{Layers, probe::Probe};
use crate::snapshot::Snapshot;
use crate::{engine, identity, interpose, isolate, last_word, run, stop};

/// Stack of the JavaScript thread, bytes; V8 uses 900 KiB of it and native code the rest.
const JS_STACK: usize = 4 << 20;

/// How often the watchdog looks at a run's clocks.
const WATCH: Duration = Duration::from_millis(5);

/// Whether a job is running, for the watchdog.
static BUSY: AtomicBool = AtomicBool::new(false);

/// Why a worker could not start.
#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error("unknown argument {0:?}")]
    Argument(String),
    #[error(transparent)]
    Engine(#[from] engine::EngineError),
    #[error("the executable's clock and tanh are not the ones that results need")]
    NotInterposed,
    #[error("the JavaScript half of the host does not start")]
    Bootstrap,
    #[error("descriptor 0: {0}")]
    Descriptor(#[from] std::io::Error),
    #[error("frame: {0}")]
    Frame(#[from] gateway_vm_protocol::FrameError),
}

/// Runs a worker until its daemon goes away. Must be called before any thread exists.
pub fn worker_main() -> ExitCode {
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Before the first frame nobody listens on the socket; the daemon shows what is said here.
            eprintln!("vm worker: {error}");
            // Not through the exit handlers: they do more than the system-call filter lets pass.
            leave(3)
        }
    }
}

fn start() -> Result<(), StartError> {
    let arguments = arguments()?;
    let mut layers = Layers::default();
    layers.before_v8();
    engine::start(arguments.profile)?;
    interpose::pin(0);
    if !interpose::in_force() {
        return Err(StartError::NotInterposed);
    }
    let stream = UnixStream::from(descriptor()?);
    let reader = stream.try_clone()?;
    let link = Link::new(stream);
    last_word::goes_to(&link);
    layers.before_threads();
    let (jobs, inbox) = sync_channel(64);
    let (ready, is_ready) = sync_channel(1);
    let js = link.clone();
    std::thread::Builder::new()
        .name("js".to_owned())
        .stack_size(JS_STACK)
        .spawn(move || javascript(&inbox, &js, &ready))?;
    is_ready.recv().map_err(|_| StartError::Bootstrap)?;
    if let Some(probe) = arguments.probe {
        println!("{}", probe.behind_the_filter());
    }
    layers.before_code(arguments.profile);
    if let Some(probe) = arguments.probe {
        println!("{}", probe.at_the_filter());
    }
    link.send(&FromWorker::Hello(Hello {
        protocol: PROTOCOL_VERSION,
        engine_id: identity::engine_id(arguments.profile),
        v8_version: v8::V8::get_version().to_owned(),
        layers: layers.active,
        missing_layers: layers.missing,
    }))?;
    watch(reader, &jobs)
}

#[derive(Default)]
struct Arguments {
    profile: Profile,
    probe: Option<Probe>,
}

fn arguments() -> Result<Arguments, StartError> {
    let mut arguments = Arguments::default();
    for text in std::env::args().skip(1).filter(|a| a != WORKER_SUBCOMMAND) {
        if let Some(profile) = text.strip_prefix("--profile=").and_then(Profile::parse) {
            arguments.profile = profile;
        } else if let Some(probe) = text.strip_prefix("--probe=").and_then(Probe::parse) {
            arguments.probe = Some(probe);
        } else {
            return Err(StartError::Argument(text));
        }
    }
    Ok(arguments)
}

fn descriptor() -> Result<OwnedFd, std::io::Error> {
    std::io::stdin().as_fd().try_clone_to_owned()
}

/// Reads frames and looks at the clocks of the running job.
fn watch(mut reader: UnixStream, jobs: &SyncSender<ToWorker>) -> Result<(), StartError> {
    loop {
        let timeout = if BUSY.load(Ordering::Acquire) {
            PollTimeout::try_from(WATCH).unwrap_or(PollTimeout::ZERO)
        } else {
            PollTimeout::NONE
        };
        let mut fds = [PollFd::new(reader.as_fd(), PollFlags::POLLIN)];
        let ready = match poll(&mut fds, timeout) {
            Ok(n) => n > 0,
            Err(nix::errno::Errno::EINTR) => false,
            Err(errno) => return Err(StartError::Descriptor(errno.into())),
        };
        if ready {
            match read_frame::<ToWorker>(&mut reader, MAX_TO_WORKER) {
                Ok(ToWorker::Stop(resource)) => stop::stop(resource),
                Ok(frame) => {
                    if matches!(frame, ToWorker::Job(_)) {
                        BUSY.store(true, Ordering::Release);
                    }
                    if jobs.send(frame).is_err() {
                        leave(4);
                    }
                }
                Err(gateway_vm_protocol::FrameError::Closed) => leave(0),
                Err(gateway_vm_protocol::FrameError::Io(e)) if e.kind() == ErrorKind::UnexpectedEof => {
                    leave(0)
                }
                Err(error) => return Err(error.into()),
            }
        }
        if let Some(resource) = stop::look() {
            // The JavaScript thread may be waiting for a fetch; this wakes it.
            let _ = jobs.try_send(ToWorker::Stop(resource));
        }
    }
}

/// The JavaScript thread: one job after another.
fn javascript(inbox: &Receiver<ToWorker>, link: &Link, ready: &SyncSender<()>) {
    // The first isolate makes V8 allocate and look up what later ones share, while the system still answers.
    let Some(snapshot) = Snapshot::take().filter(|snapshot| run::warm_up(*snapshot)) else { return };
    if ready.send(()).is_err() {
        return;
    }
    // The isolate of the next job is made after the answer to the last one, so that a job need not wait for it.
    let mut next = isolate::create(&Limits::default(), snapshot);
    while let Ok(frame) = inbox.recv() {
        // Answers to fetches of a job that is over are dropped here.
        let ToWorker::Job(job) = frame else { continue };
        let limits = job.limits.clone();
        if !next.fits(&limits) {
            // There may be one at a time.
            drop(next);
            next = isolate::create(&limits, snapshot);
        }
        let done = run::execute(*job, &mut next, link, inbox);
        BUSY.store(false, Ordering::Release);
        if link.send(&FromWorker::Done(Box::new(done))).is_err() {
            leave(0);
        }
        drop(next);
        next = isolate::create(&limits, snapshot);
    }
    leave(0);
}
