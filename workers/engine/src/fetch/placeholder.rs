//! Placeholders in requests: `{{secret:NAME}}` and `{{hmac:NAME:HASH:KEY:OUTPUT:MESSAGE}}` in URLs, headers and bodies. Each is
//! filled in or the request is refused: none is ever sent as it stands.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use super::secret::Vault;
use crate::net::GuardError;

/// Deepest nesting of signatures in signed messages.
const MAX_DEPTH: usize = 4;

/// Characters that remain unescaped in a URL or form.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How a value is encoded at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Unchanged.
    Plain,
    /// Percent-encoded: a URL or a form.
    Escaped,
    /// Inside a JSON string.
    Json,
    /// In a message to be signed: percent-encoded where the placeholder is, as in a query that was built before.
    Signed,
}

impl Place {
    /// Determines the kind of place from a request body's content type and appearance.
    pub(super) fn of_body(content_type: Option<&str>, body: &str) -> Place {
        let kind = content_type.unwrap_or_default();
        if kind.contains("x-www-form-urlencoded") {
            Place::Escaped
        } else if kind.contains("json") || serde_json::from_str::<serde::de::IgnoredAny>(body).is_ok() {
            Place::Json
        } else {
            Place::Plain
        }
    }

    /// Returns the place of a placeholder that is percent-encoded itself or is not.
    fn of_placeholder(self, escaped: bool) -> Place {
        if self == Place::Signed && escaped { Place::Escaped } else { self }
    }

    pub(super) fn write(self, value: &str) -> String {
        match self {
            Place::Plain | Place::Signed => value.to_owned(),
            Place::Escaped => utf8_percent_encode(value, ESCAPED).to_string(),
            Place::Json => {
                let quoted = serde_json::Value::from(value).to_string();
                quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned()
            }
        }
    }
}

/// A value that was written into a request, and its placeholder.
pub(super) struct Filled {
    pub(super) placeholder: String,
    pub(super) value: String,
}

/// Fills in every placeholder of a text.
///
/// # Errors
/// [`GuardError::Denied`] for a malformed placeholder, [`GuardError::Local`] when this node lacks the secret.
pub(super) fn fill(
    vault: Vault<'_>,
    text: &str,
    place: Place,
    used: &mut Vec<Filled>,
) -> Result<String, GuardError> {
    fill_to(vault, text, place, used, MAX_DEPTH)
}

