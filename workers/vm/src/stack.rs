//! One depth of recursion for every build: JavaScript is entered at a fixed distance from the limit of its stack.
//!
//! V8 counts its limit from the top of the thread's stack, and what lies between the top and the first frame of
//! JavaScript differs: thread-local storage with the C library, Rust's own frames with the build. The depth that code
//! reaches, and the place where it overflows, are part of outcomes. So every call into V8 that may run JavaScript or
//! parse it starts at one address of the thread's stack, and V8's limit lies [`DEPTH`] bytes below that address. The
//! frames in between are V8's alone. It stays the thread's own stack because V8 checks that (`Isolate::IsOnCentralStack`).
#![allow(unsafe_code)]

use std::arch::naked_asm;
use std::cell::Cell;
use std::ffi::c_void;

/// Stack that V8 may use, bytes.
const DEPTH: usize = 900 << 10;

/// Stack above the entry for Rust's frames, bytes.
const ROOM: usize = 384 << 10;

thread_local! {
    /// Where V8 is entered on this thread; zero where nothing was reserved.
    static ENTRY: Cell<usize> = const { Cell::new(0) };
}

/// Fixes the entry of this thread, below what it uses now. Called once, before the first isolate, with at least
/// [`DEPTH`] + [`ROOM`] bytes of stack left and the same again for native code.
pub(crate) fn reserve() {
    ENTRY.set(position().saturating_sub(ROOM) & !0xffff);
}

/// Sets the limit of an isolate of this thread. V8 sets its own while it makes an isolate, so this comes after.
pub(crate) fn limit(isolate: &v8::Isolate) {
    let entry = ENTRY.get();
    if entry > DEPTH {
        // SAFETY: the isolate is alive, and the limit lies within this thread's stack.
        unsafe { set_stack_limit(raw(isolate), entry - DEPTH) };
    }
}

/// `Function::call`.
pub(crate) fn call<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    function: v8::Local<'s, v8::Function>,
    receiver: v8::Local<'s, v8::Value>,
    arguments: &[v8::Local<'s, v8::Value>],
) -> Option<v8::Local<'s, v8::Value>> {
    let context = scope.get_current_context();
    let (count, list) = (arguments.len(), arguments.as_ptr().addr());
    // SAFETY: the handles are alive in this scope, and a list of them is a list of pointers.
    unsafe {
        let made = enter(
            v8__Function__Call as *const c_void,
            [at(&*function), at(&*context), at(&*receiver), count, list],
        );
        handle(made)
    }
}

/// `Module::evaluate`.
pub(crate) fn evaluate<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    module: v8::Local<'s, v8::Module>,
) -> Option<v8::Local<'s, v8::Value>> {
    let context = scope.get_current_context();
    // SAFETY: both handles are alive in this scope.
    unsafe { handle(enter(v8__Module__Evaluate as *const c_void, [at(&*module), at(&*context), 0, 0, 0])) }
}

/// `Script::run`.
pub(crate) fn run<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    script: v8::Local<'s, v8::Script>,
) -> Option<v8::Local<'s, v8::Value>> {
    let context = scope.get_current_context();
    // SAFETY: both handles are alive in this scope.
    unsafe { handle(enter(v8__Script__Run as *const c_void, [at(&*script), at(&*context), 0, 0, 0])) }
}

/// `Script::compile`: the parser recurses.
pub(crate) fn compile_script<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    text: v8::Local<'s, v8::String>,
    origin: Option<&v8::ScriptOrigin<'s>>,
) -> Option<v8::Local<'s, v8::Script>> {
    let context = scope.get_current_context();
    let origin = origin.map_or(0, at);
    // SAFETY: the handles are alive in this scope; the origin is null or outlives the call.
    unsafe { handle(enter(v8__Script__Compile as *const c_void, [at(&*context), at(&*text), origin, 0, 0])) }
}

/// `script_compiler::compile_module` without options: the parser recurses.
pub(crate) fn compile_module<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    source: &mut v8::script_compiler::Source,
) -> Option<v8::Local<'s, v8::Module>> {
    let isolate = raw(scope).addr();
    let source = std::ptr::from_mut(source).addr();
    // SAFETY: the isolate is this thread's; zeros are "no options" and "no reason".
    unsafe { handle(enter(v8__ScriptCompiler__CompileModule as *const c_void, [isolate, source, 0, 0, 0])) }
}

/// `PromiseResolver::resolve`; `None` when it threw or was stopped. It looks for a `then`, which may be the code's.
pub(crate) fn resolve<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    resolver: v8::Local<'s, v8::PromiseResolver>,
    value: v8::Local<'s, v8::Value>,
) -> Option<()> {
    let context = scope.get_current_context();
    // SAFETY: the handles are alive in this scope.
    let answer = unsafe {
        enter(
            v8__Promise__Resolver__Resolve as *const c_void,
            [at(&*resolver), at(&*context), at(&*value), 0, 0],
        )
    };
    // `MaybeBool` is an enumeration of C; above 32 bits the register holds anything.
    (answer & 0xffff_ffff == JUST_TRUE).then_some(())
}

const JUST_TRUE: usize = 1;

