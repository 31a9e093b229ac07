//! Symbols of the C library, defined by the executable so that V8 uses them: the wall clock, functions of numbers whose
//! last bit depends on the C library and the CPU, and one that brings memory in.
//!
//! V8's only source of wall-clock time is `gettimeofday`; pinning it pins `Date` and every clock of `Intl` at
//! once. All behave as the C library's until a worker pins them, so a daemon that links this crate notices nothing.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, Ordering};

use nix::libc;

static PINNED: AtomicBool = AtomicBool::new(false);
static NOW_NS: AtomicU64 = AtomicU64::new(0);

/// Pins the clock to this instant (nanoseconds since 1970) and `tanh` to the portable one.
pub(crate) fn pin(now_ns: u64) {
    NOW_NS.store(now_ns, Ordering::Release);
    PINNED.store(true, Ordering::Release);
}

/// The pinned instant in nanoseconds.
pub(crate) fn pinned_ns() -> u64 {
    NOW_NS.load(Ordering::Acquire)
}

/// Whether both symbols of this executable are the ones below: the linker could have dropped them.
pub(crate) fn in_force() -> bool {
    // SAFETY: a null time zone is allowed and `tv` is a valid place for the result.
    let mut tv = libc::timeval { tv_sec: 0, tv_usec: 0 };
    let status = unsafe { libc::gettimeofday(&mut tv, std::ptr::null_mut()) };
    // SAFETY: `tanh` takes and returns a number.
    let y = unsafe { c_tanh(std::hint::black_box(0.7)) };
    let seconds = i64::try_from(pinned_ns() / 1_000_000_000).unwrap_or(i64::MAX);
    status == 0 && tv.tv_sec == seconds && y.to_bits() == libm::tanh(0.7).to_bits()
}

unsafe extern "C" {
    #[link_name = "tanh"]
    fn c_tanh(x: f64) -> f64;
}

/// The C library's `gettimeofday`, or the pinned instant.
///
/// # Safety
/// As the C function: `tv` is null or points to a `timeval` that may be written.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn gettimeofday(tv: *mut libc::timeval, _tz: *mut c_void) -> c_int {
    if tv.is_null() {
        return 0;
    }
    let (sec, usec) = if PINNED.load(Ordering::Acquire) {
        let ns = NOW_NS.load(Ordering::Acquire);
        (ns / 1_000_000_000, ns % 1_000_000_000 / 1_000)
    } else {
        let mut ts = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: `ts` is a valid place for the result.
        if unsafe { libc::clock_gettime(libc::CLOCK_REALTIME, &mut ts) } != 0 {
            return -1;
        }
        (ts.tv_sec as u64, ts.tv_nsec as u64 / 1_000)
    };
    // SAFETY: not null, and the caller vouches for it.
    unsafe {
        (*tv).tv_sec = sec as libc::time_t;
        (*tv).tv_usec = usec as libc::suseconds_t;
    }
    0
}

/// The C library's `madvise`. In a worker, memory that V8 marks as new heap is brought in at once: V8 is about to fill it, and page by
/// page that takes several times as long. It marks such memory with `MADV_DODUMP`, which has no use here since workers leave no dump.
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn madvise(data: *mut c_void, length: usize, advice: c_int) -> c_int {
    let is_new_heap = advice == libc::MADV_DODUMP && PINNED.load(Ordering::Acquire);
    let advice = if is_new_heap { libc::MADV_POPULATE_WRITE } else { advice };
    // SAFETY: the caller vouches for the place; a kernel that does not know the advice says so and does nothing.
    let answer = unsafe { libc::syscall(libc::SYS_madvise, data, length, advice) };
    c_int::try_from(answer).unwrap_or(-1)
}

