//! `URLPattern` (urlpattern.spec.whatwg.org): the crate `urlpattern` reads patterns and addresses, V8's regular expressions match them.

use serde::de::DeserializeOwned;
use urlpattern::quirks::{self, StringOrInit};
use urlpattern::regexp::RegExp;
use urlpattern::{RegexSyntax, UrlPatternOptions};

use super::{arguments, throw_type};

/// Longest pattern or address with its base, bytes as JSON.
const MAX_INPUT: usize = 65_536;

/// The source of a regular expression, which V8 compiles.
struct Source(String);

impl RegExp for Source {
    fn syntax() -> RegexSyntax {
        RegexSyntax::EcmaScript
    }

    fn parse(pattern: &str, _flags: &str, _force_eval: bool) -> Result<Self, ()> {
        Ok(Source(pattern.to_owned()))
    }

    /// Asked for schemes alone, to know whether a pattern is one of web addresses.
    fn matches<'a>(&self, text: &'a str) -> Option<Vec<Option<&'a str>>> {
        regex::Regex::new(&self.0).ok()?.matches(text)
    }

    fn pattern_string(&self) -> &str {
        &self.0
    }
}

/// `host.readPattern('[input, base, ignoreCase]')`: the components as JSON, or throws what is wrong.
pub(super) fn read_pattern(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let Some((input, base, ignore_case)) = input::<(StringOrInit<'_>, Option<String>, bool)>(scope, &args)
    else {
        return;
    };
    let options = UrlPatternOptions { regex_syntax: RegexSyntax::EcmaScript, ignore_case };
    let read = quirks::process_construct_pattern_input(input, base.as_deref())
        .and_then(|init| quirks::parse_pattern::<Source>(init, options));
    match read {
        Ok(pattern) => arguments::answer_json(scope, &pattern, &mut result),
        Err(error) => throw_type(scope, &format!("URLPattern: {error}")),
    }
}

/// `host.readAddress('[input, base]')`: the components of an address as JSON, `null` where it is none.
pub(super) fn read_address(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let Some((input, base)) = input::<(StringOrInit<'_>, Option<String>)>(scope, &args) else { return };
    match quirks::process_match_input(input, base.as_deref()) {
        Ok(read) => {
            let parts = read.and_then(|(input, _)| quirks::parse_match_input(input));
            arguments::answer_json(scope, &parts, &mut result);
        }
        Err(error) => throw_type(scope, &format!("URLPattern: {error}")),
    }
}

/// What the first argument says as JSON, when it is not too long.
fn input<T: DeserializeOwned>(
    scope: &mut v8::PinScope<'_, '_>,
    args: &v8::FunctionCallbackArguments<'_>,
) -> Option<T> {
    let text = arguments::bounded(scope, args.get(0), "URLPattern: the input", MAX_INPUT)?;
    let read = serde_json::from_str(&text).ok();
    if read.is_none() {
        throw_type(scope, "URLPattern: the input is neither a text nor an object of texts");
    }
    read
}
