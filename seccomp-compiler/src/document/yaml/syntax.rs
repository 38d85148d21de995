//! The syntax tree of a YAML document, with the bytes of each part, for edits in place. It comes from a parser that
//! reports positions. Only [`read`](super::read) says what a document means, and every edit is checked with it.

use core::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::{MARK, MAX_DEPTH, is_blank};

/// One value, with the place of its text.
#[derive(Debug)]
pub(crate) struct Part {
    /// Its bytes, including an anchor. A block collection has those of its items.
    pub(crate) span: Range<usize>,
    pub(crate) content: Content,
    /// Whether an alias refers to it.
    pub(crate) is_shared: bool,
    anchor: usize,
}

#[derive(Debug)]
pub(crate) enum Content {
    Scalar { text: String, quoting: Quoting },
    List { items: Vec<Part>, brackets: Option<Range<usize>> },
    Mapping { entries: Vec<(Part, Part)>, brackets: Option<Range<usize>> },
    Alias,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quoting {
    Plain,
    Single,
    Double,
    /// A block scalar.
    Block,
}

impl Part {
    /// Parses a text; `None` if the parser rejects it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        // The parser rejects some tabs that `read` accepts. As white space, a tab and a space are the same, and as long.
        let text = &text.replace('\t', " ");
        let content = text.strip_prefix(MARK).unwrap_or(text);
        let first = text.len() - content.len();
        let mut bytes: Vec<usize> = content.char_indices().map(|(at, _)| first + at).collect();
        bytes.push(text.len());
        let mut reader = Reader { text, bytes, events: Parser::new_from_str(content), aliased: Vec::new() };
        let mut root = loop {
            match reader.next()? {
                (Event::StreamStart | Event::DocumentStart(_), _) => {}
                (event, span) => break reader.part(event, span, 0)?,
            }
        };
        root.mark_shared(&reader.aliased);
        Some(root)
    }

    fn mark_shared(&mut self, aliased: &[usize]) {
        self.is_shared |= self.anchor != 0 && aliased.contains(&self.anchor);
        match &mut self.content {
            Content::Scalar { .. } | Content::Alias => {}
            Content::List { items, .. } => items.iter_mut().for_each(|item| item.mark_shared(aliased)),
            Content::Mapping { entries, .. } => {
                for (key, value) in entries {
                    key.mark_shared(aliased);
                    value.mark_shared(aliased);
                }
            }
        }
    }

    /// The text of a scalar.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar { text, .. } => Some(text),
            Content::List { .. } | Content::Mapping { .. } | Content::Alias => None,
        }
    }

    /// Whether an alias refers to this or to anything in it.
    pub(crate) fn shares(&self) -> bool {
        self.is_shared
            || match &self.content {
                Content::Scalar { .. } | Content::Alias => false,
                Content::List { items, .. } => items.iter().any(Self::shares),
                Content::Mapping { entries, .. } => {
                    entries.iter().any(|(key, value)| key.shares() || value.shares())
                }
            }
    }
}

struct Reader<'a> {
    text: &'a str,
    /// The byte of each character.
    bytes: Vec<usize>,
    events: Parser<'a, saphyr_parser::StrInput<'a>>,
    /// The anchors that aliases name.
    aliased: Vec<usize>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<(Event<'a>, Range<usize>)> {
        let (event, span) = self.events.next()?.ok()?;
        let Span { start, end } = span;
        let range = *self.bytes.get(start.index())?..*self.bytes.get(end.index())?;
        Some((event, range))
    }

    fn part(&mut self, event: Event<'a>, span: Range<usize>, depth: usize) -> Option<Part> {
        if depth > MAX_DEPTH {
            return None;
        }
        let ((content, span), anchor) = match event {
            Event::Alias(anchor) => {
                self.aliased.push(anchor);
                ((Content::Alias, span), 0)
            }
            Event::Scalar(text, style, anchor, _) => (self.scalar(text.into_owned(), style, span)?, anchor),
            Event::SequenceStart(anchor, _) => (self.list(span, depth)?, anchor),
            Event::MappingStart(anchor, _) => (self.mapping(span, depth)?, anchor),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::SequenceEnd
            | Event::MappingEnd => return None,
        };
        Some(Part { span, content, is_shared: false, anchor })
    }

    fn scalar(
        &self,
        text: String,
        style: ScalarStyle,
        span: Range<usize>,
    ) -> Option<(Content, Range<usize>)> {
        let quoting = match style {
            ScalarStyle::Plain => Quoting::Plain,
            ScalarStyle::SingleQuoted => Quoting::Single,
            ScalarStyle::DoubleQuoted => Quoting::Double,
            ScalarStyle::Literal | ScalarStyle::Folded => Quoting::Block,
        };
        let length = match quoting {
            Quoting::Single | Quoting::Double => quoted(self.text.get(span.start..)?)?,
            Quoting::Plain | Quoting::Block => self.text.get(span.clone())?.trim_end_matches(is_blank).len(),
        };
        Some((Content::Scalar { text, quoting }, span.start..span.start + length))
    }

    fn list(&mut self, span: Range<usize>, depth: usize) -> Option<(Content, Range<usize>)> {
        let mut items = Vec::new();
        let close = loop {
            match self.next()? {
                (Event::SequenceEnd, close) => break close,
                (event, span) => items.push(self.part(event, span, depth + 1)?),
            }
        };
        let (span, brackets) = extent(span, &close, items.last());
        Some((Content::List { items, brackets }, span))
    }

    fn mapping(&mut self, span: Range<usize>, depth: usize) -> Option<(Content, Range<usize>)> {
        let mut entries = Vec::new();
        let close = loop {
            let key = match self.next()? {
                (Event::MappingEnd, close) => break close,
                (event, span) => self.part(event, span, depth + 1)?,
            };
            let (event, span) = self.next()?;
            entries.push((key, self.part(event, span, depth + 1)?));
        };
        let ends_last = |(key, value): &'_ (Part, Part)| value.span.end > key.span.end;
        let last = entries.last().map(|entry| if ends_last(entry) { &entry.1 } else { &entry.0 });
        let (span, brackets) = extent(span, &close, last);
        Some((Content::Mapping { entries, brackets }, span))
    }
}

/// The length of the quoted scalar at the start of a text, with its anchor and tag. Its event may go on to the end of a
/// comment.
fn quoted(text: &str) -> Option<usize> {
    let mut scalar = text;
    while scalar.starts_with(['&', '!']) {
        scalar = scalar.trim_start_matches(|c: char| !is_blank(c)).trim_start_matches(is_blank);
    }
    let mut bytes = text.bytes().enumerate().skip(text.len() - scalar.len()).peekable();
    let (_, quote) = bytes.next()?;
    while let Some((at, byte)) = bytes.next() {
        let escapes = match quote {
            b'"' => byte == b'\\',
            b'\'' => byte == quote && bytes.peek().is_some_and(|(_, next)| *next == quote),
            _ => return None,
        };
        if escapes {
            bytes.next();
        } else if byte == quote {
            return Some(at + 1);
        }
    }
    None
}

/// The bytes of a collection, and those from bracket to bracket if it is in flow style. The events that open and close a
/// block collection are empty, and one that closes brackets may go on to the end of a comment.
fn extent(
    open: Range<usize>,
    close: &Range<usize>,
    last: Option<&Part>,
) -> (Range<usize>, Option<Range<usize>>) {
    if close.is_empty() {
        return (open.start..last.map_or(open.end, |last| last.span.end), None);
    }
    let end = close.start + 1;
    (open.start..end, Some(open.end - 1..end))
}
