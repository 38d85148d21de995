//! The text of a policy, and places in it.

use std::cell::OnceCell;

use crate::parse::yaml;

/// A policy's text under the name that messages give it.
///
/// ```
/// use seccomp_compiler::SourceFile;
///
/// let file = SourceFile::new("policies/server.yaml", b"default_action: errno\n".to_vec());
/// assert_eq!(file.name(), "policies/server.yaml");
/// ```
#[derive(Debug)]
pub struct SourceFile {
    name: String,
    bytes: Vec<u8>,
    /// Where each node of the document begins; found when the first problem asks, as a sound policy has none.
    spans: OnceCell<Vec<Span>>,
}

/// A stretch of one line, counted in characters from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The line.
    pub line: usize,
    /// The first character.
    pub column: usize,
    /// How many characters.
    pub length: usize,
}

/// Something in a policy's document, by its number in document order, or a span where there is no document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A node of the document.
    Node(usize),
    /// A position that the YAML library gave, or that no document can give.
    Span(Span),
}

impl SourceFile {
    /// A file of this name with these bytes. Nothing is checked yet, not even that it is text.
    pub fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), bytes: bytes.into(), spans: OnceCell::new() }
    }

    /// The name in messages, as it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The text, or a replacement character for what is none.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }

    /// One line of the text, without its end; lines count from 1.
    pub(crate) fn line(&self, line: usize) -> String {
        self.text().lines().nth(line.saturating_sub(1)).unwrap_or_default().to_owned()
    }

    /// The line and column of a place, and how far it reaches.
    pub fn locate(&self, place: Place) -> Span {
        match place {
            Place::Span(span) => span,
            Place::Node(node) => {
                let spans = self.spans.get_or_init(|| yaml::locate(&self.text()));
                spans.get(node).or(spans.last()).copied().unwrap_or(Span { line: 1, column: 1, length: 1 })
            }
        }
    }
}
