//! Bounding a text that is only shown: messages, lines, stacks.

/// Cuts a text to at most `max` bytes, plus an ellipsis, without cutting a character.
pub fn clip(text: &mut String, max: usize) {
    if text.len() > max {
        let cut = (0..=max).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
        text.truncate(cut);
        text.push('…');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        let cut = |text: &str| {
            let mut text = text.to_owned();
            clip(&mut text, 4);
            text
        };
        assert_eq!([cut("abcd"), cut("abcde"), cut("abcé"), cut("éé€")], ["abcd", "abcd…", "abc…", "éé…"]);
    }
}
