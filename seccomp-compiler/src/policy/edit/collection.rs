//! A list or a mapping in a text, what is between its items, and which comments are about which.

use crate::document::yaml::is_blank;
use core::ops::Range;

use super::edits::Unchanged;
use super::splice::{Splice, line_end, line_start, lines_end, quoting};
use crate::document::yaml::syntax::{Content, Part, Quoting};
use crate::policy::print::yaml::{Quotes, Yaml, scalar};

/// A list or a mapping in a text.
///
/// Comments belong to items. One on the lines above an item heads that item and those that follow it without a comment or
/// an empty line between them, and is removed with the last of these. One below an item that is indented more deeply is about
/// the item. So a new item goes directly after the one before it.
pub(super) struct Collection<'a> {
    pub(super) text: &'a str,
    part: &'a Part,
    /// The end of the key that it is the value of.
    key: usize,
    /// The bytes of its items: in a block list from the dash on, in a mapping from the key to the end of the value.
    pub(super) items: Vec<Range<usize>>,
    pub(super) brackets: Option<&'a Range<usize>>,
}

/// What is put into a collection.
pub(super) enum Item<'a> {
    /// An item of a list, with lines of comment above it.
    Value(&'a str, Yaml),
    /// An entry of a mapping.
    Entry(String, Yaml),
}

/// What is between two items: white space, comments, and a comma or a dash.
pub(super) struct Gap {
    pub(super) mark: Option<usize>,
    pub(super) has_comment: bool,
    pub(super) has_line_break: bool,
}

impl Gap {
    fn read(text: &str, range: Range<usize>, mark: char) -> Result<Self, Unchanged> {
        let gap = &text[range.clone()];
        let mut found = Self { mark: None, has_comment: false, has_line_break: gap.contains('\n') };
        let mut in_comment = false;
        for (at, c) in gap.char_indices() {
            match c {
                '\n' => in_comment = false,
                _ if in_comment || c.is_ascii_whitespace() => {}
                '#' => (in_comment, found.has_comment) = (true, true),
                _ if c == mark && found.mark.is_none() => found.mark = Some(range.start + at),
                // Such as an explicit key, or a tag.
                _ => return Err(Unchanged::Unusual),
            }
        }
        Ok(found)
    }
}

impl<'a> Collection<'a> {
    /// The collection in `part`, the value of a key that ends at `key`.
    pub(super) fn new(text: &'a str, part: &'a Part, key: usize) -> Result<Self, Unchanged> {
        let (items, brackets): (Vec<_>, _) = match &part.content {
            Content::List { items, brackets } => {
                (items.iter().map(|item| item.span.clone()).collect(), brackets.as_ref())
            }
            Content::Mapping { entries, brackets } => {
                let reach = |(key, value): &(Part, Part)| key.span.start..value.span.end.max(key.span.end);
                (entries.iter().map(reach).collect(), brackets.as_ref())
            }
            Content::Scalar { .. } | Content::Alias => return Err(Unchanged::Unusual),
        };
        let mut collection = Self { text, part, key, items, brackets };
        let is_list = matches!(part.content, Content::List { .. });
        for at in 0..collection.items.len() {
            if brackets.is_some() {
                collection.gap(at)?;
            } else if is_list {
                collection.items[at].start = collection.dash(at)?;
            } else if let Some(before) = at.checked_sub(1) {
                Gap::read(text, collection.items[before].end..collection.items[at].start, ' ')?;
            }
        }
        Ok(collection)
    }

    /// The dash of an item of a block list.
    fn dash(&self, at: usize) -> Result<usize, Unchanged> {
        let end = self.items[at].start;
        let start = match at.checked_sub(1) {
            Some(before) => self.items[before].end,
            // Behind the colon of the key, and an anchor.
            None => {
                let rest = self.text[self.key..end]
                    .trim_start_matches(is_blank)
                    .strip_prefix(':')
                    .ok_or(Unchanged::Unusual)?;
                let rest = rest.trim_start_matches(is_blank);
                let is_anchor = rest.starts_with('&');
                let behind = rest.trim_start_matches(|c: char| is_anchor && !is_blank(c));
                end - behind.len()
            }
        };
        Gap::read(self.text, start..end, '-')?.mark.ok_or(Unchanged::Unusual)
    }

