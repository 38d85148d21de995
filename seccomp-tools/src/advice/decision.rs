//! What decides a call whose arguments are known.

use core::fmt;

use seccomp_compiler::{AbiRules, Architecture, Call, Rule};

use super::{Adviser, Answer, Decider};

/// What decides a call, and why no rule that names it does.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decision {
    /// What decides.
    pub decider: Decider,
    /// Whether the answer is ENOSYS so that libraries fall back to another call.
    pub falls_back: bool,
    /// A rule that would allow the call with other arguments.
    pub unmet: Option<Unmet>,
}

/// A rule whose conditions a call does not meet.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unmet {
    /// Its place, such as `line 14`.
    pub line: String,
    /// The arguments that it does not allow, such as `family = AF_NETLINK`.
    pub arguments: Vec<String>,
}

impl Adviser {
    /// What decides this call.
    pub fn decision(&self, call: &Call) -> Decision {
        let Some(abi) = self.compiled.rules().abi(call.arch, call.number) else {
            let decider = self.key("foreign_architecture", self.compiled.fallbacks.foreign_architecture);
            return Decision { decider, falls_back: false, unmet: None };
        };
        let rules = abi.reachable(call.number);
        let rule = rules.iter().copied().find(|rule| rule.matches(call));
        let falls_back = Answer::by(rule, abi, call.number) == Answer::FallsBack;
        if let Some(rule) = rule {
            // The conditions held, so there is no more to say of them.
            let line = self.line(self.compiled.origins.source(rule.origin).place);
            let decider = Decider::Rule { line, is_conditional: false };
            return Decision { decider, falls_back, unmet: None };
        }
        let decider = self.fallback(abi, call.number);
        Decision { decider, falls_back, unmet: self.unmet(abi, &rules, call) }
    }

    /// The first rule that would allow the call with other arguments, and those that no such rule allows.
    fn unmet(&self, abi: &AbiRules, rules: &[&Rule], call: &Call) -> Option<Unmet> {
        let allowing: Vec<&&Rule> = rules.iter().filter(|rule| rule.verdict.is_allowed()).collect();
        let first = allowing.first()?;
        let fails = |rule: &Rule, at: u8| {
            rule.conditions.iter().any(|test| test.argument == at && !test.holds(&call.arguments))
        };
        let by_all = (0..6).filter(|at| allowing.iter().all(|rule| fails(rule, *at)));
        let mut arguments: Vec<u8> = by_all.collect();
        if arguments.is_empty() {
            arguments = (0..6).filter(|at| fails(first, *at)).collect();
        }
        let name = abi.architecture.syscall_name(call.number)?;
        let tests = || allowing.iter().flat_map(|rule| &rule.conditions);
        let shown = |at: u8| {
            // The kernel reads no more of it than the conditions do.
            let bits = tests().filter(|test| test.argument == at).fold(0, |bits, test| bits | test.mask);
            shown(abi.architecture, name, at.into(), call.arguments[usize::from(at)] & bits)
        };
        let line = self.line(self.compiled.origins.source(first.origin).place);
        Some(Unmet { line, arguments: arguments.into_iter().map(shown).collect() })
    }
}

/// An argument with its name, or with its position if the tables have no name for it.
fn shown(architecture: &Architecture, call: &str, at: usize, value: u64) -> String {
    let value = architecture.argument_value(call, at, value);
    match architecture.argument_name(call, at) {
        Some(name) => format!("{name} = {value}"),
        None => format!("argument {at} = {value}"),
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.decider.fmt(f)?;
        match &self.unmet {
            Some(Unmet { line, arguments }) => {
                write!(f, "; {line} allows it, but not with {}", arguments.join(" and "))
            }
            None => Ok(()),
        }
    }
}
