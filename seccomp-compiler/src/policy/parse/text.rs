//! From bytes to text that is what it looks like, and what is wrong where text is not YAML.

use crate::diagnose::document::DocumentProblem;
use crate::document::source::{Place, Span};
use crate::document::visible::is_misleading;
use crate::document::yaml::{self, SyntaxError};

/// The text of a file, if it has no character that is invisible or misleading.
pub(super) fn decode(bytes: &[u8]) -> Result<&str, (Span, DocumentProblem)> {
    let text = core::str::from_utf8(bytes).map_err(|error| {
        let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        (end(&valid), DocumentProblem::NotUtf8)
    })?;
    match misleading(text) {
        Some((offset, character)) => {
            Err((end(&text[..offset]), DocumentProblem::HiddenCharacter { character }))
        }
        None => Ok(text),
    }
}

/// The place after a text.
fn end(text: &str) -> Span {
    let line = text.matches('\n').count() + 1;
    let before = text.chars().rev().take_while(|c| *c != '\n');
    Span { line, column: before.filter(|c| *c != yaml::MARK).count() + 1, length: 1 }
}

/// The first misleading character, with its offset.
fn misleading(text: &str) -> Option<(usize, char)> {
    let bytes = text.as_bytes();
    let mut plain = 0;
    // Most texts are ASCII to the end. Without this loop, an unoptimised macro expands the ready policies up to 9 %
    // slower.
    while plain < bytes.len() && matches!(bytes[plain], b'\n' | b' '..=b'~') {
        plain += 1;
    }
    let mut rest = text[plain..].char_indices().map(|(offset, character)| (plain + offset, character));
    rest.find(|(offset, character)| match character {
        '\t' | '\n' => false,
        '\r' => bytes.get(offset + 1) != Some(&b'\n'),
        &yaml::MARK => *offset != 0,
        character => is_misleading(*character),
    })
}

/// What the YAML library could not read. A bare `@` and tabs are the usual mistakes, so they have problems of their own.
pub(super) fn syntax_error(text: &str, file: usize, error: SyntaxError) -> (Span, DocumentProblem) {
    let SyntaxError { message, span, context } = error;
    let line = text.lines().nth(span.line.saturating_sub(1)).unwrap_or_default();
    let rest = line.chars().skip(span.column.saturating_sub(1));
    let name: String = rest.clone().take_while(|c| !c.is_whitespace() && !",]}".contains(*c)).collect();
    match rest.clone().next() {
        Some('@') => {
            let length = name.chars().count();
            (Span { length, ..span }, DocumentProblem::ReservedAt { name })
        }
        Some('\t') => (span, DocumentProblem::TabIndentation),
        _ => {
            let message = plain(&message).map_or(message, str::to_owned);
            let context = context.map(|(span, text)| (Place::span(file, span), text));
            (span, DocumentProblem::InvalidYaml { error: message, context })
        }
    }
}

/// What the library's usual messages mean for the author. Most are about a line that is indented too little or too much.
fn plain(message: &str) -> Option<&'static str> {
    Some(match message {
        "did not find expected key" => {
            "this does not continue what is above it: the keys of a mapping begin in one column, and so do the items of a list"
        }
        "did not find expected '-' indicator" => {
            "an item that begins with `-` is expected here: the items of a list are indented alike"
        }
        "mapping values are not allowed in this context" => {
            "there cannot be a `key: value` here: it is indented too far, or the line before it does not end in `:`"
        }
        "block sequence entries are not allowed in this context" => {
            "there cannot be an item of a list here: it is indented otherwise than the others, or on the line of its key"
        }
        "could not find expected ':'" => "a key without a `:` behind it",
        "did not find expected ',' or ']'" => "a `,` or the closing `]` of a list is expected here",
        "did not find expected ',' or '}'" => "a `,` or the closing `}` of a mapping is expected here",
        _ => return None,
    })
}
