//! Native functions that the bootstrap gets and code does not. Each checks its arguments itself: code that
//! reaches one by a trick gains nothing that the API does not give it anyway.

mod arguments;
mod bytes;
mod compression;
mod console;
mod derive;
mod documents;
pub(crate) mod fetch;
mod hashes;
mod keyed;
mod random;
pub(crate) mod rejections;
mod rsa;
mod signatures;
mod text;
mod url_pattern;

use std::borrow::Cow;
use std::ffi::c_void;
use std::sync::Arc;

use gateway_vm_protocol::Limits;
use random::Streams;
use v8::MapFnTo;

use crate::link::Link;
use crate::memory::Budget;
use crate::runtime;

/// State of a run that native functions reach through the isolate.
pub(crate) struct Host {
    pub(crate) context: v8::Global<v8::Context>,
    /// The object of the [`crate::runtime::Runtime`] there.
    pub(crate) runtime: v8::Global<v8::Object>,
    pub(crate) link: Link,
    pub(crate) limits: Limits,
    /// Counts what buffers hold.
    pub(crate) budget: Arc<Budget>,
    pub(crate) streams: Streams,
    pub(crate) rejected: Vec<rejections::Rejected>,
    pub(crate) log_bytes: u64,
    pub(crate) timers: u32,
    pub(crate) fetches: fetch::Fetches,
    pub(crate) decoders: text::Decoders,
    /// How far timers have moved the clock.
    pub(crate) clock: fetch::Clock,
    /// What is to be said of a run that ends without an outcome, where its resource alone does not say it.
    pub(crate) ending: Option<String>,
    /// Whether the transform runs: without network and timers.
    pub(crate) sealed: bool,
}

/// What a transform has of its own, while it runs and between its runs.
pub(crate) struct Sealed {
    streams: Streams,
    rejected: Vec<rejections::Rejected>,
}

impl Sealed {
    pub(crate) fn new(seed: [u8; 32]) -> Sealed {
        Sealed { streams: Streams::of_transform(seed), rejected: Vec::new() }
    }
}

impl Host {
    /// Changes between the run and its transform.
    pub(crate) fn swap(&mut self, other: &mut Sealed) {
        std::mem::swap(&mut self.streams, &mut other.streams);
        std::mem::swap(&mut self.rejected, &mut other.rejected);
        self.sealed = !self.sealed;
    }

    pub(crate) fn new(
        context: v8::Global<v8::Context>,
        runtime: v8::Global<v8::Object>,
        link: Link,
        limits: Limits,
        budget: Arc<Budget>,
        seed: [u8; 32],
    ) -> Host {
        Host {
            context,
            runtime,
            link,
            limits,
            budget,
            streams: Streams::new(seed),
            rejected: Vec::new(),
            log_bytes: 0,
            timers: 0,
            fetches: fetch::Fetches::default(),
            decoders: text::Decoders::default(),
            clock: fetch::Clock::default(),
            ending: None,
            sealed: false,
        }
    }
}

/// One list of native functions gives both the object for the bootstrap and the references that a snapshot
/// needs, so that they cannot differ. No JavaScript runs while one of them does: see [`arguments`].
macro_rules! natives {
    ($($name:literal => $module:ident::$function:ident,)*) => {
        mod guarded {
            $(
                pub(super) fn $function(
                    scope: &mut v8::PinScope<'_, '_>,
                    args: v8::FunctionCallbackArguments<'_>,
                    result: v8::ReturnValue<'_>,
                ) {
                    v8::disallow_javascript_execution_scope!(let scope, scope, v8::OnFailure::ThrowOnFailure);
                    super::$module::$function(scope, args, result);
                }
            )*
        }

        /// The object of native functions for the bootstrap.
        pub(crate) fn functions<'s>(scope: &mut v8::PinScope<'s, '_>) -> Option<v8::Local<'s, v8::Object>> {
            let object = v8::Object::new(scope);
            $(
                let key = v8::String::new(scope, $name)?;
                let function = v8::Function::new(scope, guarded::$function)?;
                object.set(scope, key.into(), function.into())?;
            )*
            Some(object)
        }

        /// Their addresses, in one order, and last the text of the bootstrap.
        pub(crate) fn external_references() -> Cow<'static, [v8::ExternalReference]> {
            let text = std::ptr::from_ref(&runtime::BOOTSTRAP_TEXT).cast_mut().cast::<c_void>();
            Cow::Owned(vec![
                $(v8::ExternalReference { function: guarded::$function.map_fn_to() },)*
                v8::ExternalReference { pointer: text },
            ])
        }
    };
}

natives! {
    "log" => console::log,
    "random" => random::fill_doubles,
    "randomBytes" => random::fill_bytes,
    "advanceClock" => random::advance_clock,
    "startTimer" => random::start_timer,
    "fetch" => fetch::fetch,
    "giveUp" => fetch::give_up,
    "fetchesLeft" => fetch::fetches_left,
    "isUncloneable" => bytes::is_uncloneable,
    "encode" => text::encode,
    "decode" => text::decode,
    "encodingOf" => text::encoding_of,
    "openDecoder" => text::open_decoder,
    "decodeNext" => text::decode_next,
    "toBase64" => text::to_base64,
    "fromBase64" => text::from_base64,
    "parseUrl" => text::parse_url,
    "changeUrl" => text::change_url,
    "readPattern" => url_pattern::read_pattern,
    "readAddress" => url_pattern::read_address,
    "digest" => hashes::digest,
    "hmac" => keyed::hmac,
    "aesGcm" => keyed::aes_gcm,
    "ed25519Verify" => keyed::ed25519_verify,
    "ecdsaVerify" => keyed::ecdsa_verify,
    "readKey" => keyed::read_key,
    "xmlParse" => documents::xml_parse,
    "htmlSelect" => documents::html_select,
    "jsonPath" => documents::json_path,
    "secp256k1Verify" => signatures::verify,
    "secp256k1Recover" => signatures::recover,
    "hkdf" => derive::hkdf,
    "pbkdf2" => derive::pbkdf2,
    "rsaKey" => rsa::rsa_key,
    "rsaVerify" => rsa::rsa_verify,
    "compress" => compression::compress,
    "decompress" => compression::decompress,
    "bech32Encode" => hashes::bech32_encode,
    "bech32Decode" => hashes::bech32_decode,
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
