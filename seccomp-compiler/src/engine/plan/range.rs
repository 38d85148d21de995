//! What a search over the values of a word is given: ranges of equal outcome, and what tests cost.

use crate::engine::tree::NodeId;

/// Values from `start` to before `end` with one outcome.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) outcome: NodeId,
    pub(super) weight: u64,
}

impl Range {
    pub(super) const fn is_single(&self) -> bool {
        self.end - self.start == 1
    }
}

/// What a search weighs the length of a tree by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Price {
    /// What it costs to have a test in the program.
    pub(super) test: u64,
    /// How many `=` tests a leaf makes at most.
    pub(super) chain: usize,
}

impl Price {
    /// How many `=` tests a leaf makes where tests are not expensive.
    pub(super) const FEW: usize = 4;
    /// How many it makes at all.
    pub(super) const MOST: usize = 8;

    pub(super) const fn of(test: u64) -> Self {
        Self { test, chain: Self::FEW }
    }

    /// How many ranges a leaf has at most: single values and one outcome between them.
    pub(super) const fn largest_leaf(self) -> usize {
        2 * self.chain + 1
    }
}
