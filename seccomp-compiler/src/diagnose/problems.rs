//! The problems found so far, and how they become diagnostics.

use crate::diagnose::code::{Code, Severity};
use crate::diagnose::diagnostic::{Diagnostic, Diagnostics, Label};
use crate::diagnose::problem::Problem;
use crate::document::locate::Locator;
use crate::document::source::{Place, Sources};

/// At most this many problems are located and worded; the rest are counted.
const LOCATED: usize = 50;

/// At most this many problems are kept; the rest are counted.
const KEPT: usize = 1000;

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
    pub(crate) fn report(&mut self, place: Place, problem: impl Into<Problem>) {
        let problem = problem.into();
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

fn diagnostic(locator: &mut Locator<'_>, place: Place, problem: &Problem) -> Diagnostic {
    let message = problem.message();
    let labels = core::iter::once((place, message.label)).chain(message.others);
    let labels: Vec<Label> = labels.map(|(place, text)| locator.label(place, text)).collect();
    Diagnostic {
        code: problem.code(),
        severity: problem.code().severity(),
        file: labels[0].file.clone(),
        message: message.text,
        labels,
        help: message.help,
    }
}

impl Locator<'_> {
    fn label(&mut self, place: Place, text: String) -> Label {
        let (file, span) = self.locate(place);
        Label { file: file.name().to_owned(), span, line: self.line(place, span.line), text }
    }
}
