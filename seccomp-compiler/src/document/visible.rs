//! Text from files and from other programs, as messages show it: nothing in it is hidden, commands a terminal, or fills
//! the screen.

use std::borrow::Cow;

use super::yaml;

/// Whether a character is invisible or not what it looks like: it ends a line for YAML alone, changes the direction of
/// the text, is not shown at all, or is not allowed in YAML.
pub(crate) fn is_misleading(character: char) -> bool {
    character.is_control() || is_invisible(character) || matches!(character, '\u{fffe}' | '\u{ffff}')
}

/// Whether a character is invisible, also in the middle of a word. The joiners and variation selectors that scripts and
/// emoji are written with are not: they change how the character before them looks.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' | '\u{200b}' | '\u{200e}'
        | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | yaml::MARK | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Whether a character always looks the same: it is no control character, does not change the direction of the text, and
/// neither is invisible nor changes how the one before it looks.
pub fn is_plain(character: char) -> bool {
    // Letters and symbols that are blank.
    let is_blank = matches!(character, '\u{115f}'..='\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}');
    matches!(character, ' '..='~') || character.escape_debug().len() == 1 && !is_blank
}

/// The text with every character escaped that is not plain: file names and the names of programs can have any, and a
/// terminal obeys some.
///
/// ```
/// assert_eq!(seccomp_compiler::visible("a\x1b[2Jb.yaml"), "a\\u{1b}[2Jb.yaml");
/// ```
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let escaped = |c: char| match is_plain(c) {
        true => c.to_string(),
        false => c.escape_default().to_string(),
    };
    text.chars().map(escaped).collect()
}

/// The text, with its middle left out if it has more than this many characters.
///
/// ```
/// assert_eq!(seccomp_compiler::shortened("a_name_of_any_length", 9), "a_na…ngth");
/// ```
pub fn shortened(text: &str, longest: usize) -> String {
    let length = text.chars().count();
    if length <= longest {
        return text.to_owned();
    }
    let kept = longest.saturating_sub(1);
    let last = text.chars().skip(length - (kept - kept / 2));
    text.chars().take(kept / 2).chain(['…']).chain(last).collect()
}

/// The most characters of a name in backticks, and of a whole message.
const LONGEST_NAME: usize = 200;
const LONGEST_MESSAGE: usize = 10_000;

/// A message as it is shown: the names in it are visible, and not longer than anybody reads.
pub(crate) fn shown(message: &str) -> String {
    let pieces = message.split('`').enumerate().map(|(index, piece)| {
        let longest = if index % 2 == 1 { LONGEST_NAME } else { LONGEST_MESSAGE };
        shortened(piece, longest)
    });
    visible(&shortened(&pieces.collect::<Vec<_>>().join("`"), LONGEST_MESSAGE)).into_owned()
}

/// A character of a line that is drawn as it is, with marks below it: as wide as it was, or a symbol for it.
pub(crate) fn symbol(character: char) -> char {
    match character {
        '\t' => '\t',
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(character)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\x7f' => '\u{2421}',
        character if is_misleading(character) => char::REPLACEMENT_CHARACTER,
        character => character,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_misleading, is_plain, shortened, shown, visible};

    #[test]
    fn what_is_invisible_is_misleading_and_what_scripts_need_is_not() {
        for hidden in "\u{ad}\u{200b}\u{200e}\u{202e}\u{2028}\u{2060}\u{2064}\u{3164}\u{feff}\u{e0001}\u{e0041}\u{e01ef}".chars() {
            assert!(is_misleading(hidden) && !is_plain(hidden), "{hidden:?}");
        }
        // An umlaut, a joiner between Persian letters, and a warning sign as an emoji.
        for shown in "ü e\u{301} می\u{200c}خواهم ⚠\u{fe0f} 👩\u{200d}💻 中".chars() {
            assert!(!is_misleading(shown), "{shown:?}");
        }
    }

    #[test]
    fn names_cannot_command_a_terminal_or_hide() {
        assert_eq!(visible("a\x1b]0;b\u{202e}c\u{fffd}ü\n"), "a\\u{1b}]0;b\\u{202e}c\u{fffd}ü\\n");
        assert_eq!(visible("\\\"'…"), "\\\"'…");
        for hidden in "\x7f\u{85}\u{9b}\u{a0}\u{ad}\u{34f}\u{61c}\u{115f}\u{17b4}\u{180e}\u{200b}\u{200d}\u{200e}\u{2028}\u{2029}\
                       \u{202a}\u{2060}\u{2066}\u{2069}\u{206a}\u{2800}\u{3000}\u{3164}\u{e000}\u{fe0f}\u{feff}\u{ffa0}\u{fff9}\
                       \u{fffe}\u{1d173}\u{e0001}\u{e0041}\u{e0100}\u{301}"
            .chars()
        {
            let shown = visible(&hidden.to_string()).into_owned();
            assert!(shown.is_ascii() && shown.bytes().all(|byte| byte >= b' '), "{hidden:?}");
        }
    }

    #[test]
    fn a_long_text_keeps_its_beginning_and_its_end() {
        assert_eq!(shortened("abcdef", 6), "abcdef");
        assert_eq!(shortened("abcdefg", 6), "ab…efg");
        assert_eq!(shortened("ab", 1), "…");
    }

    #[test]
    fn a_message_is_bounded_whatever_names_are_in_it() {
        let long = "x".repeat(100_000);
        let text = shown(&format!("unknown key `{long}`, did you mean `\x1b`?"));
        assert!(
            text.starts_with("unknown key `xxx") && text.ends_with("xxx`, did you mean `\\u{1b}`?"),
            "{text}"
        );
        assert!(text.chars().count() < 300);
        assert!(shown(&"`x`y".repeat(100_000)).chars().count() <= 10_000);
    }
}
