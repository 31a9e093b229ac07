//! Arguments and answers of native functions, without running any JavaScript: a conversion that calls a `toString` or a
//! setter of the code's would enter it from frames whose size differs between builds, and with them the depth at which its
//! recursion ends. The bootstrap converts before it calls; what is no text or number all the same is a `TypeError`.

use super::{throw_range, throw_type};

/// The text that an argument is; `None`, with a `TypeError` thrown, where it is none.
pub(super) fn text(scope: &mut v8::PinScope<'_, '_>, value: v8::Local<'_, v8::Value>) -> Option<String> {
    match v8::Local::<v8::String>::try_from(value) {
        Ok(text) => Some(text.to_rust_string_lossy(scope)),
        Err(_) => {
            throw_type(scope, "a text is needed");
            None
        }
    }
}

/// The text that an argument is, of at most so many bytes; `None`, with a `TypeError` or a `RangeError` that names `what` thrown, where it
/// is none.
pub(super) fn bounded(
    scope: &mut v8::PinScope<'_, '_>,
    value: v8::Local<'_, v8::Value>,
    what: &str,
    most: usize,
) -> Option<String> {
    let text = text(scope, value)?;
    if text.len() > most {
        throw_range(scope, &format!("{what} has {} bytes; the limit is {most}", text.len()));
        return None;
    }
    Some(text)
}

/// Answers with a value as JSON.
pub(super) fn answer_json<T: serde::Serialize>(
    scope: &mut v8::PinScope<'_, '_>,
    value: &T,
    result: &mut v8::ReturnValue<'_>,
) {
    let text = serde_json::to_string(value).ok();
    if let Some(text) = text.and_then(|text| v8::String::new(scope, &text)) {
        result.set(text.into());
    }
}

/// The texts that arguments are; `None`, with a `TypeError` thrown, where one is none.
pub(super) fn texts<const N: usize>(
    scope: &mut v8::PinScope<'_, '_>,
    args: &v8::FunctionCallbackArguments<'_>,
) -> Option<[String; N]> {
    let mut texts = [const { String::new() }; N];
    for (i, place) in (0i32..).zip(&mut texts) {
        *place = text(scope, args.get(i))?;
    }
    Some(texts)
}

/// The number that an argument is; `None` where it is none.
pub(super) fn number(value: v8::Local<'_, v8::Value>) -> Option<f64> {
    v8::Local::<v8::Number>::try_from(value).ok().map(|number| number.value())
}

/// The integer that an argument is; `None` where it is none that fits.
pub(super) fn integer(value: v8::Local<'_, v8::Value>) -> Option<u32> {
    v8::Local::<v8::Uint32>::try_from(value).ok().map(|number| number.value())
}

/// Names and values, each on a line of its own: `name\nvalue\n…`.
pub(super) fn pairs(text: &str) -> Vec<(String, String)> {
    let mut lines = text.split('\n').map(str::to_owned);
    std::iter::from_fn(|| Some((lines.next()?, lines.next()?))).collect()
}

/// A list of these values, made whole: elements that are set one by one would meet setters of the code's.
pub(super) fn list<'s>(scope: &mut v8::PinScope<'s, '_>, texts: &[&str]) -> Option<v8::Local<'s, v8::Array>> {
    let mut values = Vec::with_capacity(texts.len());
    for text in texts {
        values.push(v8::String::new(scope, text)?.into());
    }
    Some(v8::Array::new_with_elements(scope, &values))
}

#[cfg(test)]
mod tests {
    use super::pairs;

    #[test]
    fn pairs_are_read_line_by_line() {
        assert!(pairs("").is_empty());
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(pairs("a\n1\nb\n\n"), [pair("a", "1"), pair("b", "")]);
        assert_eq!(pairs("a\n1\nb"), [pair("a", "1")], "what has no value is dropped");
    }
}
