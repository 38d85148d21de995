//! How long the tests may be: no longer than what comes of the same rules without a search, and where that would make
//! them slower, no slower.

use super::search::{Price, Range};
use super::{Node, NodeId, Planner, WordTest, leaf};
use crate::engine::program::Word;

/// With more ranges, to find a shorter tree takes longer than that is worth.
const RANGES: usize = 192;
/// Where a test costs so many times all that there is, no tree gets any shorter.
const DEAREST: u64 = 8;
/// How often the way between a price at which something does not hold and one at which it does is halved, and how often
/// where a tree of some length may still be between theirs.
const HALVINGS: usize = 5;
const MORE_HALVINGS: usize = 8;

/// What comes of the same rules without a search.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Plain {
    /// Tests of the numbers that have another answer than those without a rule.
    pub(super) listed: usize,
    /// Places where another ABI or newer calls begin.
    pub(super) borders: usize,
    /// Words of the registers that rules compare.
    pub(super) words: usize,
}

impl Plain {
    /// The tests of a chain, one for each number or two for several in a row, and one for each word.
    const fn chain(self) -> usize {
        self.listed + self.borders + self.words
    }

    /// What a tree executes that halves the numbers until chains of four tests are left.
    fn of_chains(self, weight: u64) -> u64 {
        let chains = self.listed.div_ceil(4).max(1);
        let halvings = chains.next_power_of_two().trailing_zeros() as usize;
        weight * (halvings + self.listed.div_ceil(chains)) as u64 + self.at_borders(weight)
    }

    /// An eighth more than what a tree executes that halves the ranges until single ones are left.
    fn of_halves(self, weight: u64, ranges: usize) -> u64 {
        let halvings = ranges.ilog2();
        // So many ranges take a halving more.
        let deeper = 2 * (ranges - (1 << halvings)) as u64;
        let executed = weight * u64::from(halvings) + weight * deeper / ranges as u64;
        executed + executed / 8 + self.at_borders(weight)
    }

    /// A border takes a test, and what is behind the last one another.
    const fn at_borders(self, weight: u64) -> u64 {
        if self.borders == 0 { 0 } else { weight * (self.borders as u64 + 1) }
    }
}

impl Planner<'_> {
    /// A tree over numbers that is as fast as its length is worth. Where it is longer than the plain chain, the fastest
    /// that is not, unless a tree of short chains would execute less; then the shortest about as fast as one that halves
    /// the ranges, if there is one.
    pub(super) fn number(&mut self, ranges: &[Range], plain: Plain) -> NodeId {
        let tree = self.search(Word::Number, ranges, Price::of(self.weights.length));
        // A tree has a test less than ranges at most.
        let few = ranges.len() <= plain.listed + plain.borders;
        let is_short = |planner: &Self, tree| planner.size(tree).tests <= plain.chain();
        if few || ranges.len() > RANGES || is_short(self, tree) {
            return tree;
        }
        let weight = ranges.iter().map(|range| range.weight).sum();
        let dearest = DEAREST * weight;
        let (_, short) = self.border(ranges, dearest, is_short);
        if let Some(short) = short.filter(|tree| self.executed(*tree, ranges) <= plain.of_chains(weight)) {
            return short;
        }
        let most = plain.of_halves(weight, ranges.len());
        let is_slow = |planner: &Self, tree| planner.executed(tree, ranges) > most;
        if is_slow(self, tree) {
            return tree;
        }
        let (fast, _) = self.border(ranges, dearest, is_slow);
        fast.unwrap_or(tree)
    }

    /// Where something begins to hold as tests get dearer: the last tree before, and the first for which it does. They
    /// may be none, as it does not hold for the price that tests have, and need not for the dearest.
    fn border(
        &mut self,
        ranges: &[Range],
        dearest: u64,
        holds: impl Fn(&Self, NodeId) -> bool,
    ) -> (Option<NodeId>, Option<NodeId>) {
        let (mut low, mut high) = (self.weights.length.max(1), dearest);
        let (mut last, mut first) = (None, None);
        let mut test = dearest;
        for halvings in 0..=MORE_HALVINGS {
            if let (Some(last), Some(first)) = (last, first)
                && halvings > HALVINGS
                && self.size(last).tests <= self.size(first).tests + 1
            {
                break;
            }
            let tree = self.search(Word::Number, ranges, Price { test, chain: leaf::TESTS });
            if holds(self, tree) {
                (first, high) = (Some(tree), test);
            } else if test == dearest {
                return (Some(tree), None);
            } else {
                (last, low) = (Some(tree), test);
            }
            // A policy can weigh so much that the product is past 64 bits.
            test = (u128::from(low) * u128::from(high)).isqrt().try_into().unwrap_or(high);
        }
        (last, first)
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
