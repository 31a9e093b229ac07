//! Native functions that the bootstrap gets and code does not. Each checks its arguments itself: code that
//! reaches one by a trick gains nothing that the API does not give it anyway.

mod bytes;
mod console;
pub(crate) mod fetch;
mod hashes;
mod random;
pub(crate) mod rejections;
mod text;

use gateway_vm_protocol::Limits;

use crate::link::Link;
use random::Streams;

/// State of a run that native functions reach through the isolate.
pub(crate) struct Host {
    pub(crate) context: v8::Global<v8::Context>,
    pub(crate) link: Link,
    pub(crate) limits: Limits,
    pub(crate) streams: Streams,
    pub(crate) rejected: Vec<rejections::Rejected>,
    pub(crate) log_bytes: u64,
    pub(crate) timers: u32,
    pub(crate) fetches: fetch::Fetches,
}

impl Host {
    pub(crate) fn new(context: v8::Global<v8::Context>, link: Link, limits: Limits, seed: [u8; 32]) -> Host {
        Host {
            context,
            link,
            limits,
            streams: Streams::new(seed),
            rejected: Vec::new(),
            log_bytes: 0,
            timers: 0,
            fetches: fetch::Fetches::default(),
        }
    }
}

/// The object of native functions for the bootstrap.
pub(crate) fn functions<'s>(scope: &mut v8::PinScope<'s, '_>) -> Option<v8::Local<'s, v8::Object>> {
    let object = v8::Object::new(scope);
    macro_rules! export {
        ($name:literal, $function:path) => {
            let key = v8::String::new(scope, $name)?;
            let function = v8::Function::new(scope, $function)?;
            object.set(scope, key.into(), function.into())?;
        };
    }
    export!("log", console::log);
    export!("random", random::fill_doubles);
    export!("randomBytes", random::fill_bytes);
    export!("advanceClock", random::advance_clock);
    export!("startTimer", random::start_timer);
    export!("fetch", fetch::fetch);
    export!("encode", text::encode);
    export!("decode", text::decode);
    export!("toBase64", text::to_base64);
    export!("fromBase64", text::from_base64);
    export!("parseUrl", text::parse_url);
    export!("changeUrl", text::change_url);
    export!("digest", hashes::digest);
    export!("bech32Encode", hashes::bech32_encode);
    export!("bech32Decode", hashes::bech32_decode);
    Some(object)
}

/// Throws a `RangeError` with this text.
pub(crate) fn throw_range(scope: &mut v8::PinScope<'_, '_>, text: &str) {
    if let Some(message) = v8::String::new(scope, text) {
        let error = v8::Exception::range_error(scope, message);
        scope.throw_exception(error);
    }
}

/// Throws a `TypeError` with this text.
pub(crate) fn throw_type(scope: &mut v8::PinScope<'_, '_>, text: &str) {
    if let Some(message) = v8::String::new(scope, text) {
        let error = v8::Exception::type_error(scope, message);
        scope.throw_exception(error);
    }
}
