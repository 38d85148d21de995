//! Warnings: policies that compile, but may not do what their author meant.

use std::collections::HashSet;

use super::holes::{Hole, Open, holes, opened};
use crate::diagnose::lints::LintProblem;
use crate::diagnose::problems::Problems;
use crate::document::source::Place;
use crate::engine::rules::{AbiRules, Rule, Verdict};
use crate::kernel::action::Promise;
use crate::kernel::architecture::{Architecture, Width};
use crate::kernel::effects::Effect;
use crate::kernel::related::{MULTIPLEXERS, REPLACEMENTS, TWINS};
use crate::kernel::tables::{self, facts};
use crate::policy::ActionKind::{Allow, Log, Trace, UserNotif};
use crate::policy::{Action, Entry, Group, Placed, Policy};
use crate::resolve::applies::applies;
use crate::resolve::origins::{Origins, RuleSource};

/// The wider forms of calls on 32-bit ABIs that do not end in `32`, `64` or `_time64`: lseek(2), mmap2(2).
const WIDER: [(&str, &str); 2] = [("lseek", "_llseek"), ("mmap", "mmap2")];

/// Reports what is odd about a policy on the ABIs that it covers; the first is the target's own.
pub(crate) fn check<'a>(
    policy: &Policy,
    covered: impl Iterator<Item = &'a AbiRules>,
    origins: &Origins,
    problems: &mut Problems,
) {
    kill_thread(policy, problems);
    let mut said = Said::default();
    let mut native: Option<&AbiRules> = None;
    for abi in covered {
        let lint = Lint { policy, abi, origins };
        lint.same_as_default(problems);
        let holes = holes(abi, origins);
        lint.holes(&holes, &mut said, problems);
        lint.io_uring(&holes, problems);
        lint.libraries(problems);
        lint.missing(&mut said, problems);
        lint.effects(problems);
        match native {
            Some(native) => lint.open_beside(native, problems),
            None => native = Some(abi),
        }
        said.is_compat = true;
    }
}

/// What was said of the ABIs before, and is not said again.
#[derive(Default)]
struct Said {
    is_compat: bool,
    essential: Vec<&'static str>,
    panic: Vec<&'static str>,
    /// Refused calls, each with one that is open.
    holes: Vec<(String, String)>,
}

fn kill_thread(policy: &Policy, problems: &mut Problems) {
    let Policy { default_action, foreign_architecture, newer_syscalls, groups, .. } = policy;
    let roots = [default_action, foreign_architecture, newer_syscalls].into_iter().flatten();
    let actions = roots.chain(groups.iter().map(|group| &group.action));
    for Placed { place, .. } in actions.filter(|action| action.value == Action::KillThread) {
        problems.report(*place, LintProblem::KillThread);
    }
}

pub(super) struct Lint<'a> {
    policy: &'a Policy,
    pub(super) abi: &'a AbiRules,
    origins: &'a Origins,
}

/// The verdict for every call of one number.
pub(super) struct Fate<'a> {
    pub(super) verdict: Verdict,
    /// The rule that decides; `None` for the default.
    pub(super) rule: Option<&'a Rule>,
}

impl Fate<'_> {
    pub(super) fn is_allowed(&self) -> bool {
        self.verdict.is_allowed()
    }

    pub(super) fn is_refused(&self) -> bool {
        self.verdict.is_refused()
    }

    fn is_refused_by_default(&self) -> bool {
        self.rule.is_none() && self.is_refused()
    }
}

