//! Errors of the code as the outcome shows them: message, line and column the same on every node; source line
//! and stack for the author, outside the outcome.

use gateway_vm_protocol::{Detail, StopSite, clip};

use crate::canon::Failure;
use crate::host::Host;
use crate::runtime::{BOOTSTRAP_NAME, Runtime};
use crate::stack;

/// Scheme of the virtual file name of code; nothing of the host's file system ever shows in a stack.
pub(crate) const CODE_SCHEME: &str = "fn://";

/// Longest source line kept for the author, bytes.
const MAX_SOURCE_LINE: usize = 200;

/// Most frames kept for the author.
const MAX_FRAMES: usize = 12;

/// The name of a piece of code in stack traces.
pub(crate) fn file_name(code_hash: &[u8; 32]) -> String {
    format!("{CODE_SCHEME}{}/main.js", hex::encode(code_hash.first_chunk::<4>().unwrap_or(&[0; 4])))
}

/// Describes a thrown value. `message` is V8's own for an exception that was caught at the top; a rejected
/// promise has none and gets it from the value.
pub(crate) fn describe<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    exception: v8::Local<'s, v8::Value>,
    message: Option<v8::Local<'s, v8::Message>>,
) -> (Failure, Detail) {
    let message = match message {
        Some(message) => message,
        // None where the run is stopped meanwhile; then nobody reads what this says.
        None => match stack::message(scope, exception) {
            Some(message) => message,
            None => return (Failure::of("an error without a message"), Detail::default()),
        },
    };
    let mut text = message.get(scope).to_rust_string_lossy(scope);
    if let Some(rest) = text.strip_prefix("Uncaught ") {
        text = rest.to_owned();
    }
    let mut failure = Failure::of(own_words(scope, exception).unwrap_or(text));
    let mut detail = Detail::default();
    let trace = v8::Exception::get_stack_trace(scope, exception).or_else(|| message.get_stack_trace(scope));
    if let Some(trace) = trace {
        for frame in frames(scope, trace) {
            if failure.line.is_none() && frame.file.starts_with(CODE_SCHEME) {
                failure.line = Some(frame.site.line);
                failure.column = Some(frame.site.column);
            }
            // The author can change nothing in what the VM itself runs.
            if frame.file != BOOTSTRAP_NAME {
                detail.stack.push(frame.to_string());
            }
        }
    }
    let script = message.get_script_resource_name(scope).map(|name| name.to_rust_string_lossy(scope));
    if script.is_some_and(|name| name.starts_with(CODE_SCHEME)) {
        let line = message.get_line_number(scope).and_then(|n| u32::try_from(n).ok());
        let column = u32::try_from(message.get_start_column().saturating_add(1)).ok();
        if failure.line.is_none() {
            failure.line = line.filter(|n| *n > 0);
            failure.column = failure.line.and(column);
        }
        // The source line belongs to V8's message; it is shown only where both speak of one line.
        if failure.line.is_some()
            && failure.line == line
            && let Some(source) = message.get_source_line(scope)
        {
            detail.source_line = source.to_rust_string_lossy(scope);
            clip(&mut detail.source_line, MAX_SOURCE_LINE);
        }
    }
    (failure, detail)
}

/// What a thrown object that is no error says of itself; `None` for everything else, which V8 puts into words well.
fn own_words<'s>(scope: &mut v8::PinScope<'s, '_>, exception: v8::Local<'s, v8::Value>) -> Option<String> {
    if !exception.is_object() || exception.is_function() || exception.is_native_error() {
        return None;
    }
    let runtime = scope.get_slot::<Host>()?.runtime.clone();
    // What it throws is of no interest; a run that is stopped meanwhile has no outcome.
    v8::tc_scope!(let tc, scope);
    let runtime = Runtime::of(v8::Local::new(tc, runtime));
    let words = runtime.call(tc, "thrown", &[exception])?;
    let words = v8::Local::<v8::String>::try_from(words).ok()?;
    Some(words.to_rust_string_lossy(tc))
}

/// Where the code of this isolate is right now.
pub(crate) fn current_site(scope: &mut v8::PinScope<'_, '_>) -> Option<StopSite> {
    let trace = v8::StackTrace::current_stack_trace(scope, MAX_FRAMES)?;
    frames(scope, trace).into_iter().find(|frame| frame.file.starts_with(CODE_SCHEME)).map(|frame| frame.site)
}

struct Frame {
    file: String,
    site: StopSite,
}

impl std::fmt::Display for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let StopSite { function, line, column } = &self.site;
        let name = if function.is_empty() { "(top level)" } else { function };
        write!(f, "{name} ({}:{line}:{column})", self.file)
    }
}

fn frames(scope: &mut v8::PinScope<'_, '_>, trace: v8::Local<'_, v8::StackTrace>) -> Vec<Frame> {
    (0..trace.get_frame_count().min(MAX_FRAMES))
        .filter_map(|i| {
            let frame = trace.get_frame(scope, i)?;
            let file = frame.get_script_name(scope).map(|s| s.to_rust_string_lossy(scope));
            let mut function =
                frame.get_function_name(scope).map(|s| s.to_rust_string_lossy(scope)).unwrap_or_default();
            clip(&mut function, 64);
            Some(Frame {
                file: file.unwrap_or_default(),
                site: StopSite {
                    function,
                    line: u32::try_from(frame.get_line_number()).unwrap_or(0),
                    column: u32::try_from(frame.get_column()).unwrap_or(0),
                },
            })
        })
        .collect()
}
