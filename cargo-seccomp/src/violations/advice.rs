//! From a violation to the policy: which of its lines can have decided, and the change that would allow the call.
//!
//! A record tells the call and the action. It tells neither the arguments, on which conditions decide, nor the data
//! of the action, such as the error. So of the rules that answer the call with this action each may have been the
//! one.

use core::fmt;

use seccomp_compiler::{AbiRules, Architecture, Compiled, Fallbacks, Place, Rule, SourceFile, Verdict};

use super::patch::{self, Wish};
use super::violation::{Action, Violation};

/// A policy and its filter for one architecture.
pub(crate) struct Adviser {
    file: SourceFile,
    compiled: Compiled,
}

/// What can have decided a call.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Deciders {
    /// The record does not say what was called, or what became of it.
    Unknown,
    /// These lines of the policy; the last may be a key that answers what no rule does.
    Lines(Vec<Decider>),
    /// None: the policy answers the call otherwise.
    None,
}

/// A line that can have decided.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decider {
    /// `line 14`, with the file where it is an included one; none where the policy leaves the key out.
    line: Option<String>,
    what: What,
}

#[derive(Debug, PartialEq, Eq)]
enum What {
    Rule,
    ConditionalRule,
    /// A key at the root.
    Key(&'static str),
    /// What answers the calls of x32 on x86_64, which no key does.
    OtherAbi,
}

impl Adviser {
    pub(crate) fn new(file: SourceFile, compiled: Compiled) -> Self {
        Self { file, compiled }
    }

    pub(crate) fn policy(&self) -> &str {
        self.file.name()
    }

    pub(crate) fn architecture(&self) -> &'static Architecture {
        self.compiled.architecture
    }

    /// What can have decided this violation.
    pub(crate) fn deciders(&self, violation: &Violation) -> Deciders {
        let Violation { arch: Some(arch), number: Some(number), action: Some(action), .. } = *violation
        else {
            return Deciders::Unknown;
        };
        let lines = match self.space(arch, number) {
            Some(space) => self.in_space(space, number, action),
            None if action.is_of(self.compiled.rules().foreign) => {
                vec![self.key("foreign_architecture", self.compiled.fallbacks.foreign_architecture)]
            }
            None => Vec::new(),
        };
        if lines.is_empty() { Deciders::None } else { Deciders::Lines(lines) }
    }

    /// The rules of the ABI that this call is of; none for a foreign one.
    fn space(&self, arch: u32, number: u32) -> Option<&AbiRules> {
        let spaces = &self.compiled.rules().abis;
        spaces.iter().find(|space| space.architecture.audit() == arch && space.numbers().contains(&number))
    }

    fn in_space(&self, space: &AbiRules, number: u32, action: Action) -> Vec<Decider> {
        let rules = reachable(space, number);
        let always = rules.last().is_some_and(|rule| rule.conditions.is_empty());
        let mut deciders: Vec<Decider> =
            rules.iter().filter(|rule| action.is_of(rule.verdict)).map(|rule| self.rule(rule)).collect();
        if !always && action.is_of(space.otherwise(number)) {
            deciders.push(self.otherwise(space, number));
        }
        deciders
    }

    fn rule(&self, rule: &Rule) -> Decider {
        let what = if rule.conditions.is_empty() { What::Rule } else { What::ConditionalRule };
        Decider { line: Some(self.line(self.compiled.origins.source(rule.origin).place)), what }
    }

    fn line(&self, place: Place) -> String {
        let (file, span) = self.compiled.sources.locate(place);
        let of = if file.name() == self.file.name() { String::new() } else { format!(" of {}", file.name()) };
        format!("line {}{of}", span.line)
    }

    /// What answers the calls that no rule does.
    fn otherwise(&self, space: &AbiRules, number: u32) -> Decider {
        if space.architecture != self.compiled.architecture {
            return Decider { line: None, what: What::OtherAbi };
        }
        let Fallbacks { default_action, newer_syscalls, .. } = self.compiled.fallbacks;
        if number >= space.architecture.table_end() && newer_syscalls.is_some() {
            return self.key("newer_syscalls", newer_syscalls);
        }
        self.key("default_action", default_action)
    }