/// Fills in a text whose signed messages may contain this many further levels of signatures.
fn fill_to(
    vault: Vault<'_>,
    text: &str,
    place: Place,
    used: &mut Vec<Filled>,
    depth: usize,
) -> Result<String, GuardError> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((start, width)) = opening(rest) {
        let (before, after) = rest.split_at(start);
        out.push_str(before);
        let inside = after.get(width..).unwrap_or_default();
        let Some((inner, tail)) = closing(inside) else {
            if is_meant(inside) {
                return Err(refused(inside));
            }
            out.push_str(after);
            return Ok(out);
        };
        if is_meant(inner) {
            let decoded = percent_decode_str(inner).decode_utf8().map_err(|_| refused(inner))?;
            let value = resolve(vault, &decoded, depth)?;
            out.push_str(&place.of_placeholder(width == ESCAPED_WIDTH).write(&value));
            used.push(Filled { placeholder: format!("{{{{{decoded}}}}}"), value });
            rest = tail;
        } else {
            // The code's own text, such as a template: only its opening is skipped.
            out.push_str(after.get(..width).unwrap_or_default());
            rest = inside;
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// Fills in every placeholder of bytes. Those that are no text stay as they are: a placeholder is text from end to end.
///
/// # Errors
/// Those of [`fill`]: [`GuardError::Denied`], [`GuardError::Local`].
pub(super) fn fill_bytes(
    vault: Vault<'_>,
    bytes: &[u8],
    place: Place,
    used: &mut Vec<Filled>,
) -> Result<Vec<u8>, GuardError> {
    fill_bytes_to(vault, bytes, place, used, MAX_DEPTH)
}

fn fill_bytes_to(
    vault: Vault<'_>,
    bytes: &[u8],
    place: Place,
    used: &mut Vec<Filled>,
    depth: usize,
) -> Result<Vec<u8>, GuardError> {
    let mut out = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.extend_from_slice(fill_to(vault, chunk.valid(), place, used, depth)?.as_bytes());
        out.extend_from_slice(chunk.invalid());
    }
    Ok(out)
}

/// Fills in a header: as any text, and inside the base64 of `Basic` authorization, whose name has no case (RFC 9110 section
/// 11.1). There the base64 as a whole is secret too.
pub(super) fn fill_header(
    vault: Vault<'_>,
    name: &str,
    value: &str,
    used: &mut Vec<Filled>,
) -> Result<String, GuardError> {
    if name == "authorization"
        && let Some((scheme, packed)) = value.split_once(' ')
        && scheme.eq_ignore_ascii_case("basic")
        && let Ok(plain) = STANDARD.decode(packed.trim())
    {
        let filled = STANDARD.encode(fill_bytes(vault, &plain, Place::Plain, used)?);
        if filled != packed.trim() {
            used.push(Filled { placeholder: packed.trim().to_owned(), value: filled.clone() });
        }
        return Ok(format!("{scheme} {filled}"));
    }
    fill(vault, value, Place::Plain, used)
}

/// Length of an escaped `{{`.
const ESCAPED_WIDTH: usize = 6;

/// Returns the position of the next `{{`, escaped or not, and its length in bytes.
fn opening(text: &str) -> Option<(usize, usize)> {
    let escaped = find_ignoring_case(text, "%7b%7b").map(|at| (at, ESCAPED_WIDTH));
    let plain = text.find("{{").map(|at| (at, 2));
    [plain, escaped].into_iter().flatten().min()
}

/// Returns what precedes the next `}}`, escaped or not, and what follows it.
fn closing(text: &str) -> Option<(&str, &str)> {
    let escaped = find_ignoring_case(text, "%7d%7d").map(|at| (at, 6));
    let plain = text.find("}}").map(|at| (at, 2));
    let (at, width) = [plain, escaped].into_iter().flatten().min()?;
    Some((text.get(..at)?, text.get(at.saturating_add(width)..)?))
}

fn find_ignoring_case(text: &str, lower: &str) -> Option<usize> {
    text.as_bytes().windows(lower.len()).position(|window| window.eq_ignore_ascii_case(lower.as_bytes()))
}

/// Returns whether text in braces is meant as a placeholder, well-formed or not.
fn is_meant(inner: &str) -> bool {
    let head: String = inner.chars().take(24).collect::<String>().to_ascii_lowercase().replace("%20", " ");
    let head = head.trim_start_matches([' ', '+', '$']);
    // One extra brace is a slip, two are another placeholder, which is filled in separately.
    let head = if head.starts_with("{{") { head } else { head.strip_prefix('{').unwrap_or(head) };
    ["secret", "hmac"].iter().any(|word| head.starts_with(word))
}

fn refused(inner: &str) -> GuardError {
    let shown: String = inner.chars().take(40).collect();
    GuardError::Denied(format!(
        "{{{{{shown}}}}} is no placeholder: write {{{{secret:NAME}}}}, or let gateway.secret make it"
    ))
}

/// Returns the value that a placeholder stands for. Placeholders in a signed message are filled in before it is signed, since the
/// server checks the signature of what it gets.
fn resolve(vault: Vault<'_>, inner: &str, depth: usize) -> Result<String, GuardError> {
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
    };
    let parts: Vec<&str> = inner.split(':').collect();
    match parts.as_slice() {
        ["secret", name] if is_name(name) => vault.value(name).map(str::to_owned).map_err(GuardError::Local),
        ["hmac", name, hash, key, output, message] if is_name(name) => {
            let message = URL_SAFE_NO_PAD.decode(message).map_err(|_| refused(inner))?;
            let Some(depth) = depth.checked_sub(1) else {
                let text = format!("a signature of signatures is nested more than {MAX_DEPTH} deep");
                return Err(GuardError::Denied(text));
            };
            let message = fill_bytes_to(vault, &message, Place::Signed, &mut Vec::new(), depth)?;
            let secret = vault.value(name).map_err(GuardError::Local)?;
            let bytes = match *key {
                "text" => Some(secret.as_bytes().to_vec()),
                "hex" => hex::decode(secret).ok(),
                "base64" => STANDARD.decode(secret).ok(),
                _ => return Err(refused(inner)),
            };
            let bytes = bytes.ok_or_else(|| {
                GuardError::Local(format!("the secret {name} for {} is not {key} on this node", vault.host))
            })?;
            let signature = sign(hash, &bytes, &message).ok_or_else(|| refused(inner))?;
            match *output {
                "hex" => Ok(hex::encode(signature)),
                "base64" => Ok(STANDARD.encode(signature)),
                "base64url" => Ok(URL_SAFE_NO_PAD.encode(signature)),
                _ => Err(refused(inner)),
            }
        }
        _ => Err(refused(inner)),
    }
}

