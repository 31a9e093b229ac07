//! How placeholders count against the limits of a request.

/// Openings of a signature's placeholder with their ends: as written, and percent-encoded as by `URLSearchParams`.
const SIGNATURES: [(&str, &str); 2] = [("{{hmac:", "}}"), ("%7B%7Bhmac%3A", "%7D%7D")];

/// Bytes of the longest signature: SHA-512 in hexadecimal.
const SIGNATURE: usize = 128;

/// Returns how many bytes of a URL or header count against its limit. The message inside `{{hmac:…}}` is never sent, so such a
/// placeholder counts as the longest signature.
pub(crate) fn sent_length(text: &str) -> usize {
    let mut length = text.len();
    for (opening, end) in SIGNATURES {
        let mut rest = text;
        while let Some((_, after)) = rest.split_once(opening) {
            let Some((inner, behind)) = after.split_once(end) else { break };
            let placeholder = opening.len().saturating_add(inner.len()).saturating_add(end.len());
            length = length.saturating_sub(placeholder.saturating_sub(SIGNATURE));
            rest = behind;
        }
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_of_a_signature_does_not_count() {
        let long = "a".repeat(10_000);
        let written = format!("{{{{hmac:KEY:SHA-256:text:hex:{long}}}}}");
        let escaped = format!("%7B%7Bhmac%3AKEY%3ASHA-256%3Atext%3Ahex%3A{long}%7D%7D");
        for (text, bytes) in [
            (String::new(), 0),
            (long.clone(), 10_000),
            (written.clone(), 128),
            (format!("https://a.b/?s={written}&t={escaped}"), 15 + 128 + 3 + 128),
            // Not closed: everything is the code's own.
            (format!("{{{{hmac:{long}"), 10_007),
            // Shorter than a signature.
            ("{{hmac:K:SHA-1:text:hex:YQ}}".to_owned(), 28),
        ] {
            assert_eq!(sent_length(&text), bytes, "{text:.60}");
        }
    }
}
