//! The positions of a document's nodes.
//!
//! The YAML library gives the position of a value only in its errors, as text at the end of the message. So this walk
//! visits the nodes in the order in which [`read`](super::read) numbers them, answers every scalar with an error, and
//! parses line and column out of the message of the library's error. A collection has no position of its own: it gets
//! that of its first scalar, or of its bracket if it is empty.

use core::fmt;

use serde::de::{DeserializeSeed, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess as _, Visitor};
use serde_yaml::Deserializer;

use crate::document::source::Span;

/// Whether a character is space between the parts of a document. Other languages' spaces are letters to YAML.
pub(crate) const fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

/// The byte order mark.
pub(crate) const MARK: char = '\u{feff}';

/// The text without a byte order mark, which some editors put first and which the library would read as a document of
/// its own. The mark has no width, so columns stay the same.
pub(super) fn without_mark(text: &str) -> &str {
    text.strip_prefix(MARK).unwrap_or(text)
}

/// The start of each node of `text` by its number, at least up to the node `last`. The lengths are not known yet.
pub(crate) fn positions(text: &str, last: usize) -> Vec<Span> {
    let text = without_mark(text);
    let mut spans = Vec::new();
    let scalar = Locate { spans: &mut spans, last }.deserialize(Deserializer::from_str(text));
    if let Err(error) = scalar
        && spans.is_empty()
    {
        spans.push(position(&error.to_string()));
    }
    // An empty collection is the next pair of brackets after the node before it.
    let brackets = spans.contains(&EMPTY).then(|| Brackets::new(text));
    let mut before = None;
    for span in &mut spans {
        if *span == EMPTY {
            *span = brackets.as_ref().and_then(|brackets| brackets.after(before)).unwrap_or_default();
        }
        if span.line != 0 {
            before = Some(*span);
        }
    }
    // Any other collection is where the next scalar is.
    let mut next = spans.iter().rev().copied().find(|span| span.line != 0).unwrap_or_default();
    for span in spans.iter_mut().rev() {
        if span.line == 0 {
            *span = next;
        }
        next = *span;
    }
    spans
}

/// In place of a position: an empty collection.
const EMPTY: Span = Span { line: usize::MAX, column: 1, length: 0 };

/// The empty pairs of brackets in a text, found once: a document can have thousands on one line.
struct Brackets {
    lines: Vec<Vec<char>>,
    /// The line and the column of each, from 0 on.
    pairs: Vec<(usize, usize)>,
}

impl Brackets {
    fn new(text: &str) -> Self {
        let lines: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
        let mut pairs = Vec::new();
        for (number, line) in lines.iter().enumerate().rev() {
            // The next character that is no white space.
            let mut after = None;
            for (column, c) in line.iter().enumerate().rev() {
                if matches!((c, after), ('[', Some(']') | None) | ('{', Some('}') | None)) {
                    pairs.push((number, column));
                }
                if !is_blank(*c) {
                    after = Some(*c);
                }
            }
        }
        pairs.reverse();
        Self { lines, pairs }
    }

    /// The first pair after `before`.
    fn after(&self, before: Option<Span>) -> Option<Span> {
        let from = before.map_or((0, 0), |Span { line, column, .. }| {
            let rest = self.lines.get(line - 1).and_then(|line| line.get(column - 1..));
            (line - 1, column - 1 + rest.map_or(0, length_of))
        });
        let (line, column) = *self.pairs.get(self.pairs.partition_point(|pair| *pair < from))?;
        Some(Span { line: line + 1, column: column + 1, length: 1 })
    }
}

/// The most characters that are marked.
const LONGEST: usize = 500;

/// The length of the scalar that starts at `column`.
pub(crate) fn length(line: &str, column: usize) -> usize {
    length_of(&line.chars().skip(column.saturating_sub(1)).take(LONGEST).collect::<Vec<_>>())
}

/// The length of the scalar at the start of `rest`.
fn length_of(rest: &[char]) -> usize {
    let rest = &rest[..rest.len().min(LONGEST)];
    let end = match rest.first() {
        Some(quote @ ('"' | '\'')) => rest.iter().skip(1).position(|c| c == quote).map(|at| at + 2),
        Some('|' | '>') => Some(1),
        Some('[' | '{') => rest.iter().position(|c| matches!(c, ']' | '}')).map(|at| at + 1),
        _ => (0..rest.len()).find(|at| {
            let after = rest.get(at + 1).is_none_or(|c| is_blank(*c));
            match rest[*at] {
                ',' | ']' | '}' => true,
                ':' => after,
                '#' => *at > 0 && is_blank(rest[at - 1]),
                _ => false,
            }
        }),
    };
    let text: String = rest.iter().take(end.unwrap_or(rest.len())).collect();
    text.trim_end_matches(is_blank).chars().count().max(1)
}

struct Locate<'a> {
    spans: &'a mut Vec<Span>,
    /// The last node whose position is wanted.
    last: usize,
}

impl Locate<'_> {
    fn next(&mut self) -> Locate<'_> {
        Locate { spans: self.spans, last: self.last }
    }

    /// Makes room for the position of a collection, which is not known yet.
    fn begins(&mut self) -> usize {
        self.spans.push(Span::default());
        self.spans.len() - 1
    }

    /// Whether the collection with the number `at` ends here. If it does not, keeps the position in the error of a
    /// scalar. Fails once every position that is wanted is known, which ends the walk.
    fn ends<T, E: Error>(&mut self, at: usize, outcome: Result<Option<T>, E>) -> Result<bool, E> {
        match outcome {
            Ok(None) => {
                if at + 1 == self.spans.len() {
                    self.spans[at] = EMPTY;
                }
                return Ok(true);
            }
            Ok(Some(_)) => {}
            Err(error) if self.is_done() => return Err(error),
            Err(error) => self.spans.push(position(&error.to_string())),
        }
        if self.is_done() { Err(E::custom("")) } else { Ok(false) }
    }

    fn is_done(&self) -> bool {
        self.spans.len() > self.last && self.spans.last().is_some_and(|span| span.line != 0)
    }
}

/// The position at the end of one of the library's messages, which leaves out that of the first character.
pub(super) fn position(message: &str) -> Span {
    let number = |after: &str| {
        let (_, rest) = message.rsplit_once(after)?;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    };
    Span { line: number(" line ").unwrap_or(1), column: number(" column ").unwrap_or(1), length: 1 }
}

impl<'de> DeserializeSeed<'de> for Locate<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Locate<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a position")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Err(E::custom(""))
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        Err(E::custom(""))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Err(E::custom(""))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Err(E::custom(""))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Err(E::custom(""))
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<(), E> {
        Err(E::custom(""))
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<(), E> {
        Err(E::custom(""))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Err(E::custom(""))
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Err(E::custom(""))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        let at = self.begins();
        loop {
            let item = items.next_element_seed(self.next());
            if self.ends(at, item)? {
                return Ok(());
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<(), A::Error> {
        let at = self.begins();
        loop {
            let key = entries.next_key_seed(self.next());
            if self.ends(at, key)? {
                return Ok(());
            }
            let value = entries.next_value_seed(self.next());
            self.ends(at, value.map(Some))?;
        }
    }

    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<(), A::Error> {
        let (_tag, content) = tagged.variant::<String>()?;
        content.newtype_variant::<serde::de::IgnoredAny>()?;
        Err(A::Error::custom(""))
    }
}
