//! Memory limits of a run: the heap through V8's near-limit callback, array buffers through an allocator that
//! counts. Neither decides an outcome: a run that met one is stopped and abstains.
#![allow(unsafe_code)]

use std::alloc::{Layout, alloc, alloc_zeroed, dealloc};
use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

use gateway_vm_protocol::Resource;

use crate::stop;

/// Heap handed out after the limit was met, so that V8 can unwind instead of aborting.
const HEAP_SLACK: usize = 16 << 20;

/// The isolate there is, for its counters.
static ISOLATE: AtomicPtr<c_void> = AtomicPtr::new(std::ptr::null_mut());

/// Heap in use when the limit was met, bytes; nothing clears it, as the process is not used again then.
static AT_LIMIT: AtomicUsize = AtomicUsize::new(0);

/// From now on the heap in use is this isolate's. It must live until the next one is watched.
pub(crate) fn watch_heap(isolate: &v8::Isolate) {
    // SAFETY: the pointer is only kept; the isolate is one, and lives on the thread that asks for its counters.
    let raw = unsafe { isolate.as_raw_isolate_ptr() };
    // SAFETY: the type is a transparent wrapper of a pointer.
    ISOLATE.store(
        unsafe { std::mem::transmute::<v8::UnsafeRawIsolatePtr, *mut c_void>(raw) },
        Ordering::Release,
    );
}

/// Heap in use now, or when the limit was met if that was more, bytes. To be called on the isolate's thread.
pub(crate) fn heap_in_use() -> usize {
    let raw = ISOLATE.load(Ordering::Acquire);
    let now = if raw.is_null() {
        0
    } else {
        // SAFETY: put there by `watch_heap`, from that very type.
        let mut raw = unsafe { std::mem::transmute::<*mut c_void, v8::UnsafeRawIsolatePtr>(raw) };
        // SAFETY: the isolate is alive as long as it is watched, and this is its thread.
        unsafe { v8::Isolate::ref_from_raw_isolate_ptr_mut(&mut raw) }.get_heap_statistics().used_heap_size()
    };
    now.max(AT_LIMIT.load(Ordering::Relaxed))
}

/// Stops the run in progress where the heap is above its limit. V8 lets one large allocation pass its own, up to a size that is not
/// the same everywhere. To be called on the isolate's thread.
pub(crate) fn check_heap(limit: usize) {
    let used = heap_in_use();
    if used > limit {
        AT_LIMIT.fetch_max(used, Ordering::Relaxed);
        stop::stop_at_once(Resource::Heap);
    }
}

/// Collects what nobody holds any more. To be called on the isolate's thread, where V8 may collect: inside an allocation.
fn collect() {
    let raw = ISOLATE.load(Ordering::Acquire);
    if !raw.is_null() {
        // SAFETY: put there by `watch_heap`, from that very type.
        let mut raw = unsafe { std::mem::transmute::<*mut c_void, v8::UnsafeRawIsolatePtr>(raw) };
        // SAFETY: the isolate is alive as long as it is watched, and this is its thread.
        unsafe { v8::Isolate::ref_from_raw_isolate_ptr_mut(&mut raw) }.low_memory_notification();
    }
}

/// Called by V8 after it has collected all of the heap.
pub(crate) unsafe extern "C" fn collected(
    _isolate: v8::UnsafeRawIsolatePtr,
    _kind: v8::GCType,
    _flags: v8::GCCallbackFlags,
    _data: *mut c_void,
) {
    if let Some(limits) = stop::limits() {
        check_heap(limits.heap_bytes as usize);
    }
}

/// Called by V8 when the heap is nearly full.
pub(crate) unsafe extern "C" fn near_heap_limit(
    _data: *mut c_void,
    current: usize,
    _initial: usize,
) -> usize {
    AT_LIMIT.fetch_max(heap_in_use(), Ordering::Relaxed);
    stop::stop_at_once(Resource::Heap);
    current.saturating_add(HEAP_SLACK)
}

/// Counts the bytes behind array buffers.
pub(crate) struct Budget {
    limit: usize,
    used: AtomicUsize,
    peak: AtomicUsize,
    refused: AtomicUsize,
}

impl Budget {
    pub(crate) fn new(limit: usize) -> Arc<Budget> {
        let counter = || AtomicUsize::new(0);
        Arc::new(Budget { limit, used: counter(), peak: counter(), refused: counter() })
    }

