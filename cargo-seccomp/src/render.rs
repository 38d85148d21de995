//! Draws problems as rustc does, always in colour; the output strips it where it does not belong.

use core::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use seccomp_compiler::{Diagnostic, Label, Severity, visible};

/// A problem with its lines of the policy, what to do about it, and a note on the architectures that have it.
pub(crate) fn problem(diagnostic: &Diagnostic, note: Option<&str>) -> String {
    let title = level(diagnostic.severity).primary_title(&diagnostic.message).id(diagnostic.code.name());
    let note = note.map(|note| Level::NOTE.message(note));
    let help = diagnostic.help.as_deref().map(|help| Level::HELP.message(help));
    let group = title.elements(excerpts(diagnostic)).elements(note).elements(help);
    format!("{}\n", render(group))
}

/// A line with this severity. The names of files in it cannot command a terminal.
pub(crate) fn line(severity: Severity, text: &str) -> String {
    titled(level(severity), text)
}

/// An error in one line.
pub(crate) fn error(text: &str) -> String {
    line(Severity::Error, text)
}

/// An error in one line, and what to do about it.
pub(crate) fn error_with_help(text: &str, help: &str) -> String {
    with_help(Level::ERROR, text, help)
}

/// A note in one line.
pub(crate) fn note(text: &str) -> String {
    titled(Level::NOTE, text)
}

/// A warning in one line.
pub(crate) fn warning(text: &str) -> String {
    line(Severity::Warning, text)
}

/// A warning in one line, and what to do about it.
pub(crate) fn warning_with_help(text: &str, help: &str) -> String {
    with_help(Level::WARNING, text, help)
}

fn with_help(level: Level<'static>, text: &str, help: &str) -> String {
    render(level.primary_title(visible(text)).elements([Level::HELP.message(visible(help))]))
}

fn titled(level: Level<'static>, text: &str) -> String {
    render(Group::with_title(level.primary_title(visible(text))))
}

fn render(group: Group<'_>) -> String {
    Renderer::styled().render(&[group])
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    }
}

/// The labelled lines in order, but the excerpt with the primary label first; only the file's name for a problem of the
/// whole file.
fn excerpts(diagnostic: &Diagnostic) -> Vec<Element<'_>> {
    let mut labels: Vec<(usize, &Label)> = diagnostic.labels.iter().enumerate().collect();
    labels.retain(|(_, label)| label.span.line != 0);
    // The file of the message first, and each file in order.
    labels.sort_by_key(|(_, label)| (label.file != diagnostic.file, &label.file, label.span));
    let mut excerpts: Vec<Excerpt<'_>> = Vec::new();
    for (index, label) in labels {
        let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        match excerpts.last_mut() {
            Some(last) if last.file == label.file && last.is_near(label) => last.mark(kind, label),
            _ => excerpts.push(Excerpt::new(kind, label)),
        }
    }
    excerpts.sort_by_key(|excerpt| !excerpt.has_primary);
    match excerpts.is_empty() {
        true => vec![Origin::path(visible(&diagnostic.file)).into()],
        false => excerpts.into_iter().map(|excerpt| excerpt.snippet().into()).collect(),
    }
}

/// Lines that are drawn together.
struct Excerpt<'a> {
    file: &'a str,
    first_line: usize,
    last_line: usize,
    /// The labelled lines. The lines between them are unknown, and empty here.
    source: String,
    annotations: Vec<Annotation<'a>>,
    has_primary: bool,
}

impl<'a> Excerpt<'a> {
    fn new(kind: AnnotationKind, label: &'a Label) -> Self {
        let line = label.span.line;
        let source = label.line.clone();
        let file = label.file.as_str();
        let annotations = Vec::new();
        let mut excerpt =
            Self { file, first_line: line, last_line: line, source, annotations, has_primary: false };
        excerpt.mark(kind, label);
        excerpt
    }

    /// Whether a later label can be drawn with these lines. A single line between them would be drawn, but is unknown;
    /// several are drawn as dots.
    fn is_near(&self, label: &Label) -> bool {
        label.span.line - self.last_line != 2
    }

    /// Adds a label on the last line or a later one.
    fn mark(&mut self, kind: AnnotationKind, label: &'a Label) {
        if label.span.line != self.last_line {
            self.source.push_str(&"\n".repeat(label.span.line - self.last_line));
            self.source.push_str(&label.line);
            self.last_line = label.span.line;
        }
        let Range { start, end } = bytes(label);
        let line = self.source.len() - label.line.len();
        let text = Some(label.text.as_str()).filter(|text| !text.is_empty());
        self.annotations.push(kind.span(line + start..line + end).label(text));
        self.has_primary |= kind == AnnotationKind::Primary;
    }

    fn snippet(self) -> Snippet<'a, Annotation<'a>> {
        Snippet::source(self.source)
            .line_start(self.first_line)
            .path(visible(self.file))
            .annotations(self.annotations)
    }
}

/// The bytes that the label's span covers in its line; spans count characters.
fn bytes(label: &Label) -> Range<usize> {
    let start = label.span.column.saturating_sub(1);
    let byte =
        |character| label.line.char_indices().nth(character).map_or(label.line.len(), |(byte, _)| byte);
    byte(start)..byte(start + label.span.length.max(1))
}
