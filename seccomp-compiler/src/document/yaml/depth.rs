//! How deep the brackets of a text can nest, before the YAML library sees it: its time for each token grows with the
//! number of open brackets, and nothing bounds those.

/// The most brackets that may be open at once, however the text is read. More than the deepest collections that are
/// accepted, because this also counts brackets in strings that nothing closes.
pub(super) const MAX_OPEN: usize = 512;

/// The byte at which more than [`MAX_OPEN`] brackets can be open.
///
/// What is in quotes, in a comment or in a tag opens and closes nothing, but only a whole parser knows where these begin:
/// not in the middle of a plain scalar, which may go on over many lines. So this follows all the readings at once, and
/// knows the most that can be open in each. One of them is the parser's.
pub(super) fn too_many_open(text: &str) -> Option<usize> {
    let mut readings = Readings { token: Some(0), ..Readings::default() };
    let mut before = b'\n';
    for (at, byte) in text.bytes().enumerate() {
        readings.next(before, byte);
        if readings.token > Some(MAX_OPEN) {
            return Some(at);
        }
        before = byte;
    }
    None
}

/// The most brackets that are open if the text so far is read in one of these ways; `None` if it cannot be.
#[derive(Default)]
struct Readings {
    /// Between tokens, or in a plain or a block scalar. These need not be told apart: where brackets are open, a plain
    /// scalar ends at the next one, and there is no block scalar.
    token: Option<usize>,
    single: Option<usize>,
    /// After a quote that ends a scalar in single quotes, unless another quote follows.
    closed: Option<usize>,
    double: Option<usize>,
    /// After a backslash in double quotes.
    escape: Option<usize>,
    /// A comment, or a directive.
    comment: Option<usize>,
    tag: Option<usize>,
}

impl Readings {
    fn next(&mut self, before: u8, byte: u8) {
        let token = self.token;
        // After a letter, these are part of a plain scalar.
        let begins = before.is_ascii_whitespace() || before.is_ascii_punctuation();
        // After anything else, a quote is part of a plain scalar, or the parser stops there.
        let begins_scalar = before.is_ascii_whitespace() || b"[]{},:?-".contains(&before);
        let (escaped, closed) = (self.escape.take(), self.closed.take());
        match byte {
            b'[' | b'{' => self.token = token.map(|open| open + 1),
            b']' | b'}' => self.token = token.map(|open| open.saturating_sub(1)),
            b'\'' => {
                self.end(self.single);
                self.closed = self.single;
                self.single = if before == b'\'' { closed } else { token.filter(|_| begins_scalar) };
            }
            b'"' => {
                self.end(self.double);
                self.double = token.filter(|_| begins_scalar);
            }
            b'\\' => self.escape = self.double.take(),
            b'#' if begins => {
                self.comment = self.comment.max(token);
                // After white space, it is nothing else.
                self.token = token.filter(|_| !before.is_ascii_whitespace());
            }
            b'%' if before == b'\n' => self.comment = self.comment.max(token),
            b'!' if begins => self.tag = self.tag.max(token),
            b'\n' => {
                self.end(self.comment);
                self.end(self.tag);
                (self.comment, self.tag) = (None, None);
            }
            b' ' | b'\t' | b'\r' => {
                self.end(self.tag);
                self.tag = None;
            }
            _ => {}
        }
        self.double = self.double.max(escaped);
    }

    /// Another reading ends here.
    fn end(&mut self, reading: Option<usize>) {
        self.token = self.token.max(reading);
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_OPEN, too_many_open};

    #[test]
    fn no_quote_comment_or_tag_hides_what_is_open() {
        let text = |before: &str, unit: &str| format!("{before}{}", unit.repeat(MAX_OPEN + 1));
        for (before, unit) in [
            ("", "["),
            ("a: {", "{"),
            ("a 'b: ", "["),
            ("a\n  \"b: ", "["),
            ("# '\n", "["),
            ("- 'a' # '\n- ", "["),
            ("a 'b: ", "[ \"]\", "),
            ("a \"b: ", "[ ']', "),
            ("", "[ \"\\\"]\", "),
            ("", "[ ''']', "),
            ("", "[ ''''']', "),
            ("", "[ '', \"\", "),
            ("a ''\n  'b: ", "[ ']', "),
            ("- ' ''\n- '' '\n- ", "["),
            ("- 'a # '\n- ", "["),
            ("- |\n  # '\n- ", "[ # ]\n"),
            ("", "[ # ]\n"),
            ("", "[,#]\n"),
            ("", "[\n%x ]\n"),
            ("", "[ !<]> "),
        ] {
            assert!(too_many_open(&text(before, unit)).is_some(), "{before}{unit}…");
        }
    }

    #[test]
    fn what_people_write_is_not_too_deep() {
        for line in [
            "- {name: 'a', values: [1, \"b\"], text: \"[x]\"} # [see] 'this'\n",
            "- don't [say] it's {so}\n",
            "- pattern: '[^\\]]+'\n",
            "- !tag [a, b]\n",
            "- ['', \"\"]\n- [\"\", '']\n",
            "- {a: '', b: 'it''s', c: ''''}\n",
            "- {a: \"\", b: \"\\\"\", c: \"x\"}\n",
            "- [{a: 'x.', b: \"y!\"}, 'z']\n",
            "- a # or: [\n# {\n",
        ] {
            assert_eq!(too_many_open(&line.repeat(2000)), None, "{line}");
        }
    }
}
