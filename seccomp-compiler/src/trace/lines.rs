//! The lines of a policy that trap calls: the second program of a report, which finds the line of a call.

use core::fmt;

use crate::document::locate::Locator;
use crate::document::source::{Place, Sources};
use crate::engine::rules::{AbiRules, Origin, Rule, RuleSet, Verdict};
use crate::kernel::architecture::Architecture;
use crate::kernel::tables;
use crate::policy::keys::{Key as _, Root};
use crate::policy::{Action, Fallbacks, Policy};
use crate::resolve::Resolved;
use crate::resolve::applies::applies;
use crate::trace::{Decider, Distinct, located};

/// A line of a policy that makes the filter trap calls.
///
/// As text, its parts have tabs between them: the place, why it decides, and what to do, where the name of the call is a
/// tab of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReportLine {
    /// Where it is, as `policies/server.yaml:14`.
    pub place: String,
    /// Why it decides, unless it names the call.
    pub why: String,
    /// What to do to allow the call, before and after the call's name.
    pub advice: Option<[String; 2]>,
}

impl fmt::Display for ReportLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)?;
        if !self.why.is_empty() {
            write!(f, "\t{}", self.why)?;
        }
        match &self.advice {
            Some([before, after]) => write!(f, "\t{before}\t{after}"),
            None => Ok(()),
        }
    }
}

/// The lines that trap, and the rules with the index of a line as the verdict where they trap, and `allow` elsewhere.
pub(crate) fn locate(
    resolved: &Resolved,
    policy: &Policy,
    sources: &Sources,
    native: &'static Architecture,
) -> (RuleSet, Vec<ReportLine>) {
    let (fallbacks, covered) = (policy.fallbacks(), policy.covered(native));
    let mut lines = Lines { found: Distinct::default(), locator: Locator::new(sources) };
    let advice = lines.advice(policy, native);
    let marked = |verdict, decider, place| {
        let Verdict::Trap(_) = verdict else { return Verdict::Allow };
        let is_own_default = matches!(decider, Decider::Default(abi) if abi == native);
        let advice = is_own_default.then(|| advice.clone());
        lines.verdict(place, why(&decider, fallbacks), advice)
    };
    let mut rules = located(&resolved.rules, &resolved.origins, fallbacks, &covered, marked);
    for (abi, original) in rules.abis.iter_mut().zip(&resolved.rules.abis) {
        lines.add_listed_otherwise(abi, original, resolved, fallbacks);
    }
    // A program has fewer instructions than there are indices, and at least one for each line.
    (rules, lines.found.items().unwrap_or_default())
}

/// Why a line decides, unless it names the call.
fn why(decider: &Decider, fallbacks: Fallbacks) -> String {
    match decider {
        Decider::Rule => String::new(),
        Decider::Default(_) => UNLISTED.to_owned(),
        Decider::Newer => {
            let key =
                if fallbacks.newer_syscalls.is_some() { Root::NewerSyscalls } else { Root::DefaultAction };
            format!("newer than {}, so `{}` decides", tables::VERSION, key.name())
        }
        Decider::Foreign => {
            "of an ABI that the policy does not cover, so `foreign_architecture` decides".to_owned()
        }
    }
}

const UNLISTED: &str = "not listed, so `default_action` decides";

struct Lines<'a> {
    found: Distinct<ReportLine>,
    locator: Locator<'a>,
}

impl Lines<'_> {
    /// Adds rules for calls that are listed, but not with all arguments, and otherwise trapped by default.
    fn add_listed_otherwise(
        &mut self,
        abi: &mut AbiRules,
        original: &AbiRules,
        resolved: &Resolved,
        fallbacks: Fallbacks,
    ) {
        let mut numbers: Vec<u32> = original.rules.iter().map(|rule| rule.number).collect();
        numbers.dedup();
        for number in numbers {
            let reachable = original.reachable(number);
            let is_exhaustive = reachable.last().is_some_and(|rule| rule.conditions.is_empty());
            let (false, Verdict::Trap(_), Some(first)) =
                (is_exhaustive, original.otherwise(number), reachable.first())
            else {
                continue;
            };
            let listed = self.place(Some(resolved.origins.source(first.origin).place));
            let why = format!("only listed with other arguments ({listed}), so `default_action` decides");
            let verdict = self.verdict(fallbacks.default_action, why, None);
            abi.rules.push(Rule { number, conditions: Vec::new(), verdict, origin: Origin(u32::MAX) });
        }
    }

    fn verdict(&mut self, place: Option<Place>, why: String, advice: Option<[String; 2]>) -> Verdict {
        let place = self.place(place);
        Verdict::Trap(self.found.index(ReportLine { place, why, advice }))
    }

    /// A place as reports show it; the file alone for what the policy leaves out.
    fn place(&mut self, place: Option<Place>) -> String {
        let (file, span) = self.locator.locate(place.unwrap_or(Place::POLICY));
        match span.line {
            0 => shown(file.name()),
            line => format!("{}:{line}", shown(file.name())),
        }
    }

    /// How to allow a call that is not listed: by the last group of the policy's own file that allows calls by name.
    fn advice(&mut self, policy: &Policy, native: &'static Architecture) -> [String; 2] {
        let own = self.locator.locate(Place::POLICY).0.name();
        let mut places = policy.groups.iter().rev().filter_map(|group| {
            let is_meant = group.action.value == Action::Allow && applies(group, native);
            let place = group.entries_of(false).next().filter(|_| is_meant)?.name.place;
            (self.locator.locate(place).0.name() == own).then_some(place)
        });
        let (before, after) = match places.next() {
            Some(place) => ("to allow it, add `", format!("` to the names at {}", self.place(Some(place)))),
            None => {
                let file = self.place(None);
                ("to allow it, add `{action: allow, names: [", format!("]}}` to `syscalls` of {file}"))
            }
        };
        [before.to_owned(), after]
    }
}

/// The end of a path, short enough for a line to have room for what follows, and without line breaks.
fn shown(path: &str) -> String {
    const LENGTH: usize = 160;
    let path = path.replace(char::is_control, "?");
    match path.char_indices().nth_back(LENGTH) {
        Some((cut, _)) => format!("…{}", &path[cut..]),
        None => path,
    }
}
