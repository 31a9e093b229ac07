//! The worker's end of the connection to its daemon. Writes block; a daemon that is gone ends the process.

use std::io;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};

use gateway_vm_protocol::{FromWorker, MAX_FROM_WORKER, write_frame};

/// Writing half, shared by the JavaScript thread and the main thread.
#[derive(Clone)]
pub(crate) struct Link {
    stream: Arc<Mutex<UnixStream>>,
}

impl Link {
    pub(crate) fn new(stream: UnixStream) -> Link {
        Link { stream: Arc::new(Mutex::new(stream)) }
    }

    /// Sends a frame; a failure means that nobody is listening any more.
    pub(crate) fn send(&self, message: &FromWorker) -> io::Result<()> {
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        write_frame(&mut *stream, message, MAX_FROM_WORKER).map_err(io::Error::other)
    }
}

/// Ends the process at once: no destructors, no teardown of V8, nothing that could hang.
#[allow(unsafe_code)]
pub(crate) fn leave(status: i32) -> ! {
    // SAFETY: ends the process.
    unsafe { nix::libc::_exit(status) }
}
