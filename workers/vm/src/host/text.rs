//! Text, base64 and URLs for code, by libraries that implement the standards.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use encoding_rs::{Decoder, DecoderResult, Encoding};
use url::Url;

use super::{Host, arguments, bytes, throw_range, throw_type};

/// `host.encode(text)`: UTF-8 bytes, lone surrogates replaced.
pub(super) fn encode(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let Some(text) = arguments::text(scope, args.get(0)) else { return };
    if let Some(array) = bytes::to_array(scope, text.into_bytes()) {
        result.set(array.into());
    }
}

/// `host.encodingOf(label)`: the name of the encoding (Encoding Standard), or null.
pub(super) fn encoding_of(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let Some(label) = arguments::text(scope, args.get(0)) else { return };
    let name = Encoding::for_label_no_replacement(label.as_bytes()).map(|e| e.name().to_ascii_lowercase());
    match name.and_then(|name| v8::String::new(scope, &name)) {
        Some(name) => result.set(name.into()),
        None => result.set_null(),
    }
}

/// Most streams of a run that are being decoded at a time.
const MAX_DECODERS: usize = 10_000;

/// Decoders of streams that have not ended, by their number.
#[derive(Default)]
pub(crate) struct Decoders {
    next: u32,
    open: BTreeMap<u32, Decoder>,
}

/// `host.openDecoder(encoding)`: the number of a decoder for a stream.
pub(super) fn open_decoder(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let Some(label) = arguments::text(scope, args.get(0)) else { return };
    let encoding = Encoding::for_label(label.as_bytes()).unwrap_or(encoding_rs::UTF_8);
    let Some(host) = scope.get_slot_mut::<Host>() else { return };
    let decoders = &mut host.decoders;
    if decoders.open.len() >= MAX_DECODERS {
        return throw_range(scope, &format!("more than {MAX_DECODERS} streams of text that have not ended"));
    }
    let number = decoders.next;
    decoders.next = number.wrapping_add(1);
    decoders.open.insert(number, encoding.new_decoder_without_bom_handling());
    result.set_uint32(number);
}

/// `host.decodeNext(number, bytes, fatal, last)`: the text of the next piece of a stream; or throws when `fatal` and the bytes are not
/// of the encoding. After an error or the last piece the decoder is gone.
pub(super) fn decode_next(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let Some(input) = bytes::of(args.get(1)) else { return throw_type(scope, "bytes are needed") };
    let number = arguments::integer(args.get(0));
    let Some(host) = scope.get_slot_mut::<Host>() else { return };
    let Some((number, mut decoder)) = number.and_then(|n| Some((n, host.decoders.open.remove(&n)?))) else {
        return throw_type(scope, "the stream has ended");
    };
    let last = args.get(3).is_true();
    let Some(text) = text_of(&mut decoder, &input, args.get(2).is_true(), last) else {
        return throw_type(scope, &format!("the bytes are not {}", decoder.encoding().name()));
    };
    if !last && let Some(host) = scope.get_slot_mut::<Host>() {
        host.decoders.open.insert(number, decoder);
    }
    if let Some(text) = v8::String::new(scope, &text) {
        result.set(text.into());
    }
}

/// The text of bytes in an encoding; `None` when it is to be exact and is not. Without `last`, bytes that may be the beginning of a
/// character are left for later.
fn text_of(decoder: &mut Decoder, input: &[u8], fatal: bool, last: bool) -> Option<String> {
    let mut out = String::with_capacity(decoder.max_utf8_buffer_length(input.len())?);
    if fatal {
        let (result, _) = decoder.decode_to_string_without_replacement(input, &mut out, last);
        return (result == DecoderResult::InputEmpty).then_some(out);
    }
    let _ = decoder.decode_to_string(input, &mut out, last);
    Some(out)
}

/// `host.decode(bytes, fatal, encoding)`: text, or throws when `fatal` and the bytes are not of the encoding, which is UTF-8
/// where none is named.
pub(super) fn decode(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let Some(input) = bytes::of(args.get(0)) else { return throw_type(scope, "bytes are needed") };
    let encoding = if args.get(2).is_undefined() {
        encoding_rs::UTF_8
    } else {
        let Some(label) = arguments::text(scope, args.get(2)) else { return };
        Encoding::for_label(label.as_bytes()).unwrap_or(encoding_rs::UTF_8)
    };
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let Some(text) = text_of(&mut decoder, &input, args.get(1).is_true(), true) else {
        return throw_type(scope, &format!("the bytes are not {}", encoding.name()));
    };
    if let Some(text) = v8::String::new(scope, &text) {
        result.set(text.into());
    }
}

/// `host.toBase64(bytes)`
pub(super) fn to_base64(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let Some(input) = bytes::of(args.get(0)) else { return throw_type(scope, "bytes are needed") };
    if let Some(text) = v8::String::new(scope, &STANDARD.encode(input)) {
        result.set(text.into());
    }
}

/// `host.fromBase64(text)`: bytes, or null when the text is not base64.
pub(super) fn from_base64(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let Some(text) = arguments::text(scope, args.get(0)) else { return };
    match STANDARD.decode(text).ok().and_then(|decoded| bytes::to_array(scope, decoded)) {
        Some(array) => result.set(array.into()),
        None => result.set_null(),
    }
}

/// `host.parseUrl(text, base)`: its parts, or null when it cannot be read.
pub(super) fn parse_url(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let Some(text) = arguments::text(scope, args.get(0)) else { return };
    let parsed = if args.get(1).is_undefined() {
        Url::parse(&text).ok()
    } else {
        let Some(base) = arguments::text(scope, args.get(1)) else { return };
        Url::parse(&base).ok().and_then(|base| base.join(&text).ok())
    };
    answer(scope, parsed.as_ref(), &mut result);
}

/// `host.changeUrl(href, part, value)`: the parts after a change; a change that cannot be made changes nothing.
pub(super) fn change_url(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let Some([href, part, value]) = arguments::texts(scope, &args) else { return };
    let mut url = Url::parse(&href).ok();
    if let Some(url) = url.as_mut() {
        use url::quirks;
        match part.as_str() {
            "hash" => quirks::set_hash(url, &value),
            "search" => quirks::set_search(url, &value),
            "pathname" => quirks::set_pathname(url, &value),
            // The setters below leave the URL alone when they refuse, as the standard says.
            "protocol" => _ = quirks::set_protocol(url, &value),
            "username" => _ = quirks::set_username(url, &value),
            "password" => _ = quirks::set_password(url, &value),
            "host" => _ = quirks::set_host(url, &value),
            "hostname" => _ = quirks::set_hostname(url, &value),
            "port" => _ = quirks::set_port(url, &value),
            _ => {}
        }
    }
    answer(scope, url.as_ref(), &mut result);
}

fn answer(scope: &mut v8::PinScope<'_, '_>, url: Option<&Url>, result: &mut v8::ReturnValue<'_>) {
    use url::quirks;
    let Some(url) = url else { return result.set_null() };
    let origin = quirks::origin(url);
    let parts = [
        quirks::href(url),
        &origin,
        quirks::protocol(url),
        quirks::username(url),
        quirks::password(url),
        quirks::host(url),
        quirks::hostname(url),
        quirks::port(url),
        quirks::pathname(url),
        quirks::search(url),
        quirks::hash(url),
    ];
    if let Some(parts) = arguments::list(scope, &parts) {
        result.set(parts.into());
    }
}