/// `Exception::create_message`: it turns the value into text, as the code may want it done.
pub(crate) fn message<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    exception: v8::Local<'s, v8::Value>,
) -> Option<v8::Local<'s, v8::Message>> {
    let isolate = raw(scope).addr();
    // SAFETY: the isolate is this thread's and the handle is alive in this scope.
    unsafe {
        handle(enter(v8__Exception__CreateMessage as *const c_void, [isolate, at(&*exception), 0, 0, 0]))
    }
}

/// `Isolate::perform_microtask_checkpoint`.
pub(crate) fn checkpoint(scope: &mut v8::PinScope<'_, '_>) {
    let isolate = raw(scope).addr();
    // SAFETY: the isolate is this thread's.
    unsafe { enter(v8__Isolate__PerformMicrotaskCheckpoint as *const c_void, [isolate, 0, 0, 0, 0]) };
}

/// `MicrotaskQueue::perform_checkpoint`.
pub(crate) fn checkpoint_of(scope: &mut v8::PinScope<'_, '_>, queue: &v8::MicrotaskQueue) {
    let isolate = raw(scope).addr();
    // SAFETY: the isolate is this thread's, and the queue outlives the call.
    unsafe { enter(v8__MicrotaskQueue__PerformCheckpoint as *const c_void, [isolate, at(queue), 0, 0, 0]) };
}

// The C functions behind the methods of the v8 crate that the names above say.
unsafe extern "C" {
    fn v8__Function__Call();
    fn v8__Module__Evaluate();
    fn v8__Script__Run();
    fn v8__Script__Compile();
    fn v8__ScriptCompiler__CompileModule();
    fn v8__Promise__Resolver__Resolve();
    fn v8__Exception__CreateMessage();
    fn v8__Isolate__PerformMicrotaskCheckpoint();
    fn v8__MicrotaskQueue__PerformCheckpoint();
    /// `v8::Isolate::SetStackLimit(uintptr_t)`.
    #[link_name = "_ZN2v87Isolate13SetStackLimitEm"]
    fn set_stack_limit(isolate: *mut c_void, limit: usize);
}

fn at<T: ?Sized>(place: &T) -> usize {
    std::ptr::from_ref(place).addr()
}

fn raw(isolate: &v8::Isolate) -> *mut c_void {
    // SAFETY: the pointer is only passed on to V8, on the isolate's thread.
    let raw = unsafe { isolate.as_raw_isolate_ptr() };
    // SAFETY: the type is a transparent wrapper of a pointer.
    unsafe { std::mem::transmute::<v8::UnsafeRawIsolatePtr, *mut c_void>(raw) }
}

/// The handle that V8 made in the current scope.
///
/// # Safety
/// `made` is null or a handle of this type that lives as long as the scope.
unsafe fn handle<'s, T>(made: usize) -> Option<v8::Local<'s, T>> {
    let made = std::ptr::with_exposed_provenance::<T>(made);
    // SAFETY: a local handle is a pointer that is not null, and null stands for none.
    unsafe { std::mem::transmute::<*const T, Option<v8::Local<'s, T>>>(made) }
}

/// Calls a C function of V8 at the entry; where there is none, or JavaScript is running already, right here.
///
/// # Safety
/// The function takes at most these arguments, each an integer or a pointer, and returns at most one.
unsafe fn enter(function: *const c_void, [a, b, c, d, e]: [usize; 5]) -> usize {
    let entry = ENTRY.get();
    if entry == 0 || position() <= entry {
        // SAFETY: as the caller says; a C function ignores arguments that it does not take.
        let function: extern "C" fn(usize, usize, usize, usize, usize) -> usize =
            unsafe { std::mem::transmute(function) };
        return function(a, b, c, d, e);
    }
    // SAFETY: the stack below the entry is this thread's and nobody's frames lie there, as the check above shows.
    unsafe { call_at(function, entry, a, b, c, d, e) }
}

/// About where the stack ends now.
#[inline(never)]
fn position() -> usize {
    let here = 0u8;
    at(std::hint::black_box(&here))
}

/// Calls `function` with the stack pointer at `entry`, a multiple of 16.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
unsafe extern "C" fn call_at(
    function: *const c_void,
    entry: usize,
    a: usize,
    b: usize,
    c: usize,
    d: usize,
    e: usize,
) -> usize {
    naked_asm!(
        "push rbp",
        "mov rbp, rsp",
        "mov rax, rdi",
        "mov r11, rsi",
        "mov rdi, rdx",
        "mov rsi, rcx",
        "mov rdx, r8",
        "mov rcx, r9",
        // The seventh argument: above the return address and the saved register.
        "mov r8, [rbp + 16]",
        "mov rsp, r11",
        "call rax",
        "mov rsp, rbp",
        "pop rbp",
        "ret",
    )
}

/// Calls `function` with the stack pointer at `entry`, a multiple of 16.
#[cfg(target_arch = "aarch64")]
#[unsafe(naked)]
unsafe extern "C" fn call_at(
    function: *const c_void,
    entry: usize,
    a: usize,
    b: usize,
    c: usize,
    d: usize,
    e: usize,
) -> usize {
    naked_asm!(
        "stp x29, x30, [sp, #-16]!",
        "mov x29, sp",
        "mov x9, x0",
        "mov sp, x1",
        "mov x0, x2",
        "mov x1, x3",
        "mov x2, x4",
        "mov x3, x5",
        "mov x4, x6",
        "blr x9",
        "mov sp, x29",
        "ldp x29, x30, [sp], #16",
        "ret",
    )
}