/// Defines functions of the C library that are its own until a worker pins them, and then the portable ones.
macro_rules! portable {
    ($($name:ident($($x:ident),+) -> $number:ty: $symbol:literal;)*) => {$(
        #[doc = concat!("The C library's `", stringify!($name), "`, or the portable one when pinned.")]
        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $name($($x: $number),+) -> $number {
            static NEXT: AtomicPtr<c_void> = AtomicPtr::new(std::ptr::null_mut());
            if PINNED.load(Ordering::Acquire) {
                return libm::$name($($x),+);
            }
            let mut next = NEXT.load(Ordering::Relaxed);
            if next.is_null() {
                // SAFETY: looks up the next definition of a symbol; the name is a C string.
                next = unsafe { libc::dlsym(libc::RTLD_NEXT, $symbol.as_ptr()) };
                NEXT.store(next, Ordering::Relaxed);
            }
            if next.is_null() {
                return libm::$name($($x),+);
            }
            // SAFETY: the C library's function of this name has this type.
            let next: extern "C" fn($(portable!(@ $x $number)),+) -> $number = unsafe { std::mem::transmute(next) };
            next($($x),+)
        }
    )*};
    (@ $x:ident $number:ty) => { $number };
}

// All that V8's archive asks the C library for and whose last bit the standard leaves open: `Math.tanh`, and what ICU
// computes calendars and word breaks with.
portable! {
    tanh(x) -> f64: c"tanh";
    asin(x) -> f64: c"asin";
    atan(x) -> f64: c"atan";
    atan2(y, x) -> f64: c"atan2";
    exp(x) -> f64: c"exp";
    exp2(x) -> f64: c"exp2";
    log(x) -> f64: c"log";
    log2(x) -> f64: c"log2";
    log10(x) -> f64: c"log10";
    pow(x, y) -> f64: c"pow";
    sin(x) -> f64: c"sin";
    tan(x) -> f64: c"tan";
    expf(x) -> f32: c"expf";
    tanhf(x) -> f32: c"tanhf";
    powf(x, y) -> f32: c"powf";
}

/// The C library's `sincos`, which compilers make of neighbouring calls of `sin` and `cos`. Portable at any time, as it has no use
/// outside the archive.
///
/// # Safety
/// Both pointers must be valid for writes.
#[unsafe(no_mangle)]
unsafe extern "C" fn sincos(x: f64, sin: *mut f64, cos: *mut f64) {
    let (sine, cosine) = libm::sincos(x);
    // SAFETY: the caller's duty.
    unsafe {
        sin.write(sine);
        cos.write(cosine);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // One test, because the pin is global to the process.
    #[test]
    fn unpinned_they_are_the_c_library_and_pinned_they_are_ours() {
        let mut tv = libc::timeval { tv_sec: 0, tv_usec: 0 };
        // SAFETY: as in `in_force`.
        let status = unsafe { libc::gettimeofday(&mut tv, std::ptr::null_mut()) };
        let real = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        assert_eq!(status, 0);
        assert!(real.abs_diff(tv.tv_sec as u64) <= 5, "unpinned clock is {} but real is {real}", tv.tv_sec);
        assert!((tanh(0.7) - 0.7f64.tanh()).abs() < 1e-15);
        assert!(!in_force());

        pin(1_700_000_000_123_456_789);
        assert!(in_force());
        // SAFETY: as above.
        unsafe { libc::gettimeofday(&mut tv, std::ptr::null_mut()) };
        assert_eq!((tv.tv_sec, tv.tv_usec), (1_700_000_000, 123_456));
        // Rust's own clock is another call and stays real.
        assert!(
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() >= real
        );
    }

    #[test]
    fn sincos_is_ours_for_everybody() {
        unsafe extern "C" {
            #[link_name = "sincos"]
            fn of_the_process(x: f64, sin: *mut f64, cos: *mut f64);
        }
        for x in [0.0, 0.7, -3.0, 1e5, 1e22, f64::MAX] {
            let (mut sin, mut cos) = (f64::NAN, f64::NAN);
            // SAFETY: both pointers are valid for writes.
            unsafe { of_the_process(x, &mut sin, &mut cos) };
            assert_eq!((sin, cos), (libm::sin(x), libm::cos(x)), "{x}");
        }
    }
}
