//! The worker's main: set-up in the order that safety and V8 ask for, then one thread that watches
//! clocks, and one that reads frames and runs JavaScript.

use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

use gateway_vm_protocol::{
    FromWorker, Hello, Limits, PROTOCOL_VERSION, Profile, SnapshotFile, WORKER_SUBCOMMAND,
};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::compile::Known;
use crate::inbox::Inbox;
use crate::link::{Link, leave};
use crate::sandbox::{Layers, probe::Probe};
use crate::snapshot::Snapshot;
use crate::{engine, fatal_report, identity, interpose, isolate, run, stack, stop};

/// Stack of the JavaScript thread, bytes: room for Rust, 900 KiB for V8, and the rest for native code that runs when
/// V8's part is nearly used up.
const JS_STACK: usize = 4 << 20;

/// How often the watchdog looks at a run's clocks.
const WATCH: Duration = Duration::from_millis(5);

/// How often it looks whether there is a run. Nobody wakes it for one: that would cost every short run more than it
/// takes, and a long one is noticed soon enough.
const IDLE: Duration = Duration::from_millis(50);

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
    let inbox = Inbox::new(stream.try_clone()?);
    let link = Link::new(stream);
    fatal_report::goes_to(&link);
    layers.before_threads();
    // A meeting: the thread says that it is ready, and then waits to be sent off.
    let (ready, is_ready) = sync_channel(0);
    let js = link.clone();
    let engine_id = identity::engine_id(arguments.profile);
    let file = arguments.snapshot;
    std::thread::Builder::new().name("js".to_owned()).stack_size(JS_STACK).spawn(move || {
        stack::reserve();
        if let Some(snapshot) = Snapshot::of(file, &engine_id) {
            javascript(inbox, &js, &ready, snapshot);
        }
    })?;
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
        engine_id,
        v8_version: v8::V8::get_version().to_owned(),
        layers: layers.active,
        missing_layers: layers.missing,
    }))?;
    is_ready.recv().map_err(|_| StartError::Bootstrap)?;
    watch()
}

#[derive(Default)]
struct Arguments {
    profile: Profile,
    /// What to do with the daemon's file for the snapshot, if there is one.
    snapshot: Option<SnapshotFile>,
    probe: Option<Probe>,
}

fn arguments() -> Result<Arguments, StartError> {
    let mut arguments = Arguments::default();
    for text in std::env::args().skip(1).filter(|a| a != WORKER_SUBCOMMAND) {
        if let Some(profile) = text.strip_prefix("--profile=").and_then(Profile::parse) {
            arguments.profile = profile;
        } else if let Some(file) = text.strip_prefix(SnapshotFile::ARGUMENT).and_then(SnapshotFile::parse) {
            arguments.snapshot = Some(file);
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

/// Looks at the clocks of every run, and whether the daemon is still there.
fn watch() -> Result<(), StartError> {
    let socket = std::io::stdin();
    loop {
        let pace = if stop::is_running() { WATCH } else { IDLE };
        let timeout = PollTimeout::try_from(pace).unwrap_or(PollTimeout::ZERO);
        // Asks for nothing, so only the end of the connection is noticed; the wait is the watchdog's pace.
        let mut fds = [PollFd::new(socket.as_fd(), PollFlags::empty())];
        match poll(&mut fds, timeout) {
            Ok(0) | Err(nix::errno::Errno::EINTR) => stop::look(),
            Ok(_) => leave(0),
            Err(errno) => return Err(StartError::Descriptor(errno.into())),
        }
    }
}

/// The JavaScript thread: one job after another.
fn javascript(mut inbox: Inbox, link: &Link, ready: &SyncSender<()>, snapshot: Snapshot) {
    isolate::keep_one(snapshot);
    // The first isolate makes V8 allocate and look up what later ones share, while the system still answers.
    let mut next = isolate::create(&Limits::default(), snapshot);
    if next.is_none() || ready.send(()).is_err() || ready.send(()).is_err() {
        return;
    }
    let mut known = Known::default();
    loop {
        let job = inbox.job();
        let limits = job.limits.clone();
        // There may be one at a time, so the one that is not wanted goes first.
        let fitting = next.take().filter(|fresh| fresh.fits(&limits));
        let Some(mut fresh) = fitting.or_else(|| isolate::create(&limits, snapshot)) else { leave(5) };
        let done = run::execute(*job, &mut fresh, &mut known, link, &mut inbox);
        if link.send(&FromWorker::Done(Box::new(done))).is_err() {
            leave(0);
        }
        // The daemon's thread, which the result wakes, tends to be put on this processor: without this it would wait there
        // until the next isolate is ready, ten times as long as a small run takes.
        std::thread::yield_now();
        drop(fresh);
        // Made after the answer to the last job, so that the next one need not wait for it.
        next = isolate::create(&limits, snapshot);
    }
}
