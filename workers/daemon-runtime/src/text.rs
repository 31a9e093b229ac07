//! Sanitises text from other machines for logging and storage.

/// Returns at most `limit` characters of a text, with every control character replaced by a space.
///
/// PostgreSQL rejects a NUL byte, and line breaks or terminal sequences would forge log lines.
pub fn clean(text: &str, limit: usize) -> String {
    let mut cleaned: String =
        text.chars().take(limit).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(limit).is_some() {
        cleaned.push('…');
    }
    cleaned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_become_spaces_and_long_texts_are_cut() {
        assert_eq!(clean("no\0pe\n\u{1b}[31m", 100), "no pe  [31m");
        assert_eq!(clean("äöü", 2), "äö…");
        assert_eq!(clean("äöü", 3), "äöü");
    }
}
