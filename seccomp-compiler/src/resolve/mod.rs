//! [`Policy`] to [`RuleSet`]: names become the numbers of one architecture, and conditions become comparisons of the
//! bits that the kernel reads.

pub(crate) mod applies;
pub(crate) mod arguments;
mod condition;
pub(crate) mod effects;
pub(crate) mod names;
pub(crate) mod origins;
mod resolver;
mod values;

use std::collections::HashMap;

use self::applies::{applies, check_is_listed, check_some_group_applies};
use self::effects::Way;
use self::origins::{Origins, RuleSource};
use self::resolver::Resolver;
use self::values::Lowered;
use crate::diagnose::conditions::ConditionProblem;
use crate::diagnose::names::NameProblem;
use crate::diagnose::problems::Problems;
use crate::diagnose::rules::RuleProblem;
use crate::document::source::Place;
use crate::engine::rules::{AbiRules, Rule, RuleSet, Verdict};
use crate::kernel::action::Promise;
use crate::kernel::architecture::{Architecture, Uncovered};
use crate::kernel::effects::Effect;
use crate::kernel::tables::{self, Syscall};
use crate::policy::{Action, Entry, Errno, Group, Placed, Policy};
use crate::proof::Expectation;

/// The meaning of a policy on one target.
pub(crate) struct Resolved {
    pub(crate) rules: RuleSet,
    pub(crate) expectations: Vec<Expectation>,
    /// What is promised to be refused or overrides such a promise, on the ABIs of the target's kernel that the filter
    /// does not cover.
    pub(crate) beyond: Vec<(&'static Architecture, Rule)>,
    pub(crate) origins: Origins,
}

/// The rules of `policy` on `native`, and with `compat` on the other ABIs of its kernel. They are incomplete if a
/// problem is reported. [`names::check`] must have been called before.
pub(crate) fn resolve(policy: &Policy, native: &'static Architecture, problems: &mut Problems) -> Resolved {
    let covered = policy.covered(native);
    let is_listed = check_is_listed(policy, native, problems);
    let mut abis = Vec::new();
    let mut expectations = Vec::new();
    let mut origins = Origins::default();
    let mut foreign = Verdict::KillProcess;
    for architecture in covered.iter().copied() {
        let mut resolver = Resolver {
            architecture,
            covered: &covered,
            is_listed,
            policy,
            origins: &mut origins,
            problems: &mut *problems,
            elsewhere: HashMap::new(),
        };
        if architecture == native {
            foreign = resolver.action(policy.foreign_architecture.as_ref(), Verdict::KillProcess);
        }
        expectations.extend(resolver.expectations(abis.len()));
        abis.push(resolver.abi());
    }
    let others = native.compat().filter(|other| !covered.contains(other));
    let beyond = others.flat_map(|other| beyond(policy, other, is_listed, &mut origins)).collect();
    abis.extend(covered.iter().filter_map(|abi| uncovered_sibling(abi, &covered, foreign)));
    if is_listed {
        check_some_group_applies(policy, native, &covered, problems);
    }
    Resolved { rules: RuleSet { abis, foreign, endian: native.endian() }, expectations, beyond, origins }
}

/// What a policy promises on an ABI that the filter does not cover.
fn beyond(
    policy: &Policy,
    architecture: &'static Architecture,
    is_listed: bool,
    origins: &mut Origins,
) -> Vec<(&'static Architecture, Rule)> {
    // What a promise says of arguments may make no sense there, and does not count: every call gets one answer.
    let mut unheard = Problems::default();
    let mut resolver = Resolver {
        architecture,
        covered: &[architecture],
        is_listed,
        policy,
        origins,
        problems: &mut unheard,
        elsewhere: HashMap::new(),
    };
    resolver.beyond().into_iter().map(|rule| (architecture, rule)).collect()
}

/// The sibling of an ABI, if the filter does not cover it: all of its calls get one answer.
fn uncovered_sibling(
    architecture: &Architecture,
    covered: &[&'static Architecture],
    foreign: Verdict,
) -> Option<AbiRules> {
    let (sibling, uncovered) = architecture.sibling().filter(|(sibling, _)| !covered.contains(sibling))?;
    let all = match uncovered {
        Uncovered::NoSuchCall => architecture.errno("ENOSYS").map_or(foreign, Verdict::Errno),
        Uncovered::Foreign => foreign,
    };
    Some(AbiRules { architecture: sibling, rules: Vec::new(), default: all, newer: all })
}

/// The most rules that a policy may have on one ABI. With sets, a short text can have very many.
const MAX_RULES: usize = 1 << 16;

impl Resolver<'_> {
    fn abi(&mut self) -> AbiRules {
        let policy = self.policy;
        // One that is only switched off refuses nothing.
        let unsaid = if policy.is_only_off() { Verdict::Allow } else { Verdict::KillProcess };
        let default = self.action(policy.default_action.as_ref(), unsaid);
        let newer = self.action(policy.newer_syscalls.as_ref(), default);
        let mut rules = Vec::new();
        for (index, group) in policy.groups.iter().enumerate() {
            self.group(group, index, &mut rules);
            self.check_seen(group);
        }
        if newer != default {
            self.known_beyond_the_end(default, &mut rules);
        }
        // Stable: of the rules for one number, the first that matches decides.
        rules.sort_by_key(|rule| rule.number);
        AbiRules { architecture: self.architecture, rules, default, newer }
    }

    /// Adds rules for known calls whose numbers are beyond the end of the table: x32's own, and arm's private ones. They
    /// get the default action rather than that of newer calls.
    fn known_beyond_the_end(&mut self, verdict: Verdict, rules: &mut Vec<Rule>) {
        let place = self.policy.default_action.as_ref().map_or(Place::POLICY, |action| action.place);
        for &(name, number) in self.architecture.beyond_end {
            let set = Some("@known");
            let origin = self.origins.add(RuleSource {
                place,
                set,
                effect: None,
                name,
                group: usize::MAX,
                constants: false,
            });
            rules.push(Rule { number, conditions: Vec::new(), verdict, origin });
        }
    }

    fn expectations(&mut self, abi: usize) -> Vec<Expectation> {
        let policy = self.policy;
        let mut expectations = Vec::new();
        for (index, group) in policy.expectations.iter().enumerate() {
            let mut rules = Vec::new();
            self.group(group, index, &mut rules);
            let promise = group.promise;
            expectations.extend(rules.into_iter().map(|rule| Expectation { abi, rule, promise }));
            if expectations.len() > MAX_RULES {
                self.problems.report(group.action.place, RuleProblem::TooManyRules { limit: MAX_RULES });
                break;
            }
        }
        expectations
    }

    /// What the policy promises or expects to be refused, and what overrides that, as rules.
    fn beyond(&mut self) -> Vec<Rule> {
        let mut rules = Vec::new();
        let policy = self.policy;
        for (index, group) in policy.expectations.iter().enumerate() {
            let before = rules.len();
            self.group(group, index, &mut rules);
            let expected = rules.split_off(before);
            let counts = |rule: &Rule| match group.promise {
                _ if group.overrides => true,
                Some(promise) => promise == Promise::Refused,
                None => rule.verdict.is_refused(),
            };
            rules.extend(expected.into_iter().filter(counts));
            // The policy is refused then.
            if rules.len() > MAX_RULES {
                break;
            }
        }
        rules
    }

    /// The rules of a group; none where it does not apply.
    fn group(&mut self, group: &Group, index: usize, rules: &mut Vec<Rule>) {
        if !self.is_listed || !applies(group, self.architecture) {
            return;
        }
        let verdict = self.action(Some(&group.action), Verdict::KillProcess);
        for entry in &group.entries {
            if rules.len() > MAX_RULES {
                return;
            }
            if entry.is_set() {
                self.set(entry, verdict, index, rules);
            } else {
                rules.extend(self.entry(entry, verdict, index, group));
            }
            if rules.len() > MAX_RULES {
                self.problems.report(entry.name.place, RuleProblem::TooManyRules { limit: MAX_RULES });
            }
        }
        self.effects(group, verdict, index, rules);
    }

    /// Reports effects of a call that no program does without, where a filter sees none of its arguments: to refuse the
    /// effect would be to refuse every program.
    fn check_seen(&mut self, group: &Group) {
        let architecture = self.architecture;
        if !self.is_listed || !applies(group, architecture) {
            return;
        }
        // Where there is `mmap2`, C libraries use that.
        let has_mmap2 = architecture.syscall_number("mmap2").is_some();
        let mapping = if has_mmap2 { "mmap2" } else { "mmap" };
        for effect in &group.effects {
            let ways = Effect::find(effect).map(|effect| effects::ways(effect, architecture));
            let is_blind = |way: &Way| way.is_hidden && !way.route.is_hidden && way.route.call == mapping;
            if let Some(way) = ways.into_iter().flatten().find(is_blind) {
                let name = way.route.tests().map(|test| test.argument).next().unwrap_or_default().to_owned();
                let problem =
                    ConditionProblem::HiddenArgument { syscall: way.route.call, name, architecture };
                self.problems.report(effect.place, problem);
            }
        }
    }

    /// Every route to a group's effects. Calls that a filter cannot see into get ENOSYS, on which C libraries fall back
    /// to others that it can see into. A call that visibly has another of the effects gets the group's action.
    fn effects(&mut self, group: &Group, verdict: Verdict, index: usize, rules: &mut Vec<Rule>) {
        let first = rules.len();
        let no_such_call = self.errno("ENOSYS", group.action.place).map_or(verdict, Verdict::Errno);
        for hidden in [false, true] {
            for Placed { value: name, place } in &group.effects {
                let ways = Effect::find(name).map(|effect| effects::ways(effect, self.architecture));
                for way in ways.into_iter().flatten().filter(|way| way.is_hidden == hidden) {
                    let verdict = if hidden { no_such_call } else { verdict };
                    // Effects share routes, and where one has the whole call, another may have a part of it.
                    let is_closed = |rule: &Rule| {
                        let is_whole = rule.conditions.is_empty();
                        rule.number == way.number && (is_whole || rule.conditions == way.conditions)
                    };
                    if rules[first..].iter().any(is_closed) {
                        continue;
                    }
                    if way.conditions.is_empty() && !hidden {
                        let start = rules.split_off(first);
                        rules.extend(start.into_iter().filter(|rule| rule.number != way.number));
                    }
                    let origin = self.origins.add(RuleSource {
                        place: *place,
                        set: None,
                        effect: Some(way.route),
                        name: way.route.call,
                        group: index,
                        constants: false,
                    });
                    rules.push(Rule { number: way.number, conditions: way.conditions, verdict, origin });
                }
            }
        }
    }

    /// The members of a set that this ABI has.
    fn set(&mut self, entry: &Entry, verdict: Verdict, group: usize, rules: &mut Vec<Rule>) {
        let place = entry.name.place;
        let Some((set, members)) = tables::sets().find(|(set, _)| *set == entry.name.value) else { return };
        for name in members {
            if let Some(number) = self.architecture.syscall_number(name) {
                let origin = self.origins.add(RuleSource {
                    place,
                    set: Some(set),
                    effect: None,
                    name,
                    group,
                    constants: false,
                });
                rules.push(Rule { number, conditions: Vec::new(), verdict, origin });
            }
        }
    }

    fn entry(&mut self, entry: &Entry, verdict: Verdict, group_index: usize, group: &Group) -> Option<Rule> {
        let syscall = tables::syscall(&entry.name.value)?;
        if self.leaves_out(group, syscall) {
            return None;
        }
        let (place, name) = (entry.name.place, syscall.name);
        let number = syscall.number(self.architecture.table);
        // If several ABIs lack it, only the target itself is named.
        let architecture = self.covered[0];
        if number.is_none() && architecture == self.architecture {
            self.problems.report(place, NameProblem::AbsentSyscall { name, architecture });
        }
        let number = number?;
        let mut conditions = Vec::new();
        let mut never = false;
        for condition in entry.conditions.iter().flatten() {
            match self.condition(syscall, condition, entry, group) {
                Some(Lowered::Test(condition)) => conditions.push(condition),
                Some(Lowered::Never) => never = true,
                Some(Lowered::Always) | None => {}
            }
        }
        if never {
            return None;
        }
        let constants = entry.conditions.iter().flatten().any(condition::names_constants);
        let origin = self.origins.add(RuleSource {
            place,
            set: None,
            effect: None,
            name,
            group: group_index,
            constants,
        });
        Some(Rule { number, conditions, verdict, origin })
    }

    /// Whether this ABI may lack a call, and does: the group is `optional`, or another ABI that the filter covers has the
    /// call.
    fn leaves_out(&self, group: &Group, syscall: Syscall) -> bool {
        let has = |architecture: &Architecture| syscall.number(architecture.table).is_some();
        let elsewhere = |architecture: &&Architecture| applies(group, architecture) && has(architecture);
        !has(self.architecture) && (group.optional || self.covered.iter().any(elsewhere))
    }

    /// The verdict of an action; `otherwise` where there is none, or its error does not exist here.
    fn action(&mut self, action: Option<&Placed<Action>>, otherwise: Verdict) -> Verdict {
        let Some(Placed { value: action, place }) = action else { return otherwise };
        let verdict = action.map_errno(|errno| match errno {
            Errno::Number(number) => Some(*number),
            Errno::Name(name) => self.errno(name, *place),
        });
        verdict.unwrap_or(otherwise)
    }

    fn errno(&mut self, name: &str, place: Place) -> Option<u16> {
        match errno(name, self.architecture) {
            Ok(number) => return Some(number),
            // `names` has reported it.
            Err(NameProblem::UnknownErrno { .. }) => {}
            Err(problem) => self.problems.report(place, problem),
        }
        None
    }
}

/// The number of an error on this architecture.
pub(crate) fn errno(name: &str, architecture: &'static Architecture) -> Result<u16, NameProblem> {
    if tables::errno(name).is_none() {
        return Err(NameProblem::UnknownErrno { name: name.to_owned() });
    }
    architecture.errno(name).ok_or_else(|| NameProblem::AbsentErrno { name: name.to_owned(), architecture })
}
