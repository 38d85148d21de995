//! The files of a policy, and what can be pointed at in them.

use std::borrow::Cow;

/// A policy's text under the name that messages give it.
///
/// ```
/// use seccomp_compiler::SourceFile;
///
/// let file = SourceFile::new("policies/server.yaml", b"default_action: errno\n".to_vec());
/// assert_eq!(file.name(), "policies/server.yaml");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    name: String,
    bytes: Vec<u8>,
}

impl SourceFile {
    /// A file with this name and these bytes. Nothing is checked yet, not even that they are text.
    pub fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), bytes: bytes.into() }
    }

    /// The name as it was given, which messages use.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The bytes as they were given.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The text; what is not UTF-8 is shown as replacement characters.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }
}

/// Part of one line, counted in characters from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The line.
    pub line: usize,
    /// The first character.
    pub column: usize,
    /// The number of characters.
    pub length: usize,
}

/// Something in a policy that can be pointed at. A [`Locator`](crate::Locator) turns it into a file, a line and a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(pub(super) Position);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Position {
    /// A node of a YAML document. The numbers continue from one file to the next.
    Node(usize),
    /// A position that is known without the document: the YAML library's, or that of a file as a whole.
    Span { file: usize, span: Span },
}

impl Place {
    /// The policy as a whole.
    pub(crate) const POLICY: Self = Self::span(0, Span { line: 0, column: 0, length: 0 });

    pub(crate) const fn node(number: usize) -> Self {
        Self(Position::Node(number))
    }

    pub(crate) const fn span(file: usize, span: Span) -> Self {
        Self(Position::Span { file, span })
    }
}

/// The files of one policy: its own first, then those that it includes.
#[derive(Debug, Clone)]
pub struct Sources {
    files: Vec<Numbered>,
}

/// A file, with the number of its first node and the way to it.
#[derive(Debug, Clone)]
struct Numbered {
    file: SourceFile,
    first: usize,
    /// The file that includes it; of several, the first that does.
    including: Option<usize>,
}

impl Sources {
    pub(crate) fn new(file: SourceFile) -> Self {
        Self { files: vec![Numbered { file, first: 0, including: None }] }
    }

    /// Adds a file whose nodes are numbered from `first` on, and returns its index.
    pub(crate) fn add(&mut self, file: SourceFile, first: usize, including: usize) -> usize {
        self.files.push(Numbered { file, first, including: Some(including) });
        self.files.len() - 1
    }

    pub(crate) fn get(&self, file: usize) -> &SourceFile {
        &self.files[file].file
    }

    /// The number of the first node of a file.
    pub(super) fn first_node(&self, file: usize) -> usize {
        self.files[file].first
    }

    /// The way from a file up to the policy's own: itself, the file that includes it, the one that includes that, and so
    /// on.
    pub(crate) fn way_up(&self, file: usize) -> impl Iterator<Item = usize> {
        core::iter::successors(Some(file), |file| self.files[*file].including)
    }

    /// Whether a place is in the file of another, or in one that it includes.
    pub(crate) fn is_within(&self, place: Place, outer: Place) -> bool {
        let outer = self.file_of(outer);
        self.way_up(self.file_of(place)).any(|file| file == outer)
    }

    /// The index of the file with this name.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.files.iter().position(|numbered| numbered.file.name == name)
    }

    /// The files, the policy's own first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &SourceFile> {
        self.files.iter().map(|numbered| &numbered.file)
    }

    /// The index of the file that a place is in; the last file for a place of another policy.
    pub(crate) fn file_of(&self, place: Place) -> usize {
        let file = match place.0 {
            Position::Span { file, .. } => file,
            // Files are in the order of their first nodes.
            Position::Node(node) => self.files.partition_point(|file| file.first <= node).saturating_sub(1),
        };
        file.min(self.files.len() - 1)
    }
}
