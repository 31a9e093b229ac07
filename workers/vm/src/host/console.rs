//! Console output of the code: bounded, sent to the daemon as it happens, never part of an outcome.

use gateway_vm_protocol::{FromWorker, LogLevel};

use super::{Host, arguments};
use crate::canon::clip;

/// Longest line sent, bytes.
const MAX_LINE: usize = 4_096;

/// `host.log(level, text)`
pub(super) fn log(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    _result: v8::ReturnValue<'_>,
) {
    let level = match arguments::integer(args.get(0)) {
        Some(0) => LogLevel::Debug,
        Some(2) => LogLevel::Warn,
        Some(3) => LogLevel::Error,
        _ => LogLevel::Info,
    };
    let Some(mut text) = arguments::text(scope, args.get(1)) else { return };
    let Some(host) = scope.get_slot_mut::<Host>() else { return };
    let limit = u64::from(host.limits.log_bytes);
    let before = host.log_bytes;
    host.log_bytes = before.saturating_add(text.len() as u64).saturating_add(1);
    if before > limit {
        return;
    }
    clip(&mut text, MAX_LINE);
    if host.log_bytes > limit {
        text = format!("(console output above the limit of {limit} bytes is dropped)");
    }
    // A daemon that is gone ends this process from the main thread.
    let _ = host.link.send(&FromWorker::Log { level, text });
}
