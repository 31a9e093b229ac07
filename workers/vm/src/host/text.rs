//! Text, base64 and URLs for code, by libraries that implement the standards.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use super::{bytes, throw_type};

/// `host.encode(text)`: UTF-8 bytes, lone surrogates replaced.
pub(super) fn encode(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let text = args.get(0).to_rust_string_lossy(scope);
    if let Some(array) = bytes::to_array(scope, text.into_bytes()) {
        result.set(array.into());
    }
}

/// `host.decode(bytes, fatal)`: text, or throws when `fatal` and not UTF-8.
pub(super) fn decode(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let Some(input) = bytes::of(args.get(0)) else { return throw_type(scope, "bytes are needed") };
    if args.get(1).is_true() && std::str::from_utf8(&input).is_err() {
        return throw_type(scope, "the bytes are not UTF-8");
    }
    if let Some(text) = v8::String::new(scope, &String::from_utf8_lossy(&input)) {
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
    let text = args.get(0).to_rust_string_lossy(scope);
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
    let text = args.get(0).to_rust_string_lossy(scope);
    let parsed = if args.get(1).is_undefined() {
        Url::parse(&text).ok()
    } else {
        let base = args.get(1).to_rust_string_lossy(scope);
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
    let href = args.get(0).to_rust_string_lossy(scope);
    let part = args.get(1).to_rust_string_lossy(scope);
    let value = args.get(2).to_rust_string_lossy(scope);
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
    let array = v8::Array::new(scope, 0);
    for (i, part) in (0u32..).zip(parts) {
        let Some(part) = v8::String::new(scope, part) else { return };
        array.set_index(scope, i, part.into());
    }
    result.set(array.into());
}
