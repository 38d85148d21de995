//! Warnings about calls that C libraries make in place of the ones that an author knows.

use super::warnings::{Fate, Lint};
use crate::diagnose::lints::LintProblem;
use crate::diagnose::problems::Problems;
use crate::engine::rules::Rule;
use crate::kernel::call::Call;
use crate::kernel::related::SUCCESSORS;
use crate::kernel::tables::{self, facts};

impl<'a> Lint<'a> {
    pub(super) fn libraries(&self, problems: &mut Problems) {
        if self.refuses_by_default() {
            self.drift(problems);
        }
        self.clone3(problems);
        self.restarts(problems);
    }

    /// Reports calls that an allowlist allows, while it refuses those that newer C libraries make instead.
    fn drift(&self, problems: &mut Problems) {
        for rule in &self.abi.rules {
            let source = self.source(rule);
            let fate = self.fate(source.name).filter(Fate::is_allowed);
            let decides = |fate: &Fate<'a>| fate.rule.is_some_and(|decides| decides.origin == rule.origin);
            if !source.is_by_name() || !fate.as_ref().is_some_and(decides) {
                continue;
            }
            let lost = self.lost(&self.successors(source.name));
            if !lost.is_empty() {
                problems.report(source.place, LintProblem::Drift { old: source.name, newer: lost });
            }
        }
        self.guard_pages(problems);
    }

    /// The calls that newer C libraries make in place of another.
    fn successors(&self, name: &str) -> Vec<&'static str> {
        let mut successors: Vec<&str> = SUCCESSORS.of(name).collect();
        let wider: Vec<&str> = self.wider(name).filter(|wider| !successors.contains(wider)).collect();
        successors.extend(wider);
        successors
    }

    /// The calls among `names` if each that exists here is refused. They can replace each other, so one that is allowed
    /// is enough, if only for some arguments.
    fn lost(&self, names: &[&'static str]) -> Vec<&'static str> {
        let mut lost = Vec::new();
        for name in names.iter().filter(|name| self.architecture().syscall_number(name).is_some()) {
            match self.fate(name) {
                Some(fate) if fate.is_refused() && !self.is_no_such_call(fate.verdict) => lost.push(*name),
                _ => return Vec::new(),
            }
        }
        lost
    }

    /// Reports a `clone3` that is refused with another error than ENOSYS, while `clone` can start threads. Where an
    /// allowlist names `clone`, that is reported as drift.
    fn clone3(&self, problems: &mut Problems) {
        let Some(fate) = self.fate("clone3") else { return };
        let found = fate.verdict;
        let lets_some = |rule: &Rule| rule.verdict.is_allowed();
        let clone = self.architecture().syscall_number("clone").map(|number| self.rules(number));
        let (clone, default) = (clone.unwrap_or_default(), self.refuses_by_default());
        let starts_threads = match self.fate("clone") {
            Some(fate) => fate.is_allowed(),
            None => !default || clone.iter().any(lets_some),
        };
        let drifts = default
            && clone.first().is_some_and(|rule| rule.conditions.is_empty() && self.source(rule).is_by_name());
        if fate.is_refused() && !self.is_no_such_call(found) && starts_threads && !drifts {
            let place = fate.rule.map_or_else(|| self.default_place(), |rule| self.source(rule).place);
            problems.report(place, LintProblem::Clone3Errno { answer: self.shown(found) });
        }
    }

    /// Reports a refused `restart_syscall` beside calls that the kernel resumes by it.
    fn restarts(&self, problems: &mut Problems) {
        let Some(fate) = self.fate("restart_syscall").filter(Fate::is_refused) else { return };
        let names = self.which(&facts::RESTARTED, Fate::is_allowed);
        if !names.is_empty() {
            let place = fate.rule.map_or_else(|| self.default_place(), |rule| self.source(rule).place);
            let answer = self.shown(fate.verdict);
            problems.report(place, LintProblem::RestartRefused { names, answer });
        }
    }

    /// Reports conditions that refuse MADV_GUARD_INSTALL: glibc 2.42 protects the stacks of threads with it, and only
    /// falls back on EINVAL.
    fn guard_pages(&self, problems: &mut Problems) {
        let Some(number) = self.architecture().syscall_number("madvise") else { return };
        let advice = tables::constant("MADV_GUARD_INSTALL");
        let Some(advice) = advice.and_then(|advice| advice.value(self.architecture().table)) else { return };
        let call = Call { number, arguments: [0, 0, advice, 0, 0, 0], ..Call::default() };
        let rules = self.rules(number);
        let conditioned = rules.iter().find(|rule| !rule.conditions.is_empty());
        let decided = rules.iter().find(|rule| rule.matches(&call)).map(|rule| rule.verdict);
        let verdict = decided.unwrap_or_else(|| self.abi.otherwise(number));
        let refused = Fate { verdict, rule: None }.is_refused() && !self.is_errno(verdict, "EINVAL");
        if let Some(rule) = conditioned.filter(|_| refused) {
            let newer = vec!["madvise(MADV_GUARD_INSTALL)"];
            problems.report(self.source(rule).place, LintProblem::Drift { old: "madvise", newer });
        }
    }
}
