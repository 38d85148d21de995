//! What is wrong with a policy, and where: the words of a [`Problem`] drawn beside the text at fault.

use core::fmt;

use unicode_width::UnicodeWidthChar as _;

use crate::diagnose::code::Code;
use crate::diagnose::problem::Problem;
use crate::document::source::{Place, SourceFile, Sources, Span};

/// Problems are located up to this many; the rest are counted.
const LOCATED: usize = 50;

/// So many problems are kept; the rest are counted.
const KEPT: usize = 1000;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// No filter is made.
    Error,
    /// The policy compiles to what it says, which may not be what was meant.
    Warning,
}

/// One problem, worded and located.
///
/// Its `Display` is the message with the line at fault, as rustc draws it, without the word `error:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind of problem it is.
    pub code: Code,
    /// Whether it stops the build.
    pub severity: Severity,
    /// The name of the file of the first label.
    pub file: String,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// The place at fault first, then the others that belong to it.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
}

/// A place in the file, its line, and what is to be said there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The name of the file.
    pub file: String,
    /// The place.
    pub span: Span,
    /// The whole line that it is on.
    pub line: String,
    /// What it is; may be empty.
    pub text: String,
}

/// Every problem of a policy, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnostics {
    diagnostics: Vec<Diagnostic>,
    more: usize,
}

impl Diagnostics {
    /// The problems, up to the first fifty.
    pub fn iter(&self) -> core::slice::Iter<'_, Diagnostic> {
        self.diagnostics.iter()
    }

    /// How many problems there are beyond those.
    pub fn more(&self) -> usize {
        self.more
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// A policy that could not be read at all: a file that is missing, say.
    pub fn unreadable(file: &str, reason: &str) -> Self {
        let mut problems = Problems::default();
        problems.report(Place::POLICY, Problem::Unreadable { reason: reason.to_owned() });
        problems.locate(&Sources::new(SourceFile::new(file, Vec::new())))
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = core::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for diagnostic in self {
            writeln!(f, "{diagnostic}")?;
        }
        match self.more {
            0 => Ok(()),
            more => writeln!(f, "{more} more problems"),
        }
    }
}

/// The problems found so far, as facts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Problems {
    /// How many errors were found, and how many of them were not kept.
    errors: usize,
    dropped: usize,
    found: Vec<(Place, Problem)>,
}

impl Problems {
    /// One more problem; the same one at the same place, seen on another ABI, counts once.
    pub(crate) fn report(&mut self, place: Place, problem: Problem) {
        // Errors are kept however many warnings there are: one that was dropped would not stop the build.
        let is_error = problem.code().severity() == Severity::Error;
        if self.found.len() >= KEPT && (!is_error || self.errors >= KEPT) {
            self.dropped += usize::from(is_error);
        } else if !self.found.iter().any(|(known, found)| *known == place && *found == problem) {
            self.errors += usize::from(is_error);
            self.found.push((place, problem));
        }
    }

    /// Whether anything stops the build.
    pub(crate) fn has_errors(&self) -> bool {
        self.errors != 0
    }

    /// Drops warnings that the author gave a reason for.
    pub(crate) fn allow(&mut self, codes: &[Code]) {
        self.found.retain(|(_, problem)| !codes.contains(&problem.code()));
    }

    /// Words and places for all of it, in the order of the file. Errors stand alone: warnings about a policy that
    /// is wrong would distract.
    pub(crate) fn locate(self, sources: &Sources) -> Diagnostics {
        let errors = self.has_errors();
        let mut found = self.found;
        found.retain(|(_, problem)| !errors || problem.code().severity() == Severity::Error);
        // The farthest first: what is before it is found on the way.
        let nodes = found.iter().map(|(place, _)| *place).filter(|place| matches!(place, Place::Node(_)));
        nodes.max().map(|farthest| sources.begin(farthest));
        found.sort_by_cached_key(|(place, _)| (sources.file_of(*place), sources.begin(*place)));
        let more = found.len().saturating_sub(LOCATED) + self.dropped;
        found.truncate(LOCATED);
        let diagnostics =
            found.into_iter().map(|(place, problem)| diagnostic(sources, place, &problem)).collect();
        Diagnostics { diagnostics, more }
    }
}

fn diagnostic(sources: &Sources, place: Place, problem: &Problem) -> Diagnostic {
    let words = problem.words();
    let label = |(place, text): (Place, String)| {
        let (file, span) = sources.locate(place);
        Label { file: file.name().to_owned(), span, line: file.line(span.line), text }
    };
    Diagnostic {
        code: problem.code(),
        severity: problem.code().severity(),
        file: sources.locate(place).0.name().to_owned(),
        message: words.message,
        labels: core::iter::once((place, words.label)).chain(words.others).map(label).collect(),
        help: words.help,
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.labels[0].span;
        if at.line == 0 {
            write!(f, "{}: {}", self.file, self.message)?;
        } else {
            write!(f, "{}:{}:{}: {}", self.file, at.line, at.column, self.message)?;
        }
        // Those in the file of the message first, each file from its beginning.
        let first = |a: &Label, b: &Label| {
            (a.file != self.file, &a.file, a.span) <= (b.file != self.file, &b.file, b.span)
        };
        let mut labels: Vec<(usize, &Label)> = Vec::new();
        for (index, label) in self.labels.iter().enumerate() {
            if label.span.line != 0 && !label.line.is_empty() {
                let at = labels.partition_point(|(_, other)| first(other, label));
                labels.insert(at, (index, label));
            }
        }
        let widest = labels.iter().map(|(_, label)| label.span.line).max();
        let margin = widest.map_or(1, |line| line.to_string().len());
        let mut drawn: Option<&Label> = None;
        for (index, label) in labels {
            if label.file != drawn.map_or(&self.file, |drawn| &drawn.file).as_str() {
                write!(f, "\n{:margin$}::: {}:{}:{}", "", label.file, label.span.line, label.span.column)?;
            }
            if drawn.is_none_or(|drawn| drawn.file != label.file) {
                write!(f, "\n{:margin$} |", "")?;
            }
            if drawn.is_none_or(|drawn| drawn.file != label.file || drawn.span.line != label.span.line) {
                write!(f, "\n{:margin$} | {}", label.span.line, label.line)?;
            }
            write!(f, "\n{:margin$} | {}", "", label.marks(if index == 0 { "^" } else { "-" }))?;
            drawn = Some(label);
        }
        match &self.help {
            Some(help) => write!(f, "\n{:margin$} = help: {help}", ""),
            None => Ok(()),
        }
    }
}

impl Label {
    /// The marks below the line. Tabs and wide letters keep their width, so that the two stay aligned.
    fn marks(&self, marker: &str) -> String {
        let width = |c: char| c.width().unwrap_or_default();
        let blank = |c: char| if c == '\t' { "\t".to_owned() } else { " ".repeat(width(c)) };
        let mut letters = self.line.chars();
        let indent: String = letters.by_ref().take(self.span.column.saturating_sub(1)).map(blank).collect();
        let marks: usize = letters.take(self.span.length).map(width).sum();
        format!("{indent}{} {}", marker.repeat(marks.max(1)), self.text).trim_end().to_owned()
    }
}
