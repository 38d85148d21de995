//! Why a text has no tree: it is no YAML, or the library must not see it.

use core::fmt;

use super::depth;
use super::positions::position;
use crate::document::source::Span;

/// The most levels that collections may nest.
pub(crate) const MAX_DEPTH: usize = 64;
/// The most files that a policy may include.
pub(crate) const MAX_FILES: usize = 1024;
/// The most flow collections that a document may open: the library's work for each grows with the number of open ones.
const MAX_FLOWS: usize = 16_384;

/// Why a text has no tree.
#[derive(Debug)]
pub(crate) enum Refusal {
    Syntax(SyntaxError),
    TooDeep { span: Span, excess: Excess },
}

/// What a document has too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Excess {
    Levels,
    /// Levels, with what aliases refer to written out.
    Aliases,
    Brackets,
    Open,
    Includes,
    Files,
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Levels => write!(f, "is nested more than {MAX_DEPTH} levels deep"),
            Self::Aliases => write!(f, "is nested more than {MAX_DEPTH} levels deep through its aliases"),
            Self::Open => {
                write!(f, "has more than {} brackets and braces that nothing closes", depth::MAX_OPEN)
            }
            Self::Includes => write!(f, "includes files more than {MAX_DEPTH} levels deep"),
            Self::Files => write!(f, "includes more than {MAX_FILES} files"),
            Self::Brackets => write!(f, "has more than {MAX_FLOWS} opening brackets and braces"),
        }
    }
}

/// What is not YAML.
#[derive(Debug)]
pub(crate) struct SyntaxError {
    pub(crate) message: String,
    pub(crate) span: Span,
    /// What the parser was doing, where that has a place of its own: reading the list of an open bracket, say.
    pub(crate) context: Option<(Span, String)>,
}

/// What the library says where a document nests too deeply.
const LIMIT: &str = "recursion limit";

pub(super) fn refusal(error: &serde_yaml::Error, document: &str) -> Refusal {
    let text = error.to_string();
    let span = error.location().map_or(Span { line: 1, column: 1, length: 1 }, |at| Span {
        line: at.line(),
        column: at.column(),
        length: 1,
    });
    if text.contains(LIMIT) {
        // With a string in place of each alias, only the text itself nests.
        let is_too_deep = |text: &str| {
            let read: Result<serde_yaml::Value, _> = serde_yaml::from_str(text);
            read.is_err_and(|error| error.to_string().contains(LIMIT))
        };
        let by_aliases = document.contains('*') && !is_too_deep(&document.replace('*', "x"));
        return Refusal::TooDeep { span, excess: if by_aliases { Excess::Aliases } else { Excess::Levels } };
    }
    if text.contains("more than one document") {
        // The library does not say where the second one begins.
        let lines =
            document.lines().enumerate().skip_while(|(_, line)| line.starts_with('#') || line.is_empty());
        let marker = lines.skip(1).find(|(_, line)| line.starts_with("---"));
        let span = marker.map_or(span, |(number, _)| Span { line: number + 1, column: 1, length: 3 });
        let message = "more than one document in the file".to_owned();
        return Refusal::Syntax(SyntaxError { message, span, context: None });
    }
    // The position is drawn beside the message, so the message does not repeat it.
    let unplaced =
        |text: &str| text.split(" at line ").next().unwrap_or_default().trim_start_matches(".: ").to_owned();
    let (message, context) = match text.split_once(", while ") {
        Some((message, context)) => (message, Some(context).filter(|context| context.contains(" line "))),
        None => (&*text, None),
    };
    let context = context.map(|context| (position(context), format!("while {}", unplaced(context))));
    Refusal::Syntax(SyntaxError { message: unplaced(message), span, context })
}

/// The place where a document nests deeper than allowed, found by a scan that knows quotes, comments and brackets. The
/// library's time grows with the square of the depth, so it must not see such a text.
pub(super) fn too_deep(text: &str) -> Option<(Span, Excess)> {
    // So few brackets cannot nest too deeply, and counting them costs next to nothing.
    if text.matches('[').count() + text.matches('{').count() <= MAX_DEPTH {
        return None;
    }
    let mut depth = 0_usize;
    let mut opened = 0_usize;
    let mut quote = None;
    for (number, line) in text.lines().enumerate() {
        let mut before = ' ';
        let mut escaped = false;
        for (column, c) in line.chars().enumerate() {
            match (quote, c) {
                (Some('"'), '\\') if !escaped => escaped = true,
                (Some(open), _) if c == open && !escaped => quote = None,
                (Some(_), _) => escaped = false,
                (None, '#') if before == ' ' || before == '\t' => break,
                (None, '"' | '\'') if " \t[{,:-?".contains(before) => quote = Some(c),
                (None, '[' | '{') => {
                    depth += 1;
                    opened += 1;
                    if depth > MAX_DEPTH || opened > MAX_FLOWS {
                        let excess = if depth > MAX_DEPTH { Excess::Levels } else { Excess::Brackets };
                        return Some((Span { line: number + 1, column: column + 1, length: 1 }, excess));
                    }
                }
                (None, ']' | '}') => depth = depth.saturating_sub(1),
                _ => {}
            }
            before = c;
        }
    }
    let at = depth::too_many_open(text)?;
    let (line, start) = (text[..at].matches('\n').count() + 1, text[..at].rfind('\n').map_or(0, |at| at + 1));
    let column = text[start..at].chars().count() + 1;
    Some((Span { line, column, length: 1 }, Excess::Open))
}
