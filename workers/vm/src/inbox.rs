//! The worker's reading end of the connection to its daemon. The thread that runs JavaScript reads it, so that no frame has to be
//! passed from thread to thread. A closed connection or a malformed frame ends the process.

use std::io::ErrorKind;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use gateway_vm_protocol::{
    FetchFailure, FetchResponse, FrameError, JobSpec, MAX_TO_WORKER, ToWorker, read_frame,
};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::link::leave;
use crate::stop;

/// What the daemon says of a fetch.
pub(crate) enum FetchReport {
    /// Its answer, and how long it took.
    Answer { id: u32, took_ms: u32, result: Result<FetchResponse, FetchFailure> },
    /// There is none within the time that was asked about.
    Late { id: u32 },
}

/// How often a run that waits for an answer looks whether it is being stopped.
const LOOK: Duration = Duration::from_millis(5);

/// How long a run looks for an answer before it goes to sleep: answers that are at hand come within it.
const SPIN: Duration = Duration::from_micros(60);

/// Reading half.
pub(crate) struct Inbox {
    stream: UnixStream,
    /// Zero where there is one processor, which the daemon needs to answer.
    spin: Duration,
}

impl Inbox {
    pub(crate) fn new(stream: UnixStream) -> Inbox {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Inbox { stream, spin: if processors > 1 { SPIN } else { Duration::ZERO } }
    }

    /// Waits for the next job. Answers to fetches of one that is over are dropped here.
    pub(crate) fn job(&mut self) -> Box<JobSpec> {
        loop {
            if let ToWorker::Job(job) = self.frame() {
                return job;
            }
        }
    }

    /// Waits for what the daemon says next of a fetch; `None` when the run is stopped meanwhile.
    pub(crate) fn answer(&mut self) -> Option<FetchReport> {
        let began = Instant::now();
        while stop::reason().is_none() {
            let asleep = began.elapsed() >= self.spin;
            if !self.has_more(if asleep { LOOK } else { Duration::ZERO }) {
                if !asleep {
                    std::thread::yield_now();
                }
                continue;
            }
            match self.frame() {
                ToWorker::Fetched { id, took_ms, result } => {
                    return Some(FetchReport::Answer { id, took_ms, result });
                }
                ToWorker::Late { id } => return Some(FetchReport::Late { id }),
                ToWorker::Job(_) => {}
            }
        }
        None
    }

    /// Whether there is something to read, or will be within this time.
    fn has_more(&self, within: Duration) -> bool {
        let mut fds = [PollFd::new(self.stream.as_fd(), PollFlags::POLLIN)];
        let timeout = PollTimeout::try_from(within).unwrap_or(PollTimeout::ZERO);
        // A call that was interrupted is made again.
        poll(&mut fds, timeout).unwrap_or(0) > 0
    }

    fn frame(&mut self) -> ToWorker {
        match read_frame(&mut self.stream, MAX_TO_WORKER) {
            Ok(frame) => frame,
            Err(FrameError::Closed) => leave(0),
            Err(FrameError::Io(e)) if e.kind() == ErrorKind::UnexpectedEof => leave(0),
            Err(error) => {
                eprintln!("vm worker: {error}");
                leave(3)
            }
        }
    }
}
