//! What is wrong with a policy, and where: the words of a [`Problem`] drawn beside the text at fault.

use core::fmt;

use crate::problem::{Code, Problem};
use crate::source::{Place, SourceFile, Span};

/// Problems are located up to this many; the rest are counted.
const LOCATED: usize = 50;

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
    /// The name of the file.
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
        problems.report(Place::Span(Span::default()), Problem::Unreadable { reason: reason.to_owned() });
        problems.locate(&SourceFile::new(file, Vec::new()))
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
#[derive(Debug, Default)]
pub(crate) struct Problems {
    found: Vec<(Place, Problem)>,
}

impl Problems {
    pub(crate) fn report(&mut self, place: Place, problem: Problem) {
        self.found.push((place, problem));
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.found.iter().any(|(_, problem)| problem.code().severity() == Severity::Error)
    }

    /// Words and places for all of it, in the order of the file. Errors stand alone: warnings about a policy that
    /// is wrong would distract.
    pub(crate) fn locate(self, file: &SourceFile) -> Diagnostics {
        let errors = self.has_errors();
        let mut found = self.found;
        found.retain(|(_, problem)| !errors || problem.code().severity() == Severity::Error);
        found.sort_by_key(|(place, _)| file.locate(*place));
        let more = found.len().saturating_sub(LOCATED);
        let located = found.into_iter().take(LOCATED);
        let diagnostics = located.map(|(place, problem)| diagnostic(file, place, &problem)).collect();
        Diagnostics { diagnostics, more }
    }
}

fn diagnostic(file: &SourceFile, place: Place, problem: &Problem) -> Diagnostic {
    let words = problem.words();
    let label = |(place, text): (Place, String)| {
        let span = file.locate(place);
        Label { span, line: file.line(span.line), text }
    };
    Diagnostic {
        code: problem.code(),
        severity: problem.code().severity(),
        file: file.name().to_owned(),
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
        let mut labels: Vec<(usize, &Label)> = self.labels.iter().enumerate().collect();
        labels.retain(|(_, label)| label.span.line != 0 && !label.line.is_empty());
        labels.sort_by_key(|(_, label)| label.span);
        let widest = labels.iter().map(|(_, label)| label.span.line).max();
        let margin = widest.map_or(1, |line| line.to_string().len());
        if !labels.is_empty() {
            write!(f, "\n{:margin$} |", "")?;
        }
        let mut drawn = None;
        for (index, label) in labels {
            let marker = if index == 0 { "^" } else { "-" };
            let Span { line, column, length } = label.span;
            let mut letters = label.line.chars();
            let indent: String = letters.by_ref().take(column - 1).map(blank).collect::<String>();
            let marks: usize = letters.take(length).map(columns).sum();
            let marked = format!("{indent}{} {}", marker.repeat(marks.max(1)), label.text);
            if drawn != Some(line) {
                write!(f, "\n{line:margin$} | {}", label.line)?;
            }
            write!(f, "\n{:margin$} | {}", "", marked.trim_end())?;
            drawn = Some(line);
        }
        match &self.help {
            Some(help) => write!(f, "\n{:margin$} = help: {help}", ""),
            None => Ok(()),
        }
    }
}

/// What takes as much room as `c` on a terminal: tabs and wide letters keep their width in the line of markers, so
/// that the two lines stay aligned.
fn blank(c: char) -> &'static str {
    match (c, columns(c)) {
        ('\t', _) => "\t",
        (_, 0) => "",
        (_, 1) => " ",
        _ => "  ",
    }
}

/// How many columns `c` takes: two if it is East Asian or an emoji, none if it joins the letter before.
fn columns(c: char) -> usize {
    match c {
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}' => 2,
        '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' => 2,
        '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}
