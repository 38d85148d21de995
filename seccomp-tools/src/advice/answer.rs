//! What an answer means to the program that gets it.

use seccomp_compiler::{AbiRules, Rule};

/// What becomes of a call, from the best for its program to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Answer {
    /// It is made.
    Allowed,
    /// A rule answers ENOSYS, or the call is newer than the tables and gets it: libraries fall back to another call.
    FallsBack,
    /// It is refused.
    Refused,
}

impl Answer {
    /// What the rule that decides a call answers, or the ABI where none does.
    pub(crate) fn by(rule: Option<&Rule>, abi: &AbiRules, number: u32) -> Self {
        let verdict = rule.map_or_else(|| abi.otherwise(number), |rule| rule.verdict);
        let is_meant = rule.is_some() || number >= abi.architecture.table_end();
        match verdict {
            verdict if verdict.is_allowed() => Self::Allowed,
            verdict if is_meant && verdict.is_no_such_call(abi.architecture) => Self::FallsBack,
            _ => Self::Refused,
        }
    }

    /// The worst that a call with this number may get: its arguments are not known, so any of the rules may decide.
    pub(crate) fn worst(abi: &AbiRules, number: u32) -> Self {
        let rules = abi.reachable(number);
        let is_exhaustive = rules.last().is_some_and(|rule| rule.conditions.is_empty());
        let otherwise = (!is_exhaustive).then_some(None);
        let deciding = rules.into_iter().map(Some).chain(otherwise);
        deciding.map(|rule| Self::by(rule, abi, number)).max().unwrap_or(Self::Refused)
    }
}
