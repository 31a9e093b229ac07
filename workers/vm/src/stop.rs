//! Stopping a run that used up a resource: first an interrupt that notes where the code is, then termination,
//! repeatedly until V8 stops. The daemon's SIGKILL is the last resort.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use gateway_vm_protocol::{Limits, Resource, StopSite};
use nix::libc;

use crate::errors;
use crate::host::Host;

/// The run in progress, as the watchdog sees it.
struct Running {
    isolate: v8::IsolateHandle,
    started: Instant,
    cpu_start_ns: u64,
    limits: Limits,
    reason: Option<Resource>,
    site: Option<StopSite>,
    /// When it was first asked to stop.
    stopping: Option<Instant>,
    /// Whether the interrupt has been served.
    noted: bool,
}

/// How long a stopped run may take to reach the interrupt that notes its place, before it is terminated: code
/// inside a built-in reaches none.
const NOTE_TIME: Duration = Duration::from_millis(100);

/// There is one run at a time in a process.
static RUNNING: Mutex<Option<Running>> = Mutex::new(None);

fn running() -> MutexGuard<'static, Option<Running>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Time and reason of a run that is over.
pub(crate) struct Stopped {
    pub(crate) cpu_ns: u64,
    pub(crate) wall_ns: u64,
    pub(crate) reason: Option<Resource>,
    pub(crate) site: Option<StopSite>,
}

/// Puts the run of this isolate under watch.
pub(crate) fn begin(isolate: v8::IsolateHandle, limits: Limits) {
    *running() = Some(Running {
        isolate,
        started: Instant::now(),
        cpu_start_ns: cpu_ns(),
        limits,
        reason: None,
        site: None,
        stopping: None,
        noted: false,
    });
}

/// Whether a run is in progress.
pub(crate) fn is_running() -> bool {
    running().is_some()
}

/// Ends the watch.
pub(crate) fn end() -> Stopped {
    match running().take() {
        Some(run) => Stopped {
            cpu_ns: cpu_ns().saturating_sub(run.cpu_start_ns),
            wall_ns: u64::try_from(run.started.elapsed().as_nanos()).unwrap_or(u64::MAX),
            reason: run.reason,
            site: run.site,
        },
        None => Stopped { cpu_ns: 0, wall_ns: 0, reason: None, site: None },
    }
}

/// What the run in progress may use.
pub(crate) fn limits() -> Option<Limits> {
    running().as_ref().map(|run| run.limits.clone())
}

/// Why the run in progress is being stopped, if it is.
pub(crate) fn reason() -> Option<Resource> {
    running().as_ref().and_then(|run| run.reason)
}

/// Stops the run in progress; the first reason stays.
///
/// V8 serves a termination before it serves an interrupt, so the first call only asks for the interrupt that
/// notes the place, and a later look of the watchdog terminates.
pub(crate) fn stop(resource: Resource) {
    let mut guard = running();
    let Some(run) = guard.as_mut() else { return };
    if run.reason.is_none() {
        run.reason = Some(resource);
        run.stopping = Some(Instant::now());
        run.isolate.request_interrupt(note_site, std::ptr::null_mut());
    } else if run.noted || run.stopping.is_none_or(|since| since.elapsed() > NOTE_TIME) {
        run.isolate.terminate_execution();
    }
}

/// Stops the run in progress without waiting to learn its place: memory is running out now.
pub(crate) fn stop_at_once(resource: Resource) {
    let mut guard = running();
    let Some(run) = guard.as_mut() else { return };
    run.reason.get_or_insert(resource);
    run.isolate.terminate_execution();
}

/// One look of the watchdog at the clocks of the run in progress.
pub(crate) fn look() {
    let exceeded = running().as_ref().and_then(|run| {
        run.reason.or_else(|| {
            let cpu_ms = cpu_ns().saturating_sub(run.cpu_start_ns) / 1_000_000;
            if cpu_ms > u64::from(run.limits.cpu_ms) {
                Some(Resource::Cpu)
            } else if run.started.elapsed().as_millis() > u128::from(run.limits.wall_ms) {
                Some(Resource::Wall)
            } else {
                None
            }
        })
    });
    if let Some(resource) = exceeded {
        stop(resource);
    }
}

/// CPU time of this process: the JavaScript thread and next to nothing else.
fn cpu_ns() -> u64 {
    let mut ts = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `ts` is a valid place for the result.
    if unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut ts) } != 0 {
        return 0;
    }
    (ts.tv_sec as u64).saturating_mul(1_000_000_000).saturating_add(ts.tv_nsec as u64)
}

/// Runs on the JavaScript thread at V8's next interrupt check.
extern "C" fn note_site(mut isolate: v8::UnsafeRawIsolatePtr, _data: *mut c_void) {
    // SAFETY: V8 hands over the isolate that is running on this thread, for the length of this call.
    let isolate = unsafe { v8::Isolate::ref_from_raw_isolate_ptr_mut(&mut isolate) };
    let Some(context) = isolate.get_slot::<Host>().map(|host| host.context.clone()) else { return };
    v8::callback_scope!(unsafe scope, isolate);
    let context = v8::Local::new(scope, context);
    let scope = &mut v8::ContextScope::new(scope, context);
    let site = errors::current_site(scope);
    if let Some(run) = running().as_mut() {
        run.site = site;
        run.noted = true;
    }
}