    /// A key of the policy's root.
    fn key(&self, key: &'static str, place: Option<Place>) -> Decider {
        Decider { line: place.map(|place| self.line(place)), what: What::Key(key) }
    }

    /// The policy with these calls of its own architecture allowed; each that cannot be is named with the reason.
    pub(crate) fn allowing(&self, violations: &[Violation]) -> Allowing {
        let mut text = self.file.text().into_owned();
        let mut refused = Vec::new();
        for violation in violations {
            match self.allow(&text, violation) {
                Ok(changed) => text = changed,
                Err(why) => refused.push((violation.call().unwrap_or_default(), why)),
            }
        }
        Allowing { patch: patch::unified(self.file.name(), &self.file.text(), &text), refused }
    }

    fn allow(&self, text: &str, violation: &Violation) -> Result<String, Unchanged> {
        let architecture = self.compiled.architecture;
        let ours = |number| violation.arch == Some(architecture.audit()) && self.is_native(number);
        let number = violation.number.filter(|number| ours(*number)).ok_or(Unchanged::Foreign)?;
        let name = architecture.syscall_name(number).ok_or(Unchanged::Nameless)?;
        let wish = Wish { policy: self.file.name(), architecture, name, number };
        if wish.is_granted(text) {
            return if text == self.file.text() { Err(Unchanged::Allowed) } else { Ok(text.to_owned()) };
        }
        wish.grant(text).ok_or(Unchanged::ByHand)
    }

    fn is_native(&self, number: u32) -> bool {
        self.space(self.compiled.architecture.audit(), number)
            .is_some_and(|space| space.architecture == self.compiled.architecture)
    }
}

/// The changes that are offered.
pub(crate) struct Allowing {
    /// Empty where there is no change.
    pub(crate) patch: String,
    /// Calls that it does not allow.
    pub(crate) refused: Vec<(String, Unchanged)>,
}

/// Why no change is offered for a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unchanged {
    Foreign,
    Nameless,
    Allowed,
    ByHand,
}

impl fmt::Display for Unchanged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Foreign => "it is of another architecture, which `--arch` names",
            Self::Nameless => "the tables have no name for it",
            Self::Allowed => {
                "the policy allows it already: another filter decided, or another version of the policy"
            }
            Self::ByHand => "where it would go is for you to say: give it to a group with `action: allow`",
        })
    }
}

impl fmt::Display for Decider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.what, &self.line) {
            (What::Rule, Some(line)) => f.write_str(line),
            (What::ConditionalRule, Some(line)) => write!(f, "{line} if its conditions held"),
            (What::Key(key), Some(line)) => write!(f, "{line}, `{key}`"),
            (What::Key(key), None) => write!(f, "the default of `{key}`"),
            (What::OtherAbi, _) => f.write_str("x32 calls have no line of their own on x86_64"),
            (_, None) => f.write_str("the policy"),
        }
    }
}

impl fmt::Display for Deciders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("the record does not say what was called"),
            Self::None => f.write_str(
                "no line: another filter decided, another version of the policy, or one for another architecture",
            ),
            Self::Lines(lines) => {
                let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
                f.write_str(&lines.join("; or "))
            }
        }
    }
}

/// The rules for a number up to the first that always matches.
pub(super) fn reachable(space: &AbiRules, number: u32) -> Vec<&Rule> {
    let mut rules = Vec::new();
    for rule in space.rules.iter().filter(|rule| rule.number == number) {
        rules.push(rule);
        if rule.conditions.is_empty() {
            break;
        }
    }
    rules
}

/// Whether every call with this number gets this verdict.
pub(super) fn always(space: &AbiRules, number: u32, verdict: Verdict) -> bool {
    let rules = reachable(space, number);
    let decided = rules.last().is_some_and(|rule| rule.conditions.is_empty());
    rules.iter().all(|rule| rule.verdict == verdict) && (decided || space.otherwise(number) == verdict)
}
