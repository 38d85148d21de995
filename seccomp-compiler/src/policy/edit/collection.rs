//! Adds an item to a list or a mapping, or removes one, in the style of the text.

use core::ops::Range;

use super::change::Unchanged;
use crate::document::yaml::syntax::{Content, Part, Quoting};
use crate::policy::print::yaml::{Quotes, Yaml, scalar};

/// Replaces a range of bytes.
#[derive(Debug)]
pub(super) struct Splice {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

fn splice(range: Range<usize>, text: impl Into<String>) -> Splice {
    Splice { range, text: text.into() }
}

/// A list or a mapping in a text.
pub(super) struct Collection<'a> {
    text: &'a str,
    part: &'a Part,
    /// Where the key ends that it is the value of.
    key: usize,
    /// The bytes of its items: in a block list from the dash on, in a mapping from the key to the end of the value.
    items: Vec<Range<usize>>,
    brackets: Option<&'a Range<usize>>,
}

/// What is put into a collection.
pub(super) enum Item<'a> {
    /// An item of a list, with lines of comment above it.
    Value(&'a str, Yaml),
    /// An entry of a mapping.
    Entry(String, Yaml),
}

impl<'a> Collection<'a> {
    /// The collection in `part`, the value of a key that ends at `key`.
    pub(super) fn new(text: &'a str, part: &'a Part, key: usize) -> Result<Self, Unchanged> {
        let dash = |item: &Part| {
            let before = text[..item.span.start].trim_end_matches(' ');
            before.ends_with('-').then(|| before.len() - 1..item.span.end).ok_or(Unchanged::Unusual)
        };
        let (items, brackets) = match &part.content {
            Content::List { items, brackets: Some(brackets) } => {
                (items.iter().map(|item| item.span.clone()).collect(), Some(brackets))
            }
            Content::List { items, brackets: None } => {
                (items.iter().map(dash).collect::<Result<_, _>>()?, None)
            }
            Content::Mapping { entries, brackets } => {
                let reach = |(key, value): &(Part, Part)| key.span.start..value.span.end.max(key.span.end);
                (entries.iter().map(reach).collect(), brackets.as_ref())
            }
            Content::Scalar { .. } | Content::Alias => return Err(Unchanged::Unusual),
        };
        Ok(Self { text, part, key, items, brackets })
    }