impl<'a> Lint<'a> {
    pub(super) fn source(&self, rule: &Rule) -> &'a RuleSource {
        self.origins.source(rule.origin)
    }

    pub(super) fn architecture(&self) -> &'static Architecture {
        self.abi.architecture
    }

    /// `None` for a call that this ABI lacks, or whose arguments decide.
    pub(super) fn fate(&self, name: &str) -> Option<Fate<'a>> {
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
    pub(super) fn rules(&self, number: u32) -> &'a [Rule] {
        let rules = &self.abi.rules[..];
        let rules = &rules[rules.partition_point(|rule| rule.number < number)..];
        let count = rules.iter().position(|rule| rule.number != number).unwrap_or(rules.len());
        &rules[..count]
    }

    pub(super) fn refuses_by_default(&self) -> bool {
        Fate { verdict: self.abi.default, rule: None }.is_refused()
    }

    /// Whether a verdict is this error.
    pub(super) fn is_errno(&self, verdict: Verdict, name: &str) -> bool {
        matches!(verdict, Verdict::Errno(number) if Some(number) == self.architecture().errno(name))
    }

    /// Whether a verdict is ENOSYS: C libraries then assume an older kernel and do without the call.
    pub(super) fn is_no_such_call(&self, verdict: Verdict) -> bool {
        verdict.is_no_such_call(self.architecture())
    }

    pub(super) fn default_place(&self) -> Place {
        self.policy.default_action.as_ref().map_or(Place::POLICY, |action| action.place)
    }

    /// A verdict as a policy writes it.
    pub(super) fn shown(&self, verdict: Verdict) -> String {
        verdict.display(self.architecture()).to_string()
    }

    /// The calls among `names` whose fate is known and passes a test.
    pub(super) fn which(
        &self,
        names: &[&'static str],
        passes: impl Fn(&Fate<'a>) -> bool,
    ) -> Vec<&'static str> {
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
    fn holes(&self, holes: &[Hole], before: &mut Said, problems: &mut Problems) {
        let on = self.on(before);
        let mut found: Vec<(Place, LintProblem)> = Vec::new();
        for (refused, place, mut open, effects) in self.doors(holes) {
            open.retain(|open| {
                !before.holes.iter().any(|(closed, known)| *closed == refused && known == open)
            });
            if open.is_empty() {
                continue;
            }
            before.holes.extend(open.iter().map(|open| (refused.clone(), open.clone())));
            let like = found.iter_mut().find_map(|(_, problem)| match problem {
                LintProblem::HoleInBlocklist { refused, open: other, .. } if *other == open => Some(refused),
                _ => None,
            });
            match like {
                Some(others) => others.push(refused),
                None => {
                    let refused = vec![refused];
                    found.push((place, LintProblem::HoleInBlocklist { refused, open, effects, on }));
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
        let is_refused = |rule: &Rule| rule.verdict.is_refused() && self.source(rule).is_written();
        let is_door = |rule: &&Rule| {
            is_refused(rule) || holes.iter().any(|hole| hole.refused == self.source(rule).name)
        };
        let mut seen = HashSet::new();
        let mut doors = Vec::new();
        for rule in self.abi.rules.iter().filter(is_door).filter(|rule| seen.insert(rule.number)) {
            let RuleSource { name, place, .. } = *self.source(rule);
            let (mut open, mut effects) = (Vec::new(), Vec::new());
            let (mut place, mut shown) = (place, name.to_owned());
            for hole in holes.iter().filter(|hole| hole.refused == name) {
                (place, shown) = (hole.place, hole.shown.clone());
                for Open { shown, effect, .. } in &hole.open {
                    open.push(shown.clone());
                    if !effect.is_empty() && !effects.contains(effect) {
                        effects.push(*effect);
                    }
                }
            }
            if is_refused(rule) && !self.refuses_by_default() {
                let mut twins = self.twins(name);
                if rule.conditions.is_empty() && !self.is_no_such_call(rule.verdict) {
                    twins.extend(other_spellings(name));
                }
                for twin in self.which(&twins, Fate::is_allowed) {
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

    /// Reports refused effects if an earlier group lets one of their routes through.
    fn effects(&self, problems: &mut Problems) {
        let refuses = |group: &&Group| !matches!(group.action.value.kind(), Allow | Log | Trace | UserNotif);
        for group in self.policy.groups.iter().filter(refuses) {
            for Placed { value, place } in
                group.effects.iter().filter(|_| applies(group, self.architecture()))
            {
                let open = Effect::find(value)
                    .map(|effect| opened(self.abi, self.origins, effect, |call| self.is_expected(call)));
                if let Some(open) = open.filter(|open| !open.is_empty()) {
                    problems.report(*place, LintProblem::EffectOpen { effect: value.clone(), open });
                }
            }
        }
    }

    /// Whether the author expects a call to be let through.
    fn is_expected(&self, call: &str) -> bool {
        let lets_through = |group: &&Group| match group.promise {
            Some(promise) => promise == Promise::Allowed,
            None => matches!(group.action.value.kind(), Allow | Log),
        };
        let is_named = |entry: &Entry| {
            let name = &entry.name.value;
            name == call || tables::sets().any(|(set, members)| set == name && members.contains(&call))
        };
        let has = |effect: &Placed<String>| {
            Effect::find(&effect.value).is_some_and(|effect| effect.routes().any(|route| route.call == call))
        };
        let mut groups = self.policy.expectations.iter().filter(lets_through);
        groups.any(|group| group.entries.iter().any(is_named) || group.effects.iter().any(has))
    }

    /// Reports calls that the target's own ABI refuses and this one lets through, by the groups that refuse them.
    fn open_beside(&self, native: &AbiRules, problems: &mut Problems) {
        let mut open: Vec<(&RuleSource, Vec<&'static str>)> = Vec::new();
        for rule in native.rules.iter().filter(|rule| rule.verdict.is_refused()) {
            let source = self.source(rule);
            // What a rule lets through by name, the author has thought about.
            let by_name = |fate: &Fate<'a>| fate.rule.is_some_and(|rule| self.source(rule).is_by_name());
            if !self.fate(source.name).is_some_and(|fate| fate.is_allowed() && !by_name(&fate)) {
                continue;
            }
            match open.iter_mut().find(|(known, _)| known.group == source.group) {
                Some((_, names)) if names.contains(&source.name) => {}
                Some((_, names)) => names.push(source.name),
                None => open.push((source, vec![source.name])),
            }
        }
        for (source, names) in open {
            let (refused_on, open_on) = (native.architecture.name(), self.architecture().name());
            problems.report(source.place, LintProblem::AbiOpen { names, refused_on, open_on });
        }
    }

    fn twins(&self, name: &str) -> Vec<&'static str> {
        TWINS.of(name).chain(MULTIPLEXERS.with(name)).chain(self.wider(name)).collect()
    }

    /// The wider forms of a call, which 32-bit ABIs have.
    pub(super) fn wider(&self, name: &str) -> impl Iterator<Item = &'static str> + use<> {
        let is_narrow = self.architecture().register() == Width::BITS_32;
        let ends = ["32", "64", "_time64"].map(|end| format!("{name}{end}"));
        let others = WIDER.iter().filter(|(call, _)| *call == name).map(|(_, wider)| (*wider).to_owned());
        let names: Vec<String> = ends.into_iter().chain(others).filter(|_| is_narrow).collect();
        names.into_iter().filter_map(|name| tables::syscall(&name)).map(|syscall| syscall.name)
    }

    /// The name of an ABI that is not the target's own.
    fn on(&self, before: &Said) -> Option<&'static str> {
        before.is_compat.then(|| self.architecture().name())
    }

    /// Reports calls that programs do not work without.
    fn missing(&self, before: &mut Said, problems: &mut Problems) {
        self.essential(before, problems);
        let hidden = self.which(tables::set("@vdso").unwrap_or_default(), Fate::is_refused_by_default);
        if hidden.iter().any(|name| name.starts_with("clock_gettime")) {
            problems.report(self.default_place(), LintProblem::HiddenByVdso { names: hidden });
        }
        self.panic(before, problems);
        if self.is_errno(self.abi.default, "EPERM") && self.policy.newer_syscalls.is_none() {
            problems.report(self.default_place(), LintProblem::EpermDefault);
        }
    }

    fn essential(&self, before: &mut Said, problems: &mut Problems) {
        let on = self.on(before);
        let mut essential =
            self.which(&facts::ESSENTIAL, |fate| self.policy.is_for_rust() && fate.is_refused());
        // Where there is `mmap2`, C libraries use that.
        let has_mmap2 = self.architecture().syscall_number("mmap2").is_some();
        essential.retain(|name| (*name != "mmap" || !has_mmap2) && !before.essential.contains(name));
        before.essential.extend(&essential);
        let forgotten = self.which(&essential, Fate::is_refused_by_default);
        if !forgotten.is_empty() {
            let answer = self.shown(self.abi.default);
            let problem = LintProblem::EssentialRefused { names: forgotten, answer, on, by_rule: false };
            problems.report(self.default_place(), problem);
        }
        for name in essential {
            let Some(Fate { verdict, rule: Some(rule) }) = self.fate(name) else { continue };
            let answer = self.shown(verdict);
            let problem = LintProblem::EssentialRefused { names: vec![name], answer, on, by_rule: true };
            problems.report(self.source(rule).place, problem);
        }
    }

    fn panic(&self, before: &mut Said, problems: &mut Problems) {
        let default = self.abi.default;
        let is_fatal = matches!(default, Verdict::KillProcess | Verdict::KillThread | Verdict::Trap(_));
        if !is_fatal || !self.policy.is_for_rust() {
            return;
        }
        let mut panic = self.which(&facts::PANIC, Fate::is_refused_by_default);
        panic.retain(|name| !before.panic.contains(name));
        before.panic.extend(&panic);
        if !panic.is_empty() {
            let (answer, on) = (self.shown(default), self.on(before));
            problems.report(self.default_place(), LintProblem::PanicKilled { names: panic, answer, on });
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

/// The calls that some architectures have in place of another, and those in whose place they have it.
fn other_spellings(name: &str) -> impl Iterator<Item = &'static str> {
    REPLACEMENTS.of(name).chain(REPLACEMENTS.with(name))
}
