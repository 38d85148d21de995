//! The problems found so far, and how they become diagnostics.

use crate::diagnose::code::Severity;
use crate::diagnose::diagnostic::{Diagnostic, Diagnostics, Label, Suggestion};
use crate::diagnose::document::{DocumentProblem, FileKind};
use crate::diagnose::problem::Problem;
use crate::document::load::LoadError;
use crate::document::locate::Locator;
use crate::document::source::{Place, SourceFile, Sources};
use crate::document::visible::shown;

/// At most this many problems are located and worded; the rest are counted.
const LOCATED: usize = 50;

/// At most this many problems are kept; the rest are counted.
const KEPT: usize = 1000;

/// The problems found so far, as facts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Problems {
    /// The number of errors kept, and of those that were not.
    errors: usize,
    dropped: usize,
    found: Vec<(Place, Problem)>,
}

impl Problems {
    /// Adds a problem, unless the same one was found at the same place on another ABI.
    pub(crate) fn report(&mut self, place: Place, problem: impl Into<Problem>) {
        let problem = problem.into();
        // Warnings never crowd out errors: an error that was dropped would not stop the build.
        let is_error = problem.code().severity() == Severity::Error;
        if self.found.len() >= KEPT && (!is_error || self.errors >= KEPT) {
            self.dropped += usize::from(is_error);
        } else if !self.found.iter().any(|(known, found)| *known == place && *found == problem) {
            self.errors += usize::from(is_error);
            self.found.push((place, problem));
        }
    }

    /// Whether a problem stops the build.
    pub(crate) fn has_errors(&self) -> bool {
        self.errors != 0
    }

    /// The problems, each with its place.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Place, &Problem)> {
        self.found.iter().map(|(place, problem)| (*place, problem))
    }

    /// Drops warnings that are allowed.
    pub(crate) fn allow(&mut self, is_allowed: impl Fn(Place, &Problem) -> bool) {
        self.found.retain(|(place, problem)| !is_allowed(*place, problem));
    }

    /// The problems with their messages and positions, in the order of the files. Beside errors, warnings would only
    /// distract, so they are left out.
    pub(crate) fn into_diagnostics(self, sources: &Sources) -> Diagnostics {
        let errors = self.has_errors();
        let mut found = self.found;
        found.retain(|(_, problem)| !errors || problem.code().severity() == Severity::Error);
        let mut locator = Locator::new(sources);
        locator.find(found.iter().map(|(place, _)| *place));
        found.sort_by_cached_key(|(place, _)| (sources.file_of(*place), locator.start(*place)));
        let more = found.len().saturating_sub(LOCATED) + self.dropped;
        found.truncate(LOCATED);
        let diagnostics =
            found.into_iter().map(|(place, problem)| diagnostic(&mut locator, place, &problem)).collect();
        Diagnostics { diagnostics, more }
    }
}

impl Diagnostics {
    /// The problem that the policy itself cannot be read: a missing file, for example.
    pub fn unreadable(file: &str, reason: LoadError) -> Self {
        Self::unreadable_file(file, FileKind::Policy, reason)
    }

    pub(crate) fn unreadable_file(name: &str, file: FileKind, reason: LoadError) -> Self {
        let mut problems = Problems::default();
        problems.report(Place::POLICY, DocumentProblem::Unreadable { file, reason });
        problems.into_diagnostics(&Sources::new(SourceFile::new(name, Vec::new())))
    }
}

fn diagnostic(locator: &mut Locator<'_>, place: Place, problem: &Problem) -> Diagnostic {
    let message = problem.message();
    let labels = core::iter::once((place, message.label)).chain(message.others);
    let labels: Vec<Label> = labels.map(|(place, text)| locator.label(place, text)).collect();
    let suggestion = message.correction.and_then(|(name, meant)| Suggestion::new(&labels[0], &name, &meant));
    Diagnostic {
        code: problem.code(),
        severity: problem.code().severity(),
        file: labels[0].file.clone(),
        message: shown(&message.text),
        labels,
        help: message.help.as_deref().map(shown),
        suggestion,
    }
}

impl Locator<'_> {
    fn label(&mut self, place: Place, text: String) -> Label {
        let (file, span) = self.locate(place);
        Label { file: file.name().to_owned(), span, line: self.line(place, span.line), text: shown(&text) }
    }
}