    /// Most bytes in use at one time.
    pub(crate) fn peak(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }

    /// Takes bytes for a buffer. Where there are not enough, what nobody holds any more is collected first; where
    /// there are still not enough, the run is stopped, so that code cannot catch what depends on collections.
    fn take(&self, len: usize) -> bool {
        if self.try_take(len) {
            return true;
        }
        if len <= self.limit {
            collect();
        }
        let taken = self.try_take(len);
        if !taken {
            self.refuse(len);
        }
        taken
    }

    fn try_take(&self, len: usize) -> bool {
        self.used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                used.checked_add(len).filter(|total| *total <= self.limit)
            })
            .map(|before| self.peak.fetch_max(before.saturating_add(len), Ordering::Relaxed))
            .is_ok()
    }

    /// Stops the run because it asked for these bytes.
    fn refuse(&self, len: usize) {
        self.refused.store(len, Ordering::Relaxed);
        stop::stop_at_once(Resource::ArrayBuffers);
    }

    /// Bytes that were asked for and refused, and those in use then; none where nothing was refused.
    pub(crate) fn refused(&self) -> Option<(usize, usize)> {
        let asked = self.refused.load(Ordering::Relaxed);
        (asked > 0).then(|| (asked, self.used.load(Ordering::Relaxed)))
    }

    fn give(&self, len: usize) {
        self.used.fetch_sub(len, Ordering::Relaxed);
    }
}

/// Bytes that native code made and a buffer holds: they count like those that V8 allocates.
pub(crate) struct Counted {
    bytes: Vec<u8>,
    budget: Arc<Budget>,
}

impl Counted {
    /// `None`, and the run is stopped, where they are more than is left.
    pub(crate) fn new(bytes: Vec<u8>, budget: Arc<Budget>) -> Option<Counted> {
        budget.take(bytes.len()).then(|| Counted { bytes, budget })
    }
}

impl AsMut<[u8]> for Counted {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.budget.give(self.bytes.len());
    }
}

/// An allocator for one isolate that draws on this budget.
pub(crate) fn allocator(budget: Arc<Budget>) -> v8::UniqueRef<v8::Allocator> {
    // SAFETY: the handle is an `Arc<Budget>` turned raw; `release` turns it back exactly once.
    unsafe { v8::new_rust_allocator(Arc::into_raw(budget), &VTABLE) }
}

static VTABLE: v8::RustAllocatorVtable<Budget> =
    v8::RustAllocatorVtable { allocate, allocate_uninitialized, free, drop: release };

fn layout(len: usize) -> Option<Layout> {
    // V8 aligns views itself within 8 bytes; 16 is what its own allocator gives.
    Layout::from_size_align(len.max(1), 16).ok()
}

/// Counts and obtains memory. Where the system has none, the run is stopped too: how much it has differs between machines.
fn obtain(budget: &Budget, len: usize, from: impl Fn(Layout) -> *mut u8) -> *mut c_void {
    let Some(layout) = layout(len).filter(|_| budget.take(len)) else { return std::ptr::null_mut() };
    let data = from(layout);
    if data.is_null() {
        budget.give(len);
        budget.refuse(len);
    }
    data.cast()
}

unsafe extern "C" fn allocate(budget: &Budget, len: usize) -> *mut c_void {
    // SAFETY: the layout has a size above zero.
    obtain(budget, len, |layout| unsafe { alloc_zeroed(layout) })
}

unsafe extern "C" fn allocate_uninitialized(budget: &Budget, len: usize) -> *mut c_void {
    // SAFETY: the layout has a size above zero.
    obtain(budget, len, |layout| unsafe { alloc(layout) })
}

unsafe extern "C" fn free(budget: &Budget, data: *mut c_void, len: usize) {
    if let Some(layout) = layout(len).filter(|_| !data.is_null()) {
        budget.give(len);
        // SAFETY: V8 frees what one of the two functions above gave it, with the same length.
        unsafe { dealloc(data.cast(), layout) };
    }
}

unsafe extern "C" fn release(budget: *const Budget) {
    // SAFETY: the pointer came from `Arc::into_raw` and V8 drops its allocator once.
    drop(unsafe { Arc::from_raw(budget) });
}