    /// How strings are quoted here: like an item that needs no quotes, or else like the key.
    fn quotes(&self) -> Quotes {
        let is_free =
            |part: &&Part| part.text().is_some_and(|text| scalar(text, Quotes::WhereNeeded, true) == text);
        match &self.part.content {
            Content::Mapping { entries, .. } => match entries.first().map(|(key, _)| quoting(key)) {
                Some(Quoting::Double) => Quotes::Json,
                Some(Quoting::Plain | Quoting::Single | Quoting::Block) | None => Quotes::WhereNeeded,
            },
            Content::List { items, .. } => {
                match (items.iter().find(is_free).map(quoting), self.text[..self.key].ends_with('"')) {
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
            Some(brackets) => Ok(self.insert_in_brackets(at, item, brackets)),
            None => self.insert_lines(at, item).map(|splice| vec![splice]),
        }
    }

    /// Removes an item.
    pub(super) fn remove(&self, at: usize) -> Result<Vec<Splice>, Unchanged> {
        match self.brackets {
            Some(brackets) => Ok(self.remove_in_brackets(at, brackets)),
            None => self.remove_lines(at).map(|splice| vec![splice]),
        }
    }

    fn insert_lines(&self, at: usize, item: &Item<'_>) -> Result<Splice, Unchanged> {
        let first = self.items.first().ok_or(Unchanged::Unusual)?;
        let indent = first.start - line_start(self.text, first.start);
        let quotes = self.quotes();
        let block = match item {
            Item::Value(comment, value) => {
                Yaml::List(vec![((*comment).to_owned(), value.clone())]).block(indent, quotes)
            }
            Item::Entry(key, value) => Yaml::Block(vec![(key.clone(), value.clone())]).block(indent, quotes),
        };
        let end = line_break(self.text);
        let block = format!("{:indent$}{}", "", block.replace('\n', end));
        // Comments above the first item stay above it.
        let before = at.checked_sub(1).map_or(self.key, |before| self.items[before].end);
        let behind = line_end(self.text, before);
        if at == 0 && behind > line_start(self.text, first.start) {
            return Err(Unchanged::Unusual);
        }
        let is_last = !self.text[..behind].ends_with('\n');
        let text = if is_last { format!("{end}{block}") } else { format!("{block}{end}") };
        Ok(splice(behind..behind, text))
    }

    fn remove_lines(&self, at: usize) -> Result<Splice, Unchanged> {
        let item = &self.items[at];
        let (start, end) = (line_start(self.text, item.start), line_end(self.text, item.end));
        if !self.text[start..item.start].trim_matches(' ').is_empty() {
            // The first key of an item stands behind its dash, where the next one goes.
            let next = self.items.get(at + 1).ok_or(Unchanged::Unusual)?;
            return Ok(splice(item.start..next.start, ""));
        }
        let is_last = !self.text[..end].ends_with('\n');
        let start = if is_last { self.text[..start].trim_end_matches(['\r', '\n']).len() } else { start };
        Ok(splice(start..end, ""))
    }

    fn insert_in_brackets(&self, at: usize, item: &Item<'_>, brackets: &Range<usize>) -> Vec<Splice> {
        let quotes = self.quotes();
        let item = match item {
            Item::Value(_, value) => value.flow(quotes),
            Item::Entry(key, value) => {
                let entry = Yaml::Map(vec![(key.clone(), value.clone())]).flow(quotes);
                entry[1..entry.len() - 1].to_owned()
            }
        };
        let Some(last) = self.items.last() else {
            return vec![splice(brackets.end - 1..brackets.end - 1, item)];
        };
        let own_line = self.own_line(at.min(self.items.len() - 1));
        let separator = match own_line {
            Some(indent) => format!("{}{:indent$}", line_break(self.text), ""),
            None => " ".to_owned(),
        };
        if let Some(next) = self.items.get(at) {
            return vec![splice(next.start..next.start, format!("{item},{separator}"))];
        }
        let behind = self.text[last.end..brackets.end].trim_start();
        match (behind.starts_with(','), own_line) {
            (false, None) => vec![splice(last.end..last.end, format!(",{separator}{item}"))],
            (true, None) => {
                let comma = brackets.end - behind.len() + 1;
                vec![splice(comma..comma, format!("{separator}{item},"))]
            }
            // A comment may stand behind the last item.
            (has_comma, Some(_)) => {
                let line = line_end(self.text, last.end);
                let line = self.text[..line].trim_end_matches(['\r', '\n']).len().min(brackets.end - 1);
                let comma = (!has_comma).then(|| splice(last.end..last.end, ","));
                let comma_behind = if has_comma { "," } else { "" };
                let new = splice(line..line, format!("{separator}{item}{comma_behind}"));
                comma.into_iter().chain([new]).collect()
            }
        }
    }

    fn remove_in_brackets(&self, at: usize, brackets: &Range<usize>) -> Vec<Splice> {
        let item = &self.items[at];
        let (before, next) = (at.checked_sub(1).map(|before| &self.items[before]), self.items.get(at + 1));
        let same_line = |from: usize, to: usize| !self.text[from..to].contains('\n');
        let behind = self.text[item.end..brackets.end].trim_start();
        let comma = behind.starts_with(',').then(|| brackets.end - behind.len());
        if self.own_line(at).is_some() {
            let (start, end) = (line_start(self.text, item.start), line_end(self.text, item.end));
            let line = splice(start..end.min(brackets.end - 1), "");
            // The new last item has a comma only if this one had.
            let comma = before.filter(|_| next.is_none() && comma.is_none()).map(|before| {
                let comma = before.end + self.text[before.end..].find(',').unwrap_or_default();
                splice(comma..comma + 1, "")
            });
            return comma.into_iter().chain([line]).collect();
        }
        match (before, next) {
            (_, Some(next)) if same_line(item.end, next.start) => vec![splice(item.start..next.start, "")],
            (Some(before), _) if same_line(before.end, item.start) => {
                vec![splice(before.end..item.end, "")]
            }
            (_, Some(_)) => vec![splice(item.start..comma.map_or(item.end, |comma| comma + 1), "")],
            (Some(before), None) => vec![splice(before.end..item.end, "")],
            (None, None) => vec![splice(item.start..comma.map_or(item.end, |comma| comma + 1), "")],
        }
    }

    /// The indentation of an item that shares no line with others.
    fn own_line(&self, at: usize) -> Option<usize> {
        let item = &self.items[at];
        let start = line_start(self.text, item.start);
        let is_first = self.text[start..item.start].trim_matches([' ', '\t']).is_empty();
        let rest = self.text[item.end..line_end(self.text, item.end)].trim_start();
        let rest = rest.strip_prefix(',').unwrap_or(rest).trim();
        (is_first && (rest.is_empty() || rest.starts_with('#'))).then_some(item.start - start)
    }
}

/// Replaces a scalar, and keeps its quotes.
pub(super) fn replaced(part: &Part, text: &str, in_flow: bool) -> Result<Splice, Unchanged> {
    let quotes = match part.content {
        Content::Scalar { .. } => match quoting(part) {
            Quoting::Plain => Quotes::WhereNeeded,
            Quoting::Single => Quotes::Single,
            Quoting::Double => Quotes::Double,
            Quoting::Block => return Err(Unchanged::Unusual),
        },
        Content::List { .. } | Content::Mapping { .. } | Content::Alias => return Err(Unchanged::Unusual),
    };
    Ok(splice(part.span.clone(), scalar(text, quotes, in_flow)))
}

fn quoting(part: &Part) -> Quoting {
    match part.content {
        Content::Scalar { quoting, .. } => quoting,
        Content::List { .. } | Content::Mapping { .. } | Content::Alias => Quoting::Plain,
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

/// Behind the end of the line.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |end| at + end + 1)
}

fn line_break(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// The text with these replacements, which do not overlap.
pub(super) fn spliced(text: &str, mut splices: Vec<Splice>) -> String {
    splices.sort_by_key(|splice| splice.range.start);
    let mut result = text.to_owned();
    for Splice { range, text } in splices.into_iter().rev() {
        result.replace_range(range, &text);
    }
    result
}
