//! Bounds the tree over numbers: never longer than a plain chain of tests, unless the chain would be slower.

use super::range::{Price, Range};
use super::search;
use crate::engine::program::Word;
use crate::engine::tree::{Node, NodeId, Nodes};

/// With more ranges, finding a shorter tree takes longer than it is worth.
const RANGES: usize = 192;
/// Above this price for a test, as a multiple of all weights, trees stop getting shorter.
const DEAREST: u64 = 8;
/// Steps of the bisection over prices, and how many it may take while a tree of a length between the two ends may exist.
const HALVINGS: usize = 5;
const MORE_HALVINGS: usize = 8;

/// The length of the same rules as a plain chain, without a search.
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
    /// The tests of a chain: one for each number or two for several in a row, and one for each word.
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
        // This many ranges take one halving more.
        let deeper = 2 * (ranges - (1 << halvings)) as u64;
        let executed = weight * u64::from(halvings) + weight * deeper / ranges as u64;
        executed + executed / 8 + self.at_borders(weight)
    }

    /// A border takes a test, and what is behind the last one takes another.
    const fn at_borders(self, weight: u64) -> u64 {
        if self.borders == 0 { 0 } else { weight * (self.borders as u64 + 1) }
    }
}

/// `tree`, unless it is longer than the plain chain: then the fastest one that is not, unless a tree of short chains
/// would execute less; then the shortest that is about as fast as one that halves the ranges, if there is one.
pub(super) fn bounded(nodes: &mut Nodes, ranges: &[Range], plain: Plain, tree: NodeId, test: u64) -> NodeId {
    // A tree has fewer tests than there are ranges.
    let few = ranges.len() <= plain.listed + plain.borders;
    let is_short = |nodes: &Nodes, tree| nodes.size(tree).tests <= plain.chain();
    if few || ranges.len() > RANGES || is_short(nodes, tree) {
        return tree;
    }
    let weight = ranges.iter().map(|range| range.weight).sum();
    let (_, short) = bisect(nodes, ranges, test, DEAREST * weight, is_short);
    if let Some(short) = short.filter(|tree| executed(nodes, *tree, ranges) <= plain.of_chains(weight)) {
        return short;
    }
    let most = plain.of_halves(weight, ranges.len());
    let is_slow = |nodes: &Nodes, tree| executed(nodes, tree, ranges) > most;
    if is_slow(nodes, tree) {
        return tree;
    }
    let (fast, _) = bisect(nodes, ranges, test, DEAREST * weight, is_slow);
    fast.unwrap_or(tree)
}

/// Bisects for the price at which `holds` becomes true as tests get more expensive: the last tree before it, and the
/// first one after. Either may be missing, as it is false at `test` and need not be true at `dearest`.
fn bisect(
    nodes: &mut Nodes,
    ranges: &[Range],
    test: u64,
    dearest: u64,
    holds: impl Fn(&Nodes, NodeId) -> bool,
) -> (Option<NodeId>, Option<NodeId>) {
    let (mut low, mut high) = (test.max(1), dearest);
    let (mut last, mut first) = (None, None);
    let mut test = dearest;
    for halvings in 0..=MORE_HALVINGS {
        if let (Some(last), Some(first)) = (last, first)
            && halvings > HALVINGS
            && nodes.size(last).tests <= nodes.size(first).tests + 1
        {
            break;
        }
        let tree = search::tree(nodes, Word::Number, ranges, Price { test, chain: Price::MOST });
        if holds(nodes, tree) {
            (first, high) = (Some(tree), test);
        } else if test == dearest {
            return (Some(tree), None);
        } else {
            (last, low) = (Some(tree), test);
        }
        // A policy can weigh so much that the product exceeds 64 bits.
        test = (u128::from(low) * u128::from(high)).isqrt().try_into().unwrap_or(high);
    }
    (last, first)
}

/// How many tests of the number a tree executes, by the weights of the ranges; each goes the way of its first number.
fn executed(nodes: &Nodes, tree: NodeId, ranges: &[Range]) -> u64 {
    ranges.iter().map(|range| range.weight * depth(nodes, tree, range.start)).sum()
}

fn depth(nodes: &Nodes, mut node: NodeId, number: u64) -> u64 {
    let mut depth = 0;
    while let Node::Branch { word: Word::Number, test, holds, fails } = nodes.get(node) {
        node = if test.holds(number) { holds } else { fails };
        depth += 1;
    }
    depth
}
