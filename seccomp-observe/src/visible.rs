//! Text for terminals and other programs: programs choose their own names, and a terminal obeys some characters.

use std::borrow::Cow;

/// Whether a character is shown as what it is: no control character, none that changes the direction of the text, and
/// none that is invisible or changes the look of the one before it.
pub(crate) fn is_plain(c: char) -> bool {
    // Letters and symbols that are blank.
    let is_blank = matches!(c, '\u{115f}'..='\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}');
    matches!(c, ' '..='~') || c.escape_debug().len() == 1 && !is_blank
}

/// The text with every character escaped that is not plain.
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let escaped = |c: char| match is_plain(c) {
        true => c.to_string(),
        false => c.escape_default().to_string(),
    };
    text.chars().map(escaped).collect()
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn names_cannot_command_a_terminal_or_hide() {
        assert_eq!(visible("a\x1b]0;b\u{202e}c\u{fffd}ü\\\"'"), "a\\u{1b}]0;b\\u{202e}c\u{fffd}ü\\\"'");
        for hidden in "\x7f\u{85}\u{9b}\u{a0}\u{ad}\u{34f}\u{61c}\u{115f}\u{17b4}\u{180e}\u{200b}\u{200d}\u{200e}\u{2028}\u{2029}\
                       \u{202a}\u{2060}\u{2066}\u{2069}\u{206a}\u{2800}\u{3000}\u{3164}\u{e000}\u{fe0f}\u{feff}\u{ffa0}\u{fff9}\
                       \u{fffe}\u{1d173}\u{e0001}\u{e0041}\u{e0100}\u{301}"
            .chars()
        {
            let shown = visible(&hidden.to_string()).into_owned();
            assert!(shown.is_ascii() && shown.bytes().all(|byte| byte >= b' '), "{hidden:?}");
        }
    }
}
