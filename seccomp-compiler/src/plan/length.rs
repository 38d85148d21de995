//! How long the tests may be: no longer than what comes of the same rules without a search, and where that would make
//! them slower, no slower.

use super::search::{Price, Range};
use super::{Node, NodeId, Planner, WordTest, leaf};
use crate::program::Word;

/// With more ranges, to find a shorter tree takes longer than that is worth.
const RANGES: usize = 128;
/// Where a test costs so many times all that there is, no tree gets any shorter.
const DEAREST: u64 = 4;

/// What comes of the same rules without a search.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Plain {
    /// Numbers with another answer than those without a rule.
    pub(super) listed: usize,
    /// Places where another ABI or newer calls begin.
    pub(super) borders: usize,
    /// Words of the registers that rules compare.
    pub(super) words: usize,
}

impl Plain {
    /// The tests of a chain, one for each number and each word.
    const fn chain(self) -> usize {
        self.listed + self.borders + self.words
    }

    /// What a tree executes that halves the numbers until chains of four are left. A border takes a test there, and
    /// after it the number is loaded again.
    fn tree(self, weight: u64) -> u64 {
        let chains = self.listed.div_ceil(4).max(1);
        let halvings = chains.next_power_of_two().trailing_zeros() as usize;
        weight * (halvings + 2 * self.borders) as u64 + weight * self.listed as u64 / chains as u64
    }
}

impl Planner {
    /// A tree over numbers that is as fast as its length is worth. Where it is longer than the plain chain, one for
    /// dearer tests, until it is not longer or would execute more than the plain tree.
    pub(super) fn number(&mut self, ranges: &[Range], plain: Plain) -> NodeId {
        let mut price = Price::of(self.weights.length / ranges.len() as u64);
        let mut tree = self.search(Word::Number, ranges, price);
        // A tree has a test less than ranges at most.
        if ranges.len() <= plain.listed + plain.borders || ranges.len() > RANGES {
            return tree;
        }
        let weight: u64 = ranges.iter().map(|range| range.weight).sum();
        while price.test < DEAREST * weight && self.size(tree).tests > plain.chain() {
            price = Price { test: 2 * price.test.max(1), chain: leaf::TESTS };
            let shorter = self.search(Word::Number, ranges, price);
            if self.executed(shorter, ranges) > plain.tree(weight) {
                break;
            }
            tree = shorter;
        }
        tree
    }

    /// How many tests of the number a tree executes, by the weights of the ranges; each goes the way of its first number.
    fn executed(&self, tree: NodeId, ranges: &[Range]) -> u64 {
        ranges.iter().map(|range| range.weight * self.depth(tree, range.start)).sum()
    }

    fn depth(&self, mut node: NodeId, number: u64) -> u64 {
        let mut depth = 0;
        while let Node::Branch { word: Word::Number, test, holds, fails } = self.nodes[node.index()] {
            node = if test.holds(number) { holds } else { fails };
            depth += 1;
        }
        depth
    }
}

impl WordTest {
    fn holds(self, word: u64) -> bool {
        match self {
            Self::Equal { mask, value } => word & u64::from(mask) == value.into(),
            Self::AtLeast { mask, value } => word & u64::from(mask) >= value.into(),
            Self::AnyBit { bits } => word & u64::from(bits) != 0,
        }
    }
}
