//! Deterministic randomness and time: ChaCha20 streams from the job's seed, and the clock that timers move.

use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};

use super::{Host, arguments, throw_range, throw_type};
use crate::interpose;

/// One generator per use, so that one API does not shift the values of another.
pub(crate) struct Streams {
    math: ChaCha20Rng,
    bytes: ChaCha20Rng,
}

impl Streams {
    pub(super) fn new(seed: [u8; 32]) -> Streams {
        Streams { math: stream(seed, 0), bytes: stream(seed, 1) }
    }

    /// Those of the transform: the run's do not shift when a recording spares it its transform.
    pub(super) fn of_transform(seed: [u8; 32]) -> Streams {
        Streams { math: stream(seed, 2), bytes: stream(seed, 3) }
    }
}

fn stream(seed: [u8; 32], id: u64) -> ChaCha20Rng {
    let mut rng = ChaCha20Rng::from_seed(seed);
    rng.set_stream(id);
    rng
}

/// `host.random(float64Array)`: fills it with numbers in [0, 1) of 53 bits.
pub(super) fn fill_doubles(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    _result: v8::ReturnValue<'_>,
) {
    let Ok(array) = v8::Local::<v8::Float64Array>::try_from(args.get(0)) else {
        return throw_type(scope, "a Float64Array is needed");
    };
    for i in 0..u32::try_from(array.length()).unwrap_or(0) {
        let Some(host) = scope.get_slot_mut::<Host>() else { return };
        let value = (host.streams.math.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        let value = v8::Number::new(scope, value);
        array.set_index(scope, i, value.into());
    }
}

/// `host.randomBytes(uint8Array)`: fills it.
pub(super) fn fill_bytes(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    _result: v8::ReturnValue<'_>,
) {
    let Ok(array) = v8::Local::<v8::Uint8Array>::try_from(args.get(0)) else {
        return throw_type(scope, "a Uint8Array is needed");
    };
    let mut bytes = vec![0; array.byte_length()];
    let Some(host) = scope.get_slot_mut::<Host>() else { return };
    host.streams.bytes.fill_bytes(&mut bytes);
    for (i, byte) in (0u32..).zip(bytes) {
        let value = v8::Integer::new_from_unsigned(scope, u32::from(byte));
        array.set_index(scope, i, value.into());
    }
}

/// `host.advanceClock(milliseconds)`: the clock jumps to the due time of the next timer.
pub(super) fn advance_clock(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    _result: v8::ReturnValue<'_>,
) {
    let milliseconds = arguments::number(args.get(0)).unwrap_or(0.0);
    if milliseconds > 0.0 {
        // A float cast saturates; time that far ahead is past every date there is.
        let ns = (milliseconds * 1e6) as u64;
        interpose::pin(interpose::pinned_ns().saturating_add(ns));
        if let Some(host) = scope.get_slot_mut::<Host>() {
            host.clock.advance(milliseconds as u64);
        }
    }
}

/// `host.startTimer()`: counts one more timer, or throws.
pub(super) fn start_timer(
    scope: &mut v8::PinScope<'_, '_>,
    _args: v8::FunctionCallbackArguments<'_>,
    _result: v8::ReturnValue<'_>,
) {
    let Some(host) = scope.get_slot_mut::<Host>() else { return };
    if host.sealed {
        return throw_type(scope, "the transform has no timers");
    }
    let limit = host.limits.timers;
    if host.timers >= limit {
        return throw_range(scope, &format!("more than {limit} timers"));
    }
    host.timers = host.timers.saturating_add(1);
}
