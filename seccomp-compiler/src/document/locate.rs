//! Places to lines and columns.
//!
//! A sound policy should not pay for positions, so the first walk through a document keeps none. A [`Locator`] walks
//! it a second time, when the first place in it is asked for.

use crate::document::source::{Place, Position, SourceFile, Sources, Span};
use crate::document::yaml;

/// Finds places in the files of a policy. It keeps what it has found, so use one for many places.
///
/// ```
/// use seccomp_compiler::{Architecture, Compiler, Locator, SourceFile};
///
/// let policy = SourceFile::new("no-exec.yaml", "default_action: allow\nsyscalls: [{action: errno, names: [execve]}]");
/// let arm64 = Architecture::find("arm64").expect("it is in the table");
/// let compiled = Compiler::for_architecture(arm64).compile(&policy)?;
///
/// let mut locator = Locator::new(&compiled.sources);
/// let (file, span) = locator.locate(compiled.fallbacks.default_action.expect("the policy has one"));
/// assert_eq!((file.name(), span.line, span.column), ("no-exec.yaml", 1, 17));
/// # Ok::<(), seccomp_compiler::Diagnostics>(())
/// ```
#[derive(Debug, Clone)]
pub struct Locator<'a> {
    sources: &'a Sources,
    files: Vec<Index>,
}

/// What has been found in one file.
#[derive(Debug, Clone, Default)]
struct Index {
    /// The start of each node that the walk has reached.
    nodes: Vec<Span>,
    /// The offset of each line.
    lines: Vec<usize>,
}

impl Sources {
    /// The file that a place is in, and where in it. This reads the file again; use a [`Locator`] for many places.
    pub fn locate(&self, place: Place) -> (&SourceFile, Span) {
        Locator::new(self).locate(place)
    }
}

impl<'a> Locator<'a> {
    /// A locator that has found nothing yet.
    pub fn new(sources: &'a Sources) -> Self {
        Self { sources, files: vec![Index::default(); sources.iter().len()] }
    }

    /// The file that a place is in, and where in it. A place of another policy gives some place of this one.
    pub fn locate(&mut self, place: Place) -> (&'a SourceFile, Span) {
        let mut span = self.start(place);
        if let Position::Node(_) = place.0 {
            let line = self.line(place, span.line);
            span.length = yaml::length(line.trim_start_matches(yaml::MARK), span.column);
        }
        (self.sources.get(self.sources.file_of(place)), span)
    }

    /// Where a place starts; the length is not known yet.
    pub(crate) fn start(&mut self, place: Place) -> Span {
        let node = match place.0 {
            Position::Span { span, .. } => return span,
            Position::Node(node) => node,
        };
        let file = self.sources.file_of(place);
        let node = node - self.sources.first_node(file);
        let nodes = &mut self.files[file].nodes;
        if nodes.len() <= node {
            // Half of the time goes into reading the text again, so a second walk goes to the end.
            let last = if nodes.is_empty() { node } else { usize::MAX };
            *nodes = yaml::positions(&self.sources.get(file).text(), last);
        }
        nodes.get(node).or(nodes.last()).copied().unwrap_or(Span { line: 1, column: 1, length: 1 })
    }

    /// Finds all of these places. The last node comes first, because the walk to it finds those before it.
    pub(crate) fn find(&mut self, places: impl Iterator<Item = Place>) {
        if let Some(last) = places.filter(|place| matches!(place.0, Position::Node(_))).max() {
            self.start(last);
        }
    }

    /// A line of the file of a place, without its end; lines count from 1.
    pub(crate) fn line(&mut self, place: Place, line: usize) -> String {
        let file = self.sources.file_of(place);
        let bytes = self.sources.get(file).bytes();
        let starts = &mut self.files[file].lines;
        if starts.is_empty() {
            let ends = (1..).zip(bytes).filter(|(_, byte)| **byte == b'\n');
            starts.extend(core::iter::once(0).chain(ends.map(|(next, _)| next)));
        }
        let start = line.checked_sub(1).and_then(|index| starts.get(index)).copied();
        let end = starts.get(line).copied().unwrap_or(bytes.len());
        let line = start.and_then(|start| bytes.get(start..end)).unwrap_or_default();
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned()
    }
}
