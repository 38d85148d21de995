//! Replacements in a text, and its lines.

use crate::document::yaml::is_blank;
use core::ops::Range;

use super::edits::Unchanged;
use crate::document::yaml::syntax::{Content, Part, Quoting};
use crate::policy::print::yaml::{Quotes, scalar};

/// Replaces a range of bytes.
#[derive(Debug)]
pub(super) struct Splice {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

impl Splice {
    pub(super) fn insert(at: usize, text: impl Into<String>) -> Self {
        Self { range: at..at, text: text.into() }
    }

    pub(super) fn remove(range: Range<usize>) -> Self {
        Self { range, text: String::new() }
    }

    /// Replaces a scalar of a text, and keeps its quotes.
    pub(super) fn replace(text: &str, part: &Part, new: &str, in_flow: bool) -> Result<Self, Unchanged> {
        if text[part.span.start..].starts_with(['&', '!']) {
            return Err(Unchanged::Unusual);
        }
        let quotes = match quoting(part) {
            Some(Quoting::Plain) => Quotes::WhereNeeded,
            Some(Quoting::Single) => Quotes::Single,
            Some(Quoting::Double) => Quotes::Double,
            Some(Quoting::Block) | None => return Err(Unchanged::Unusual),
        };
        Ok(Self { range: part.span.clone(), text: scalar(new, quotes, in_flow) })
    }

    /// Several splices, which do not overlap, as one that reaches from the first to the last.
    pub(super) fn joined(text: &str, mut splices: Vec<Self>) -> Self {
        splices.sort_by_key(|splice| splice.range.start);
        let start = splices.first().map_or(0, |first| first.range.start);
        let mut joined = Self::insert(start, "");
        for Self { range, text: new } in splices {
            joined.text += &text[joined.range.end..range.start];
            joined.text += &new;
            joined.range.end = range.end;
        }
        joined
    }
}

/// How a scalar is quoted.
pub(super) fn quoting(part: &Part) -> Option<Quoting> {
    match part.content {
        Content::Scalar { quoting, .. } => Some(quoting),
        Content::List { .. } | Content::Mapping { .. } | Content::Alias => None,
    }
}

pub(super) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

/// The start of the next line.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |end| at + end + 1)
}

/// How lines end.
pub(super) fn line_break(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// Where the lines of something end that ends at `from` and begins in `column`: comments below that are indented more
/// deeply are about it.
pub(super) fn lines_end(text: &str, from: usize, column: usize) -> usize {
    let mut end = line_end(text, from);
    let mut next = end;
    for line in text[end..].split_inclusive('\n') {
        next += line.len();
        let content = line.trim_start_matches(is_blank);
        if content.starts_with('#') && line.len() - content.len() > column {
            end = next;
        } else if !content.is_empty() {
            break;
        }
    }
    end
}
