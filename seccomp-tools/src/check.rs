//! A policy checked on several architectures: where it was proved, and what is wrong with it.

use seccomp_compiler::{Architecture, Code, Compiled, Diagnostic, Diagnostics, Severity};

use crate::findings::Findings;

/// What became of a policy, architecture by architecture.
#[derive(Debug, Default)]
pub struct Check {
    /// Whether architectures that the policy's own `architectures` excludes are skipped instead of reported.
    skips_excluded: bool,
    conclusions: Vec<(&'static Architecture, Conclusion)>,
    findings: Findings,
}

/// What became of a policy on one architecture.
#[derive(Debug)]
pub enum Conclusion {
    /// It was compiled and proved.
    Proved(Box<Compiled>),
    /// It has errors.
    Failed,
    /// It is not meant for this architecture.
    Skipped,
}

impl Check {
    /// A check that reports every error.
    pub fn new() -> Self {
        Self::default()
    }

    /// A check that skips the architectures that the policy's own `architectures` excludes.
    pub fn skipping_excluded() -> Self {
        Self { skips_excluded: true, ..Self::default() }
    }

    /// Adds what the compiler answered for an architecture.
    pub fn add(&mut self, architecture: &'static Architecture, result: Result<Compiled, Diagnostics>) {
        let conclusion = match result {
            Ok(compiled) => {
                let warnings = compiled.warnings();
                self.findings.add(architecture, &warnings, warnings.more());
                Conclusion::Proved(Box::new(compiled))
            }
            Err(errors) => self.failed(architecture, &errors),
        };
        self.conclusions.push((architecture, conclusion));
    }

    fn failed(&mut self, architecture: &'static Architecture, errors: &Diagnostics) -> Conclusion {
        let is_skipped = |error: &Diagnostic| self.skips_excluded && error.code == Code::OtherArchitecture;
        if errors.iter().all(is_skipped) {
            return Conclusion::Skipped;
        }
        let reported: Vec<&Diagnostic> = errors.iter().filter(|error| !is_skipped(error)).collect();
        self.findings.add(architecture, reported, errors.more());
        Conclusion::Failed
    }

    /// The architectures in the order in which they were added.
    pub fn conclusions(&self) -> &[(&'static Architecture, Conclusion)] {
        &self.conclusions
    }

    /// The architectures that the policy is not meant for.
    pub fn skipped(&self) -> impl Iterator<Item = &'static Architecture> {
        let skipped =
            self.conclusions.iter().filter(|(_, conclusion)| matches!(conclusion, Conclusion::Skipped));
        skipped.map(|(architecture, _)| *architecture)
    }

    /// The programs that were proved.
    pub fn proved(&self) -> impl Iterator<Item = &Compiled> {
        self.conclusions.iter().filter_map(|(_, conclusion)| match conclusion {
            Conclusion::Proved(compiled) => Some(&**compiled),
            Conclusion::Failed | Conclusion::Skipped => None,
        })
    }

    /// Whether the policy has an error on any architecture.
    pub fn has_errors(&self) -> bool {
        self.findings.count(Severity::Error) != 0
    }

    /// The problems, each once for all architectures.
    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    /// The program, if it was proved on the only architecture that was added.
    pub fn into_compiled(self) -> Option<Compiled> {
        match self.conclusions.into_iter().next_back() {
            Some((_, Conclusion::Proved(compiled))) => Some(*compiled),
            _ => None,
        }
    }
}
