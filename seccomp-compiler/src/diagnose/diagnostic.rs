//! What is wrong with a policy, and where: messages, drawn beside the text at fault.

use core::fmt;

use unicode_width::UnicodeWidthChar as _;

use crate::diagnose::code::{Code, Severity};
use crate::document::source::Span;

/// One problem, worded and located.
///
/// Its `Display` is the message with the line at fault, as rustc draws it, without the word `error:`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// What kind of problem it is.
    pub code: Code,
    /// Whether it stops the build.
    pub severity: Severity,
    /// The name of the file of the first label.
    pub file: String,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// The place at fault, then others that belong to it.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
}

/// A place in a file, and what is said there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Label {
    /// The name of the file.
    pub file: String,
    /// The place.
    pub span: Span,
    /// The line that it is on, whole.
    pub line: String,
    /// The text below the place; may be empty.
    pub text: String,
}

/// Every problem of a policy, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnostics {
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) more: usize,
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
}

impl core::error::Error for Diagnostics {}

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
            1 => writeln!(f, "1 more problem"),
            more => writeln!(f, "{more} more problems"),
        }
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
