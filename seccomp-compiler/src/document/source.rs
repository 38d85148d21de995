//! The text of a policy, and places in it.

use std::cell::{OnceCell, RefCell};

use crate::document::yaml;

/// A policy's text under the name that messages give it.
///
/// ```
/// use seccomp_compiler::SourceFile;
///
/// let file = SourceFile::new("policies/server.yaml", b"default_action: errno\n".to_vec());
/// assert_eq!(file.name(), "policies/server.yaml");
/// ```
#[derive(Debug, Clone)]
pub struct SourceFile {
    name: String,
    bytes: Vec<u8>,
    /// Where the nodes of the document begin, as far as problems asked; a sound policy has none.
    spans: RefCell<Vec<Span>>,
    /// Where each line begins.
    lines: OnceCell<Vec<usize>>,
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

/// Something in a policy: a node of its documents, by its number, or a span where there is no document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A node. Numbers go on from one file to the next.
    Node(usize),
    /// A position that the YAML library gave, or that no document can give.
    Span {
        /// The file, in the order in which they were read.
        file: usize,
        /// Where in it.
        span: Span,
    },
}

impl Place {
    /// The policy as a whole.
    pub(crate) const POLICY: Self = Self::Span { file: 0, span: Span { line: 0, column: 0, length: 0 } };
}

/// The files of one policy: its own first, then those that it includes.
#[derive(Debug, Clone)]
pub struct Sources {
    files: Vec<Numbered>,
}

/// A file, and the number of its first node.
#[derive(Debug, Clone)]
struct Numbered {
    file: SourceFile,
    first: usize,
}

impl Sources {
    pub(crate) fn new(file: SourceFile) -> Self {
        Self { files: vec![Numbered { file, first: 0 }] }
    }

    /// One more file, whose nodes are numbered from `first` on; its index.
    pub(crate) fn add(&mut self, file: SourceFile, first: usize) -> usize {
        self.files.push(Numbered { file, first });
        self.files.len() - 1
    }

    pub(crate) fn get(&self, file: usize) -> &SourceFile {
        &self.files[file].file
    }

    /// The index of the file of this name.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.files.iter().position(|of| of.file.name == name)
    }

    /// The files, the policy's own first.
    pub fn iter(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter().map(|of| &of.file)
    }

    /// Which file a place is in.
    pub(crate) fn file_of(&self, place: Place) -> usize {
        match place {
            Place::Span { file, .. } => file,
            // Files are in the order of their first nodes.
            Place::Node(node) => self.files.partition_point(|of| of.first <= node).saturating_sub(1),
        }
    }

    /// The file, line and column of a place, and how far it reaches.
    pub fn locate(&self, place: Place) -> (&SourceFile, Span) {
        let (file, span) = (&self.files[self.file_of(place)].file, self.begin(place));
        match place {
            Place::Span { .. } => (file, span),
            Place::Node(_) => (file, Span { length: file.length(span), ..span }),
        }
    }

    /// Where a place begins.
    pub(crate) fn begin(&self, place: Place) -> Span {
        let Numbered { file, first } = &self.files[self.file_of(place)];
        match place {
            Place::Span { span, .. } => span,
            Place::Node(node) => file.begin(node - first),
        }
    }
}

impl SourceFile {
    /// A file of this name with these bytes. Nothing is checked yet, not even that it is text.
    pub fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            bytes: bytes.into(),
            spans: RefCell::new(Vec::new()),
            lines: OnceCell::new(),
        }
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
        let starts = self.lines.get_or_init(|| {
            let ends = (1..).zip(&self.bytes).filter(|(_, byte)| **byte == b'\n');
            core::iter::once(0).chain(ends.map(|(after, _)| after)).collect()
        });
        let start = line.checked_sub(1).and_then(|at| starts.get(at)).copied();
        let end = starts.get(line).copied().unwrap_or(self.bytes.len());
        let line = start.and_then(|start| self.bytes.get(start..end)).unwrap_or_default();
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned()
    }

    /// Where the node of this number begins, counted within the file.
    fn begin(&self, node: usize) -> Span {
        let mut spans = self.spans.borrow_mut();
        if spans.len() <= node {
            // Half of what it takes is to read the text again, so the second time it is walked to its end.
            let last = if spans.is_empty() { node } else { usize::MAX };
            *spans = yaml::locate(&self.text(), last);
        }
        spans.get(node).or(spans.last()).copied().unwrap_or(Span { line: 1, column: 1, length: 1 })
    }

    /// How many characters the node takes that begins there.
    fn length(&self, span: Span) -> usize {
        yaml::length(self.line(span.line).trim_start_matches(yaml::MARK), span.column)
    }
}
