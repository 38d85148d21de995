//! The problems of one policy on several architectures, each one once.

mod json;
mod position;
mod sarif;

use seccomp_compiler::{Architecture, Diagnostic, Severity, Span};

pub use sarif::Sarif;

/// The problems of a policy, each one once for all architectures that have it.
#[derive(Debug, Default)]
pub struct Findings {
    findings: Vec<Finding>,
    /// The files with problems, in the order in which they were read.
    files: Vec<String>,
    /// How many architectures were checked, and on how many there is no error.
    checked: usize,
    proved: usize,
    /// Problems that were not located, on the architecture with the most of them.
    more_errors: usize,
    more_warnings: usize,
}

/// A problem as the first architecture that has it words it.
#[derive(Debug)]
pub struct Finding {
    diagnostic: Diagnostic,
    first: &'static Architecture,
    others: Vec<&'static Architecture>,
}

impl Findings {
    /// Adds the problems of one architecture, `more` of which were not located.
    pub fn add<'a>(
        &mut self,
        architecture: &'static Architecture,
        diagnostics: impl IntoIterator<Item = &'a Diagnostic>,
        more: usize,
    ) {
        self.checked += 1;
        let mut has_errors = false;
        for diagnostic in diagnostics {
            has_errors |= diagnostic.severity == Severity::Error;
            match self.findings.iter_mut().find(|finding| finding.is_same(diagnostic, architecture)) {
                Some(finding) => finding.others.push(architecture),
                None => self.findings.push(Finding::new(diagnostic, architecture)),
            }
        }
        // An architecture with errors has no warnings, so what was not located has one severity.
        let not_located = if has_errors { &mut self.more_errors } else { &mut self.more_warnings };
        *not_located = (*not_located).max(more);
        self.proved += usize::from(!has_errors);
        let files = &mut self.files;
        for Finding { diagnostic, .. } in &self.findings {
            if !files.contains(&diagnostic.file) {
                files.push(diagnostic.file.clone());
            }
        }
        let position = |diagnostic: &Diagnostic| files.iter().position(|file| *file == diagnostic.file);
        self.findings.sort_by_key(|Finding { diagnostic, .. }| {
            (position(diagnostic), diagnostic.labels.first().map(|label| label.span))
        });
    }

    /// The problems in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter()
    }

    /// Which architectures have one of the problems, in words, unless that is obvious. An architecture with errors has no warnings, so at
    /// most the others have them.
    pub fn note(&self, finding: &Finding) -> Option<String> {
        let Finding { diagnostic, first, others } = finding;
        let (all, kind) = match diagnostic.severity {
            Severity::Warning if self.proved < self.checked => (self.proved, " that were proved"),
            Severity::Error | Severity::Warning => (self.checked, ""),
        };
        let names_first = wording_without(first, diagnostic) != wording(diagnostic);
        match (names_first, others.len()) {
            _ if self.checked < 2 => None,
            (true, 0) => None,
            (true, _) => Some(format!("also on {}", join(others))),
            (false, 0) => Some(format!("on {first}")),
            (false, more) if more + 1 == all => Some(format!("the same on all {all} architectures{kind}")),
            (false, _) => Some(format!("on {first}, {}", join(others))),
        }
    }

    /// How many problems of this severity there are, also those that were too many to locate.
    pub fn count(&self, severity: Severity) -> usize {
        let more = match severity {
            Severity::Error => self.more_errors,
            Severity::Warning => self.more_warnings,
        };
        self.located(severity) + more
    }

    /// How many problems of this severity the policy has, in a line; none if it has none.
    pub fn total(&self, policy: &str, severity: Severity) -> Option<String> {
        let (number, located) = (self.count(severity), self.located(severity));
        let plural = if number == 1 { "" } else { "s" };
        let shown = if located < number { format!(", of which {located} are shown") } else { String::new() };
        (number != 0).then(|| format!("`{policy}` has {number} {}{plural}{shown}", severity.name()))
    }

    /// The same, if not all of them are located.
    fn not_shown(&self, policy: &str, severity: Severity) -> Option<String> {
        self.total(policy, severity).filter(|_| self.located(severity) < self.count(severity))
    }

    /// How many problems of this severity [`Findings::iter`] has.
    pub fn located(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.diagnostic.severity == severity).count()
    }
}

impl Finding {
    /// The problem, as the first of its architectures words it.
    pub fn diagnostic(&self) -> &Diagnostic {
        &self.diagnostic
    }

    /// The architectures that have it.
    pub fn architectures(&self) -> impl Iterator<Item = &'static Architecture> {
        core::iter::once(self.first).chain(self.others.iter().copied())
    }

    fn new(diagnostic: &Diagnostic, architecture: &'static Architecture) -> Self {
        Self { diagnostic: diagnostic.clone(), first: architecture, others: Vec::new() }
    }

    /// Whether this is the same problem: of the same kind, in the same place, worded alike but for the architecture.
    fn is_same(&self, diagnostic: &Diagnostic, architecture: &Architecture) -> bool {
        let first = &self.diagnostic;
        first.code == diagnostic.code
            && first.file == diagnostic.file
            && spans(first).eq(spans(diagnostic))
            && wording_without(self.first, first) == wording_without(architecture, diagnostic)
    }
}

fn spans(diagnostic: &Diagnostic) -> impl Iterator<Item = Span> {
    diagnostic.labels.iter().map(|label| label.span)
}

fn join(architectures: &[&Architecture]) -> String {
    let names: Vec<&str> = architectures.iter().map(|architecture| architecture.name()).collect();
    names.join(", ")
}

/// What the diagnostic says, with the name of the architecture left blank.
fn wording_without(architecture: &Architecture, diagnostic: &Diagnostic) -> Vec<String> {
    wording(diagnostic).into_iter().map(|text| blank(&text, architecture.name())).collect()
}

fn wording(diagnostic: &Diagnostic) -> Vec<String> {
    let labels = diagnostic.labels.iter().map(|label| label.text.clone());
    core::iter::once(diagnostic.message.clone()).chain(labels).collect()
}

/// The text with `…` in place of each word that is this name.
fn blank(text: &str, name: &str) -> String {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    let word = |piece: &str| match piece.strip_prefix(name) {
        Some(rest) if !rest.starts_with(in_word) => format!("…{rest}"),
        _ => piece.to_owned(),
    };
    text.split_inclusive(|c| !in_word(c)).map(word).collect()
}
