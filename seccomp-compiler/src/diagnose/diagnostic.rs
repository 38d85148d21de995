//! What is wrong with a policy, and where: messages, drawn beside the text at fault.

use core::fmt;

use unicode_width::UnicodeWidthChar as _;

use crate::diagnose::code::{Code, Severity};
use crate::document::source::Span;
use crate::document::visible::{symbol, visible};
use crate::document::yaml::MARK;

/// One problem, worded and located.
///
/// Its `Display` is the message, with its place and code before it and the line at fault below it, as rustc draws it. The
/// alternate form, `{:#}`, leaves the severity to whoever prints it.
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
    /// An edit that may be what was meant, such as the right spelling of a name.
    pub suggestion: Option<Suggestion>,
}

/// An edit that replaces part of the line of a problem's first label.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Suggestion {
    /// What to replace.
    pub span: Span,
    /// What to write instead.
    pub replacement: String,
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

impl Diagnostic {
    /// The labels that are drawn, each with its index: those in the file of the message first, each file from its
    /// beginning.
    fn labels_in_order(&self) -> Vec<(usize, &Label)> {
        let mut labels: Vec<(usize, &Label)> = self.labels.iter().enumerate().collect();
        labels.retain(|(_, label)| label.span.line != 0 && !label.line.is_empty());
        labels.sort_by_key(|(_, label)| (label.file != self.file, &label.file, label.span));
        labels
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.labels[0].span;
        write!(f, "{}:", visible(&self.file))?;
        if at.line != 0 {
            write!(f, "{}:{}:", at.line, at.column)?;
        }
        let (severity, code, message) = (self.severity.name(), self.code.name(), &self.message);
        match f.alternate() {
            true => write!(f, " [{code}] {message}")?,
            false => write!(f, " {severity}[{code}]: {message}")?,
        }
        let labels = self.labels_in_order();
        let widest = labels.iter().map(|(_, label)| label.span.line).max();
        let margin = widest.map_or(1, |line| line.to_string().len());
        let mut drawn: Option<&Label> = None;
        for (index, label) in labels {
            if label.file != drawn.map_or(&self.file, |drawn| &drawn.file).as_str() {
                let file = visible(&label.file);
                write!(f, "\n{:margin$}::: {file}:{}:{}", "", label.span.line, label.span.column)?;
            }
            if drawn.is_none_or(|drawn| drawn.file != label.file) {
                write!(f, "\n{:margin$} |", "")?;
            }
            let excerpt = label.excerpt();
            if drawn.is_none_or(|drawn| {
                drawn.file != label.file
                    || drawn.span.line != label.span.line
                    || drawn.excerpt().line != excerpt.line
            }) {
                write!(f, "\n{:margin$} | {}", label.span.line, excerpt.line)?;
            }
            let marks = excerpt.marks(if index == 0 { "^" } else { "-" });
            write!(f, "\n{:margin$} | {}", "", format!("{marks} {}", label.text).trim_end())?;
            drawn = Some(label);
        }
        match &self.help {
            Some(help) => write!(f, "\n{:margin$} = help: {help}", ""),
            None => Ok(()),
        }
    }
}

/// What is drawn of a line.
struct Excerpt {
    line: String,
    /// How many characters of it come before the place, and how many are in the place.
    before: usize,
    length: usize,
}

/// The most characters of a line that are drawn, and how many of them come before the place if there are more.
const WIDEST: usize = 240;
const BEFORE: usize = 80;

impl Suggestion {
    /// Puts `meant` in the place of `name`, which may be a part of what is labelled, as in `errno(EPREM)`. None if it is
    /// not there exactly once, as where it is written with escapes.
    pub(super) fn new(label: &Label, name: &str, meant: &str) -> Option<Self> {
        let before = label.span.column.checked_sub(1)?;
        let line = label.line.chars().filter(|c| *c != MARK);
        let labelled: String = line.skip(before).take(label.span.length).collect();
        let (at, _) = labelled.match_indices(name).next().filter(|_| labelled.matches(name).count() == 1)?;
        let (line, column) = (label.span.line, label.span.column + labelled[..at].chars().count());
        let span = Span { line, column, length: name.chars().count() };
        Some(Self { span, replacement: meant.to_owned() })
    }
}

impl Label {
    /// The line, or the part of a long one that the place is in.
    fn excerpt(&self) -> Excerpt {
        let before = self.span.column.saturating_sub(1);
        // Columns do not count the byte order mark, which has no width.
        let line = self.line.chars().filter(|c| *c != MARK).map(symbol);
        let length = line.clone().count();
        if length <= WIDEST {
            return Excerpt { line: line.collect(), before, length: self.span.length };
        }
        let left = before.min(length).saturating_sub(BEFORE);
        let end = if length - left > WIDEST { "…" } else { "" };
        let start = if left > 0 { "…" } else { "" };
        let line: String = line.skip(left).take(WIDEST).collect();
        let before = before - left + start.chars().count();
        Excerpt { line: format!("{start}{line}{end}"), before, length: self.span.length.min(WIDEST - BEFORE) }
    }
}

impl Excerpt {
    /// The marks below the line. Tabs and wide letters keep their width, so that the two stay aligned.
    fn marks(&self, marker: &str) -> String {
        let width = |c: char| c.width().unwrap_or_default();
        let blank = |c: char| if c == '\t' { "\t".to_owned() } else { " ".repeat(width(c)) };
        let mut letters = self.line.chars();
        let indent: String = letters.by_ref().take(self.before).map(blank).collect();
        let marks: usize = letters.take(self.length).map(width).sum();
        format!("{indent}{}", marker.repeat(marks.max(1)))
    }
}
