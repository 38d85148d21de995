//! What a scan means for a policy, beside a recording, and for the next release.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use seccomp_compiler::{Call, Comparison, Compiled, Must, Rule, Verdict};

use crate::recording::{Observation, Recording};

use super::{ReachedCall, Scan, Use};

/// What a policy does to a call that a program can make.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Judgement<'a> {
    /// The call.
    pub call: &'a ReachedCall,
    /// A place where it is made and the policy may refuse it.
    pub place: &'a Use,
    /// How it is refused.
    pub verdict: Verdict,
    /// Whether it is refused wherever it is made, whatever the arguments are that are not constants.
    pub is_always: bool,
}

/// A call that a newer program can make and an older one could not.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Growth<'a> {
    /// The call.
    pub call: &'a ReachedCall,
    /// Who makes it, each once.
    pub by: Vec<&'a str>,
}

/// What a program can do beside what it was seen to do.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Review<'a> {
    /// The calls that it can make and was seen to make.
    pub seen: Vec<&'a ReachedCall>,
    /// Those that it can make and was never seen to make, by who makes them.
    pub unseen: BTreeMap<&'a str, Vec<&'a ReachedCall>>,
    /// The names of those that it was seen to make and that the scan did not find.
    pub not_found: BTreeSet<Cow<'static, str>>,
}

impl Scan {
    /// The program beside a recording of it; `None` if the recording has no calls of a program of this name.
    pub fn review<'a>(&'a self, recording: &Recording) -> Option<Review<'a>> {
        fn file(path: &str) -> Option<&str> {
            path.rsplit('/').next()
        }
        let is_own = |it: &Observation<'_>| file(it.program()) == file(&self.program);
        let observed: Vec<Observation<'_>> = recording.observations().filter(is_own).collect();
        if observed.is_empty() {
            return None;
        }
        let is_call = |seen: &Observation<'_>, call: &ReachedCall| {
            call.architecture.has_call(seen.audit(), seen.number()) && call.number == seen.number()
        };
        let (seen, never): (Vec<&ReachedCall>, Vec<&ReachedCall>) =
            self.calls.iter().partition(|call| observed.iter().any(|seen| is_call(seen, call)));
        let mut unseen: BTreeMap<&str, Vec<&ReachedCall>> = BTreeMap::new();
        for call in never {
            for owner in owners(call).into_keys() {
                unseen.entry(owner).or_default().push(call);
            }
        }
        let is_missing = |it: &&Observation<'_>| !self.calls.iter().any(|call| is_call(it, call));
        let not_found = observed.iter().filter(is_missing).map(Observation::name).collect();
        Some(Review { seen, unseen, not_found })
    }

    /// The calls that the program can make and the policy refuses, at least under some arguments.
    ///
    /// The policy is compiled for the architecture of the program.
    pub fn refused<'a>(&'a self, policy: &Compiled) -> Vec<Judgement<'a>> {
        let mut judgements = Vec::new();
        for call in &self.calls {
            let verdicts: Vec<Vec<Verdict>> =
                call.uses.iter().map(|it| verdicts(policy, call, &it.arguments)).collect();
            let refusal = |verdicts: &Vec<Verdict>| verdicts.iter().find(|it| it.is_refused()).copied();
            let first = verdicts.iter().position(|it| refusal(it).is_some());
            let Some((at, verdict)) = first.and_then(|at| Some((at, refusal(&verdicts[at])?))) else {
                continue;
            };
            let is_always = verdicts.iter().flatten().all(|verdict| verdict.is_refused());
            judgements.push(Judgement { call, place: &call.uses[at], verdict, is_always });
        }
        judgements
    }

    /// The calls that this program can make and an older release of it could not.
    pub fn growth_since<'a>(&'a self, old: &Self) -> Vec<Growth<'a>> {
        // By name, as the two may be built for different architectures.
        let known: BTreeSet<String> = old.calls.iter().map(ReachedCall::name).collect();
        let new = self.calls.iter().filter(|call| !known.contains(&call.name()));
        new.map(|call| Growth { call, by: owners(call).into_keys().collect() }).collect()
    }
}

/// Who makes a call, each with one place.
fn owners(call: &ReachedCall) -> BTreeMap<&str, &Use> {
    call.uses.iter().rev().map(|place| (place.by.as_str(), place)).collect()
}

/// What a policy may answer to a call, given those of its arguments that are known.
fn verdicts(policy: &Compiled, call: &ReachedCall, arguments: &[Option<u64>; 6]) -> Vec<Verdict> {
    let made = Call { arch: call.architecture.audit(), number: call.number, ..Call::default() };
    let Some(abi) = policy.rules().abi(made.arch, made.number) else { return vec![policy.rules().foreign] };
    let mut verdicts = Vec::new();
    for rule in abi.reachable(call.number) {
        match matches(rule, arguments) {
            Some(true) => {
                verdicts.push(rule.verdict);
                return verdicts;
            }
            None => verdicts.push(rule.verdict),
            Some(false) => {}
        }
    }
    verdicts.push(abi.otherwise(call.number));
    verdicts
}

/// Whether a rule matches, if what is known of the arguments decides it.
fn matches(rule: &Rule, arguments: &[Option<u64>; 6]) -> Option<bool> {
    let mut is_certain = true;
    for condition in &rule.conditions {
        let known = arguments.get(usize::from(condition.argument)).copied().flatten();
        match known {
            Some(value) => {
                let mut all = [0; 6];
                all[usize::from(condition.argument).min(5)] = value;
                if !condition.holds(&all) {
                    return Some(false);
                }
            }
            // Any number is at least zero, and has no bit outside its mask.
            None => {
                let is_trivial = condition.comparison == Comparison::AtLeast && condition.value == 0;
                if !(is_trivial && condition.must == Must::Hold) {
                    is_certain = false;
                }
            }
        }
    }
    is_certain.then_some(true)
}
