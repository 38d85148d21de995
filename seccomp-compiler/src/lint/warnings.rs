//! Warnings: policies that compile, but may not do what their author meant.

use std::collections::HashSet;

use super::holes::{Hole, holes};
use crate::diagnose::lints::LintProblem;
use crate::diagnose::problems::Problems;
use crate::document::source::Place;
use crate::engine::rules::{AbiRules, Rule, Verdict};
use crate::kernel::architecture::{Architecture, Width};
use crate::kernel::call::Call;
use crate::kernel::tables::{self, facts};
use crate::policy::{Action, Placed, Policy};
use crate::resolve::origins::{Origins, RuleSource};

/// The suffixes that 32-bit ABIs give the wider form of a call.
const WIDER: [&str; 3] = ["32", "64", "_time64"];

/// Reports what is odd about a policy on the ABIs that it covers; the first is the target's own.
pub(crate) fn check(policy: &Policy, abis: &[AbiRules], origins: &Origins, problems: &mut Problems) {
    let Some((native, others)) = abis.split_first() else { return };
    for abi in others.iter().filter(|abi| !abi.rules.is_empty()) {
        let lint = Lint { policy, abi, origins };
        lint.holes(&holes(abi, origins), problems);
    }
    let lint = Lint { policy, abi: native, origins };
    lint.kill_thread(problems);
    lint.same_as_default(problems);
    let holes = holes(native, origins);
    lint.holes(&holes, problems);
    lint.io_uring(&holes, problems);
    if lint.refuses_by_default() {
        lint.drift(problems);
        lint.missing(problems);
    }
}

struct Lint<'a> {
    policy: &'a Policy,
    abi: &'a AbiRules,
    origins: &'a Origins,
}

/// The verdict for every call of one number.
struct Fate<'a> {
    verdict: Verdict,
    /// The rule that decides; `None` for the default.
    rule: Option<&'a Rule>,
}

impl Fate<'_> {
    fn is_allowed(&self) -> bool {
        self.verdict.is_allowed()
    }

    fn is_refused(&self) -> bool {
        self.verdict.is_refused()
    }
}

