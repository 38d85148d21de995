//! One call of one program: how often it was made, by which threads, with which values.

use std::borrow::Cow;
use std::collections::BTreeSet;

use seccomp_compiler::{Architecture, Call, Rule};

use super::kept::{Combine, Kept, Tuple};
use super::stack::{Frame, Stacks};

/// What is stored of one call of one program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) runs: BTreeSet<u32>,
    pub(super) threads: BTreeSet<u32>,
    pub(super) kept: Kept<Count>,
}

/// How often a combination of values was seen, and the stack that led to it first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Count {
    pub(super) count: u64,
    pub(super) stack: Option<u32>,
}

impl Record {
    pub(super) fn count(&self) -> u64 {
        self.kept.tuples().fold(0, |sum, (_, seen)| sum.saturating_add(seen.count))
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.runs.extend(other.runs);
        self.threads.extend(other.threads);
        self.kept.merge(other.kept);
    }
}

impl Combine for Count {
    fn combine(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        self.stack = self.stack.or(other.stack);
    }
}

/// Which call of which program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    pub(super) program: u32,
    pub(super) audit: u32,
    pub(super) number: u32,
}

/// One call of one program, with all that was seen of it.
#[derive(Debug, Clone, Copy)]
pub struct Observation<'a> {
    pub(super) key: Key,
    pub(super) record: &'a Record,
    pub(super) program: &'a str,
    pub(super) threads: &'a [String],
    pub(super) stacks: &'a Stacks,
}

/// A combination of values that a call was seen with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Seen<'a> {
    /// The arguments. Bits that are not kept are 0.
    pub arguments: [u64; 6],
    /// How often.
    pub count: u64,
    /// The stack that led to it first, innermost frame first; empty if it is not known.
    pub stack: Vec<&'a Frame>,
}

impl<'a> Observation<'a> {
    /// The path of the program.
    pub const fn program(&self) -> &'a str {
        self.program
    }

    /// The audit architecture of the call.
    pub const fn audit(&self) -> u32 {
        self.key.audit
    }

    /// The number of the call.
    pub const fn number(&self) -> u32 {
        self.key.number
    }

    /// The ABI that it was made through, if the tables have it.
    pub fn architecture(&self) -> Option<&'static Architecture> {
        Architecture::of_call(self.key.audit, self.key.number)
    }

    /// The name of the call, or its number.
    pub fn name(&self) -> Cow<'static, str> {
        let name = self.architecture().and_then(|abi| abi.syscall_name(self.key.number));
        name.map_or_else(|| self.key.number.to_string().into(), Into::into)
    }

    /// How often it was made.
    pub fn count(&self) -> u64 {
        self.record.count()
    }

    /// In how many runs it was made.
    pub fn runs(&self) -> usize {
        self.record.runs.len()
    }

    /// The names of the threads that made it, as many as are kept.
    pub fn threads(&self) -> impl Iterator<Item = &'a str> {
        let threads = self.threads;
        self.record.threads.iter().filter_map(move |at| threads.get(*at as usize)).map(String::as_str)
    }

    /// The bits of each argument that are kept. An argument that takes no constants has none, nor has one that had more
    /// than [`MAX_VALUES`](super::MAX_VALUES) values.
    pub fn kept(&self) -> [u64; 6] {
        self.record.kept.masks()
    }

    /// Whether all bits that a rule tests are kept, so that it is known which calls match it.
    pub(crate) fn has_what_decides(&self, rule: &Rule) -> bool {
        let kept = self.kept();
        let mut conditions = rule.conditions.iter();
        conditions.all(|it| kept.get(usize::from(it.argument)).is_some_and(|kept| it.mask & !kept == 0))
    }

    /// The values of an argument in order; `None` if they are not kept.
    pub fn values(&self, argument: usize) -> Option<Vec<u64>> {
        self.record.kept.values(argument)
    }

    /// Every combination of values that is kept.
    pub fn seen(&self) -> impl Iterator<Item = Seen<'a>> {
        let stacks = self.stacks;
        self.record.kept.tuples().map(move |(arguments, seen): (&Tuple, &Count)| Seen {
            arguments: *arguments,
            count: seen.count,
            stack: seen.stack.map(|stack| stacks.get(stack)).unwrap_or_default(),
        })
    }

    /// The call with these arguments.
    pub fn call(&self, arguments: [u64; 6]) -> Call {
        Call { arch: self.key.audit, number: self.key.number, arguments, ..Call::default() }
    }
}
