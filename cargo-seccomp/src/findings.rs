//! The problems of one policy on several architectures, each of them once.

use seccomp_compiler::{Architecture, Diagnostic, Severity, Span};

/// What was found in a policy.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    found: Vec<Finding>,
    /// The files that they are in, in the order in which they were read.
    files: Vec<String>,
    /// How many architectures were looked at, and on how many of them there is no error.
    checked: usize,
    proved: usize,
    /// Problems that were not located, on the architecture with the most of them.
    more: usize,
}

/// One problem, in the words of the first architecture that has it.
#[derive(Debug)]
struct Finding {
    diagnostic: Diagnostic,
    first: &'static Architecture,
    others: Vec<&'static Architecture>,
}

impl Findings {
    /// Adds the problems of one architecture to those of the others.
    pub(crate) fn add<'a>(
        &mut self,
        architecture: &'static Architecture,
        diagnostics: impl IntoIterator<Item = &'a Diagnostic>,
        more: usize,
    ) {
        self.checked += 1;
        let mut wrong = false;
        for diagnostic in diagnostics {
            wrong |= diagnostic.severity == Severity::Error;
            match self.found.iter_mut().find(|finding| finding.is(diagnostic, architecture)) {
                Some(finding) => finding.others.push(architecture),
                None => self.found.push(Finding::new(diagnostic, architecture)),
            }
        }
        if wrong {
            self.more = self.more.max(more);
        }
        self.proved += usize::from(!wrong);
        let files = &mut self.files;
        for Finding { diagnostic, .. } in &self.found {
            if !files.contains(&diagnostic.file) {
                files.push(diagnostic.file.clone());
            }
        }
        let file = |diagnostic: &Diagnostic| files.iter().position(|file| *file == diagnostic.file);
        self.found.sort_by_key(|Finding { diagnostic, .. }| {
            (file(diagnostic), diagnostic.labels.first().map(|label| label.span))
        });
    }

    /// The problems in the order of the file, each with a note on the architectures that have it.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Diagnostic, Option<String>)> {
        self.found.iter().map(|finding| (&finding.diagnostic, self.note(finding)))
    }

    /// Which of the architectures have the problem, where that needs saying. An architecture with errors shows no
    /// warnings, so that those can at most be on the others.
    fn note(&self, finding: &Finding) -> Option<String> {
        let Finding { diagnostic, first, others } = finding;
        let (all, kind) = match diagnostic.severity {
            Severity::Warning if self.proved < self.checked => (self.proved, " that were proved"),
            Severity::Error | Severity::Warning => (self.checked, ""),
        };
        let names_first = words(diagnostic, first) != plain_words(diagnostic);
        match (names_first, others.len()) {
            _ if self.checked < 2 => None,
            (true, 0) => None,
            (true, _) => Some(format!("also on {}", list(others))),
            (false, 0) => Some(format!("on {first}")),
            (false, more) if more + 1 == all => Some(format!("the same on all {all} architectures{kind}")),
            (false, _) => Some(format!("on {first}, {}", list(others))),
        }
    }

    /// How many problems of this severity there are. Only errors can be so many that some are not located.
    pub(crate) fn count(&self, severity: Severity) -> usize {
        let located = self.located(severity);
        if severity == Severity::Error { located + self.more } else { located }
    }

    pub(crate) fn located(&self, severity: Severity) -> usize {
        self.found.iter().filter(|finding| finding.diagnostic.severity == severity).count()
    }
}

impl Finding {
    fn new(diagnostic: &Diagnostic, architecture: &'static Architecture) -> Self {
        Self { diagnostic: diagnostic.clone(), first: architecture, others: Vec::new() }
    }

    /// Whether this is the same problem: of one kind, at one place, in words that differ by the architecture alone.
    fn is(&self, diagnostic: &Diagnostic, architecture: &Architecture) -> bool {
        let ours = &self.diagnostic;
        ours.code == diagnostic.code
            && ours.file == diagnostic.file
            && spans(ours).eq(spans(diagnostic))
            && words(ours, self.first) == words(diagnostic, architecture)
    }
}

fn spans(diagnostic: &Diagnostic) -> impl Iterator<Item = Span> {
    diagnostic.labels.iter().map(|label| label.span)
}

fn list(architectures: &[&Architecture]) -> String {
    let names: Vec<&str> = architectures.iter().map(|architecture| architecture.name()).collect();
    names.join(", ")
}

/// What the diagnostic says, with the architecture left open.
fn words(diagnostic: &Diagnostic, architecture: &Architecture) -> Vec<String> {
    plain_words(diagnostic).into_iter().map(|text| open(&text, architecture.name())).collect()
}

fn plain_words(diagnostic: &Diagnostic) -> Vec<String> {
    let labels = diagnostic.labels.iter().map(|label| label.text.clone());
    core::iter::once(diagnostic.message.clone()).chain(labels).collect()
}

/// The text with `…` for each word that is this name.
fn open(text: &str, name: &str) -> String {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    let word = |piece: &str| match piece.strip_prefix(name) {
        Some(rest) if !rest.starts_with(in_word) => format!("…{rest}"),
        _ => piece.to_owned(),
    };
    text.split_inclusive(|c| !in_word(c)).map(word).collect()
}