impl<'a> Lint<'a> {
    fn source(&self, rule: &Rule) -> &'a RuleSource {
        self.origins.source(rule.origin)
    }

    fn architecture(&self) -> &'static Architecture {
        self.abi.architecture
    }

    /// `None` for a call that this ABI lacks, or whose arguments decide.
    fn fate(&self, name: &str) -> Option<Fate<'a>> {
        let number = self.architecture().syscall_number(name)?;
        match self.rules(number).first() {
            None => Some(Fate { verdict: self.abi.otherwise(number), rule: None }),
            Some(rule) if rule.conditions.is_empty() => {
                Some(Fate { verdict: rule.verdict, rule: Some(rule) })
            }
            Some(_) => None,
        }
    }

    /// The rules of a number. All rules are sorted by number.
    fn rules(&self, number: u32) -> &'a [Rule] {
        let rules = &self.abi.rules[..];
        let rules = &rules[rules.partition_point(|rule| rule.number < number)..];
        let count = rules.iter().position(|rule| rule.number != number).unwrap_or(rules.len());
        &rules[..count]
    }

    fn refuses_by_default(&self) -> bool {
        Fate { verdict: self.abi.default, rule: None }.is_refused()
    }

    /// Whether a verdict is ENOSYS: C libraries then assume an older kernel and do without the call.
    fn is_no_such_call(&self, verdict: Verdict) -> bool {
        let number = tables::errno("ENOSYS").and_then(|errno| errno.value(self.architecture().table));
        matches!(verdict, Verdict::Errno(errno) if Some(u64::from(errno)) == number)
    }

    fn default_place(&self) -> Place {
        self.policy.default_action.as_ref().map_or(Place::POLICY, |action| action.place)
    }

    /// The calls among `names` whose fate is known and passes a test.
    fn which(&self, names: &[&'static str], passes: impl Fn(&Fate<'a>) -> bool) -> Vec<&'static str> {
        let mut found = Vec::new();
        for name in names {
            if let Some(fate) = self.fate(name)
                && passes(&fate)
            {
                found.push(*name);
            }
        }
        found
    }

    /// One door is closed and another open that leads to the same; calls between which the same is open share a warning.
    fn holes(&self, holes: &[Hole], problems: &mut Problems) {
        let mut found: Vec<(Place, LintProblem)> = Vec::new();
        for (refused, place, open, effects) in self.doors(holes) {
            let like = found.iter_mut().find_map(|(_, problem)| match problem {
                LintProblem::HoleInBlocklist { refused, open: other, .. } if *other == open => Some(refused),
                _ => None,
            });
            match like {
                Some(others) => others.push(refused),
                None => {
                    let refused = vec![refused];
                    found.push((place, LintProblem::HoleInBlocklist { refused, open, effects }));
                }
            }
        }
        for (place, problem) in found {
            problems.report(place, problem);
        }
    }

    /// Each refused call with what is open beside it, and the effects that they share: by its effects in whatever
    /// policy, and in a blocklist by what else is known of it.
    fn doors(&self, holes: &[Hole]) -> Vec<(String, Place, Vec<String>, Vec<&'static str>)> {
        let refused = |rule: &&Rule| rule.verdict.is_refused() && self.source(rule).effect.is_none();
        let mut seen = HashSet::new();
        let mut doors = Vec::new();
        for rule in self.abi.rules.iter().filter(refused).filter(|rule| seen.insert(rule.number)) {
            let RuleSource { name, place, .. } = *self.source(rule);
            let (mut open, mut effects) = (Vec::new(), Vec::new());
            let (mut place, mut shown) = (place, name.to_owned());
            for hole in holes.iter().filter(|hole| hole.refused == name) {
                (place, shown) = (hole.place, hole.shown.clone());
                for (call, effect) in &hole.open {
                    open.push(call.clone());
                    if !effects.contains(effect) {
                        effects.push(*effect);
                    }
                }
            }
            if !self.refuses_by_default() {
                for twin in self.which(&self.twins(name), Fate::is_allowed) {
                    if !open.iter().any(|open| open.split('(').next() == Some(twin)) {
                        open.push(twin.to_owned());
                    }
                }
            }
            if !open.is_empty() {
                doors.push((shown, place, open, effects));
            }
        }
        doors
    }

    fn twins(&self, name: &str) -> Vec<&'static str> {
        let listed = tables::others(&facts::TWINS, name).iter().copied();
        let making =
            facts::MULTIPLEXERS.iter().filter(|(_, calls)| calls.contains(&name)).map(|(call, _)| *call);
        let is_narrow = self.architecture().register() == Width::BITS_32;
        let wider =
            WIDER.iter().filter(|_| is_narrow).filter_map(|end| tables::syscall(&format!("{name}{end}")));
        listed.chain(making).chain(wider.map(|syscall| syscall.name)).collect()
    }

    /// Reports calls that an allowlist allows, while it refuses those that newer C libraries make instead.
    fn drift(&self, problems: &mut Problems) {
        let lost = |fate: &Fate<'a>| fate.is_refused() && !self.is_no_such_call(fate.verdict);
        for (name, successors) in facts::SUCCESSORS {
            let Some(Fate { rule: Some(rule), .. }) = self.fate(name).filter(Fate::is_allowed) else {
                continue;
            };
            if !self.source(rule).is_by_name() {
                continue;
            }
            let newer = self.which(successors, lost);
            // Successors can replace each other, so one that is allowed is enough.
            if !newer.is_empty() && newer.len() == self.which(successors, |_| true).len() {
                problems.report(self.source(rule).place, LintProblem::Drift { old: name, newer });
            }
        }
        self.guard_pages(problems);
    }

    /// Reports conditions that refuse MADV_GUARD_INSTALL: glibc 2.42 protects the stacks of threads with it, and only
    /// falls back on EINVAL.
    fn guard_pages(&self, problems: &mut Problems) {
        const MADV_GUARD_INSTALL: u64 = 102;
        let Some(number) = self.architecture().syscall_number("madvise") else { return };
        let call = Call { number, arguments: [0, 0, MADV_GUARD_INSTALL, 0, 0, 0], ..Call::default() };
        let rules = self.rules(number);
        let conditioned = rules.iter().find(|rule| !rule.conditions.is_empty());
        let decided = rules.iter().find(|rule| rule.matches(&call)).map(|rule| rule.verdict);
        let verdict = decided.unwrap_or_else(|| self.abi.otherwise(number));
        let refused = Fate { verdict, rule: None }.is_refused() && verdict != Verdict::Errno(22);
        if let Some(rule) = conditioned.filter(|_| refused) {
            let newer = vec!["madvise(MADV_GUARD_INSTALL)"];
            problems.report(self.source(rule).place, LintProblem::Drift { old: "madvise", newer });
        }
    }

    /// Reports calls that are easily forgotten in an allowlist.
    fn missing(&self, problems: &mut Problems) {
        let default = self.abi.default;
        let by_default = |fate: &Fate<'a>| fate.rule.is_none() && fate.is_refused();
        let place = self.default_place();
        let architecture = self.architecture();
        let mut essential = self.which(&facts::ESSENTIAL, by_default);
        // Where there is `mmap2`, C libraries use that.
        let has_mmap2 = self.architecture().syscall_number("mmap2").is_some();
        essential.retain(|name| *name != "mmap" || !has_mmap2);
        if !essential.is_empty() {
            problems.report(place, LintProblem::EssentialRefused { names: essential, default, architecture });
        }
        let hidden = self.which(tables::set("@vdso").unwrap_or_default(), by_default);
        if hidden.iter().any(|name| name.starts_with("clock_gettime")) {
            problems.report(place, LintProblem::HiddenByVdso { names: hidden });
        }
        let fatal = matches!(default, Verdict::KillProcess | Verdict::KillThread | Verdict::Trap(_));
        let panic = self.which(&facts::PANIC, |fate| fatal && by_default(fate));
        if !panic.is_empty() {
            problems.report(place, LintProblem::PanicKilled { names: panic, default, architecture });
        }
        if default == Verdict::Errno(1) && self.policy.newer_syscalls.is_none() {
            problems.report(place, LintProblem::EpermDefault);
        }
    }

    fn io_uring(&self, holes: &[Hole], problems: &mut Problems) {
        let Some(fate) = self.fate("io_uring_setup").filter(Fate::is_allowed) else { return };
        let mut refused = self.which(&facts::THROUGH_IO_URING, Fate::is_refused);
        for hole in holes.iter().filter(|hole| hole.by_io_uring) {
            if !refused.contains(&hole.refused) {
                refused.push(hole.refused);
            }
        }
        if !refused.is_empty() {
            let place = fate.rule.map_or_else(|| self.default_place(), |rule| self.source(rule).place);
            problems.report(place, LintProblem::IoUringOpen { refused });
        }
    }

    fn kill_thread(&self, problems: &mut Problems) {
        let Policy { default_action, foreign_architecture, newer_syscalls, groups, .. } = self.policy;
        let roots = [default_action, foreign_architecture, newer_syscalls].into_iter().flatten();
        let actions = roots.chain(groups.iter().map(|group| &group.action));
        for Placed { place, .. } in actions.filter(|action| action.value == Action::KillThread) {
            problems.report(*place, LintProblem::KillThread);
        }
    }

    /// Reports rules that change nothing: the only ones for their call, with the default action. Sets may have such.
    fn same_as_default(&self, problems: &mut Problems) {
        for rule in &self.abi.rules {
            let same = self.source(rule).is_by_name() && rule.verdict == self.abi.otherwise(rule.number);
            if same && self.rules(rule.number).len() == 1 {
                let name = self.source(rule).name;
                problems.report(self.source(rule).place, LintProblem::SameAsDefault { name });
            }
        }
    }
}
