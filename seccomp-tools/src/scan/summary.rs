//! What one function does: which system calls it makes with which values, what it calls, and which pointers it takes.

use std::collections::BTreeSet;

use super::value::{Known, Value};

/// What a function does.
#[derive(Debug, Default)]
pub(super) struct Summary {
    pub(super) sites: Vec<Site>,
    pub(super) calls: Vec<Call>,
    /// The pointers that it takes.
    pub(super) references: BTreeSet<Reference>,
}

/// A system call.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) address: u64,
    pub(super) number: Value,
    pub(super) arguments: [Value; 6],
    /// Whether it is by another ABI of the machine.
    pub(super) is_foreign: bool,
}

/// A call of a function, or a jump to one.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) target: Known,
    /// What the function called finds: registers, then arguments on the stack.
    pub(super) values: Box<[Value]>,
}

/// A pointer that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reference {
    /// To code or to a whole object of data: who has it can do anything with it.
    Whole(Known),
    /// To these bytes, which are read.
    Slot(Known, u64),
}
