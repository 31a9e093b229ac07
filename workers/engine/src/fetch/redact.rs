//! Secrets that a server echoes back are replaced by their placeholders before code, recording or log sees them: the same text
//! on every node, whatever the values are.

use gateway_vm_protocol::FetchResponse;
use memchr::memmem;

use super::placeholder::{Filled, Place};

/// Shortest value searched for, in bytes: a shorter one would be found everywhere, and is therefore not hidden.
const MIN_BYTES: usize = 4;

/// Replaces the values in URL, headers and body of a response.
pub(super) fn redact(used: &[Filled], response: &mut FetchResponse) {
    for Filled { placeholder, value } in used.iter().filter(|filled| filled.value.len() >= MIN_BYTES) {
        let mut forms = vec![value.clone(), Place::Escaped.write(value), Place::Json.write(value)];
        forms.dedup();
        for form in forms {
            response.url = response.url.replace(&form, placeholder);
            for (_, text) in &mut response.headers {
                *text = text.replace(&form, placeholder);
            }
            replace(&mut response.body.0, form.as_bytes(), placeholder.as_bytes());
        }
    }
}

fn replace(body: &mut Vec<u8>, needle: &[u8], with: &[u8]) {
    let found: Vec<usize> = memmem::find_iter(body, needle).collect();
    if found.is_empty() {
        return;
    }
    let mut out = Vec::with_capacity(body.len());
    let mut from = 0;
    for at in found {
        out.extend_from_slice(body.get(from..at).unwrap_or_default());
        out.extend_from_slice(with);
        from = at.saturating_add(needle.len());
    }
    out.extend_from_slice(body.get(from..).unwrap_or_default());
    *body = out;
}

#[cfg(test)]
mod tests {
    use gateway_vm_protocol::Bytes;

    use super::*;

    #[test]
    fn an_echo_shows_the_placeholder_in_every_form() {
        let mut response = FetchResponse {
            status: 200,
            url: "https://h.example/?k=a%20key".to_owned(),
            headers: vec![("link".to_owned(), "</?k=a key>".to_owned())],
            body: Bytes(b"a key, a%20key; {\"k\":\"a key\"}".to_vec()),
            transformed: false,
        };
        let filled = Filled { placeholder: "{{secret:K}}".to_owned(), value: "a key".to_owned() };
        redact(&[filled], &mut response);
        assert_eq!(response.url, "https://h.example/?k={{secret:K}}");
        assert_eq!(response.headers[0].1, "</?k={{secret:K}}>");
        assert_eq!(response.body.0, b"{{secret:K}}, {{secret:K}}; {\"k\":\"{{secret:K}}\"}");
    }
}