    /// What is before an item within brackets, or after the last.
    pub(super) fn gap(&self, at: usize) -> Result<Gap, Unchanged> {
        let brackets = self.brackets.ok_or(Unchanged::Unusual)?;
        let start = at.checked_sub(1).map_or(brackets.start + 1, |before| self.items[before].end);
        let end = self.items.get(at).map_or(brackets.end - 1, |item| item.start);
        Gap::read(self.text, start..end, ',')
    }

    /// How strings are quoted here: like an item that needs no quotes, or else like the key.
    pub(super) fn quotes(&self) -> Quotes {
        let is_free =
            |part: &&Part| part.text().is_some_and(|text| scalar(text, Quotes::WhereNeeded, true) == text);
        match &self.part.content {
            Content::Mapping { entries, .. } => match entries.first().and_then(|(key, _)| quoting(key)) {
                Some(Quoting::Double) => Quotes::Json,
                Some(Quoting::Plain | Quoting::Single | Quoting::Block) | None => Quotes::WhereNeeded,
            },
            Content::List { items, .. } => {
                match (items.iter().find(is_free).and_then(quoting), self.text[..self.key].ends_with('"')) {
                    (Some(Quoting::Double) | None, true) => Quotes::Json,
                    (Some(Quoting::Double), false) => Quotes::Double,
                    (Some(Quoting::Single), _) => Quotes::Single,
                    (Some(Quoting::Plain | Quoting::Block), _) | (None, false) => Quotes::WhereNeeded,
                }
            }
            Content::Scalar { .. } | Content::Alias => Quotes::WhereNeeded,
        }
    }

    /// Inserts an item behind `at` others.
    pub(super) fn insert(&self, at: usize, item: &Item<'_>) -> Result<Vec<Splice>, Unchanged> {
        match self.brackets {
            Some(brackets) => self.insert_in_brackets(at, item, brackets),
            None => self.insert_lines(at, item).map(|splice| vec![splice]),
        }
    }

    /// Removes an item.
    pub(super) fn remove(&self, at: usize) -> Result<Vec<Splice>, Unchanged> {
        match self.brackets {
            Some(_) => self.remove_in_brackets(at),
            None => self.remove_lines(at).map(|splice| vec![splice]),
        }
    }

    /// What is before an item on its line.
    pub(super) fn indent(&self, at: usize) -> &'a str {
        let start = self.items[at].start;
        &self.text[line_start(self.text, start)..start]
    }

    /// Where the lines end that belong to what is before an item.
    pub(super) fn lines_end_before(&self, at: usize, column: usize) -> usize {
        let first = self.brackets.map_or(self.key, |brackets| brackets.start);
        let before = at.checked_sub(1).map_or(first, |before| self.items[before].end);
        lines_end(self.text, before, column)
    }

    /// The lines of an item, with the comments that belong to it alone.
    pub(super) fn lines(&self, at: usize) -> Range<usize> {
        let item = &self.items[at];
        let column = self.indent(at).len();
        let mut start = line_start(self.text, item.start);
        let end = lines_end(self.text, item.end, column);
        let heads_others =
            self.items.get(at + 1).is_some_and(|next| line_start(self.text, next.start) <= end);
        // A comment at the top of a file is about the file.
        let is_top = at == 0 && self.key == 0;
        if !heads_others && !is_top {
            let limit = self.lines_end_before(at, column);
            let line_above = |start: usize| start.checked_sub(1).map(|end| line_start(self.text, end));
            while let Some(above) = line_above(start).filter(|above| *above >= limit)
                && self.text[above..].trim_start_matches([' ', '\t']).starts_with('#')
            {
                start = above;
            }
        }
        start..end
    }

    /// Whether an item is the first on its line.
    pub(super) fn begins_line(&self, at: usize) -> bool {
        self.indent(at).trim_matches([' ', '\t']).is_empty()
    }

    /// Whether an item shares no line with others.
    pub(super) fn is_alone(&self, at: usize) -> bool {
        let end = self.items[at].end;
        let rest = self.text[end..line_end(self.text, end)].trim_start_matches(is_blank);
        let rest = rest.strip_prefix(',').unwrap_or(rest).trim_start_matches(is_blank);
        self.begins_line(at) && (rest.is_empty() || rest.starts_with('#'))
    }
}