/// Computes an HMAC (RFC 2104) with a hash given by its Web Crypto name.
fn sign(hash: &str, key: &[u8], message: &[u8]) -> Option<Vec<u8>> {
    fn with<M: Mac + hmac::digest::KeyInit>(key: &[u8], message: &[u8]) -> Option<Vec<u8>> {
        let mut mac = <M as Mac>::new_from_slice(key).ok()?;
        mac.update(message);
        Some(mac.finalize().into_bytes().to_vec())
    }
    match hash {
        "SHA-1" => with::<Hmac<Sha1>>(key, message),
        "SHA-256" => with::<Hmac<Sha256>>(key, message),
        "SHA-384" => with::<Hmac<Sha384>>(key, message),
        "SHA-512" => with::<Hmac<Sha512>>(key, message),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::Secret;

    fn filled(text: &str, place: Place) -> Result<String, GuardError> {
        let secrets = [
            Secret::new(7, "KEY", "api.example.com", "a b\"c/é"),
            Secret::new(7, "JEFE", "api.example.com", "Jefe"),
        ];
        let vault = Vault { secrets: [&secrets, &[]], project: 7, host: "api.example.com" };
        fill(vault, text, place, &mut Vec::new())
    }

    #[test]
    fn a_value_is_written_as_its_place_wants_it() {
        for (text, place, expected) in [
            ("Bearer {{secret:KEY}}!", Place::Plain, "Bearer a b\"c/é!"),
            ("?k={{secret:KEY}}&x=1", Place::Escaped, "?k=a%20b%22c%2F%C3%A9&x=1"),
            ("?k=%7B%7Bsecret%3AKEY%7D%7D", Place::Escaped, "?k=a%20b%22c%2F%C3%A9"),
            ("/bot%7b%7bsecret:KEY%7d%7d/x", Place::Escaped, "/bota%20b%22c%2F%C3%A9/x"),
            (r#"{"k":"{{secret:KEY}}"}"#, Place::Json, r#"{"k":"a b\"c/é"}"#),
            ("{{name}} and {{ {{secret:JEFE}}", Place::Plain, "{{name}} and {{ Jefe"),
            ("no {{ closing", Place::Plain, "no {{ closing"),
        ] {
            assert_eq!(filled(text, place).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn malformed_placeholders_are_refused() {
        for text in [
            "{{secrets.KEY}}",
            "{{ secret:KEY }}",
            "{{SECRET:KEY}}",
            "{{secret:}}",
            "{{secret:KEY",
            "{{secret:a b}}",
            "{{hmac:KEY}}",
            "{{hmac:KEY:MD5:text:hex:YQ}}",
            "{{hmac:KEY:SHA-256:text:hex:!}}",
            "%7B%7Bsecrets.KEY%7D%7D",
            "{{${secret:KEY}}}",
        ] {
            assert!(matches!(filled(text, Place::Plain), Err(GuardError::Denied(_))), "{text}");
        }
        assert!(matches!(filled("{{secret:NONE}}", Place::Plain), Err(GuardError::Local(_))));
        assert!(matches!(
            filled("{{hmac:JEFE:SHA-256:hex:hex:YQ}}", Place::Plain),
            Err(GuardError::Local(_))
        ));
    }

    #[test]
    fn a_signature_is_that_of_the_rfc() {
        // RFC 4231, test case 2.
        let message = URL_SAFE_NO_PAD.encode("what do ya want for nothing?");
        assert_eq!(
            filled(&format!("{{{{hmac:JEFE:SHA-256:text:hex:{message}}}}}"), Place::Plain).unwrap(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn basic_authorization_is_filled_inside_its_base64() {
        let secrets = [Secret::new(7, "PASS", "h.example", "hunter2")];
        let vault = Vault { secrets: [&secrets, &[]], project: 7, host: "h.example" };
        let value = format!("Basic {}", STANDARD.encode("me:{{secret:PASS}}"));
        let mut used = Vec::new();
        let filled = fill_header(vault, "authorization", &value, &mut used).unwrap();
        assert_eq!(filled, format!("Basic {}", STANDARD.encode("me:hunter2")));
        assert_eq!(used[0].value, "hunter2");
        // The whole is as secret as its part.
        assert_eq!(used[1].value, STANDARD.encode("me:hunter2"));
        assert_eq!(used[1].placeholder, STANDARD.encode("me:{{secret:PASS}}"));
        for scheme in ["basic", "BASIC"] {
            let value = value.replace("Basic", scheme);
            let filled = fill_header(vault, "authorization", &value, &mut used).unwrap();
            assert_eq!(filled, format!("{scheme} {}", STANDARD.encode("me:hunter2")));
        }
        let latin = format!("Basic {}", STANDARD.encode(b"m\xfc:{{secret:PASS}}"));
        let filled = fill_header(vault, "authorization", &latin, &mut used).unwrap();
        assert_eq!(filled, format!("Basic {}", STANDARD.encode(b"m\xfc:hunter2")));
    }

    #[test]
    fn bytes_that_are_no_text_are_searched_too() {
        let secrets = [Secret::new(7, "KEY", "h.example", "hunter2")];
        let vault = Vault { secrets: [&secrets, &[]], project: 7, host: "h.example" };
        let fill = |bytes: &[u8]| fill_bytes(vault, bytes, Place::Plain, &mut Vec::new());
        assert_eq!(fill(b"\xff\xd8k={{secret:KEY}}\xff{{\xfe").unwrap(), b"\xff\xd8k=hunter2\xff{{\xfe");
        for text in [&b"\xff{{secrets.KEY}}"[..], b"{{secret:\xff}}"] {
            assert!(matches!(fill(text), Err(GuardError::Denied(_))));
        }
    }

    #[test]
    fn a_signature_covers_the_values_of_its_message() {
        let pack = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let signed =
            |text: &str| filled(&format!("{{{{hmac:JEFE:SHA-256:text:hex:{}}}}}", pack(text)), Place::Plain);
        assert_eq!(signed("k={{secret:JEFE}}&t=1").unwrap(), signed("k=Jefe&t=1").unwrap());
        assert_eq!(signed("k={{secret:KEY}}").unwrap(), signed("k=a b\"c/é").unwrap());
        let query = signed("k=%7B%7Bsecret%3AKEY%7D%7D").unwrap();
        assert_eq!(query, signed("k=a%20b%22c%2F%C3%A9").unwrap());
        let inner = format!("{{{{hmac:JEFE:SHA-256:text:hex:{}}}}}", pack("x"));
        assert_eq!(signed(&inner).unwrap(), signed(&signed("x").unwrap()).unwrap());
        assert!(matches!(signed("{{secret:NONE}}"), Err(GuardError::Local(_))));
        let mut deep = "x".to_owned();
        for _ in 0..4 {
            deep = format!("{{{{hmac:JEFE:SHA-256:text:hex:{}}}}}", pack(&deep));
        }
        assert!(signed(&deep).unwrap_err().to_string().contains("more than 4 deep"));
    }
}
