//! A tree over the ranges of a word: the cheapest there is.
//!
//! The word's values are cut into ranges of equal outcome. A tree splits them by `>=` tests until a leaf decides what
//! is left ([`leaf`](super::leaf)). The cost of a tree is the sum over all ranges of weight times tests until it is
//! decided, plus a price for each test in the program. Trees over part of the ranges do not depend on the rest, so the
//! best ones of all intervals, from short to long, give the best of the whole (Gilbert and Moore 1959).

use super::leaf::{self, Interval, Values};
use super::{Node, NodeId, Planner, WordTest};
use crate::engine::program::Word;

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
    /// What a test costs to have.
    pub(super) test: u64,
    /// How many `=` tests a leaf makes at most.
    pub(super) chain: usize,
}

impl Price {
    pub(super) const fn of(test: u64) -> Self {
        Self { test, chain: FEW }
    }

    /// How many ranges a leaf has at most; more cannot be single values and one outcome between them.
    const fn largest(self) -> usize {
        2 * self.chain + 1
    }

    /// How near to the splits of the intervals one range shorter an interval is split, if it has fewer than `SHORT`
    /// ranges, and if it has more: of many, which short leaves matter less for, the best split is next to theirs. Long
    /// leaves move it by all that they decide.
    const fn reach(self) -> (usize, usize) {
        if self.chain > FEW { (self.largest(), self.largest()) } else { (3, 1) }
    }
}

/// How many `=` tests a leaf makes where tests are not dear.
const FEW: usize = 4;
const SHORT: usize = 24;

/// From this many ranges on the search takes longer than it saves, and they are halved first.
const SEARCHED: usize = 400;

impl Planner<'_> {
    /// A tree that leads each value of `word` to the outcome of its range.
    pub(super) fn search(&mut self, word: Word, ranges: &[Range], price: Price) -> NodeId {
        if ranges.len() > SEARCHED {
            let (lower, upper) = ranges.split_at(ranges.len() / 2);
            let (fails, holds) = (self.search(word, lower, price), self.search(word, upper, price));
            return self.at_or_above(word, upper[0].start, holds, fails);
        }
        let best = Best::of(ranges, price);
        self.build(word, ranges, &best, 0, ranges.len())
    }

    fn build(&mut self, word: Word, ranges: &[Range], best: &Best, from: usize, to: usize) -> NodeId {
        let at = best.splits[from][to - 1];
        if at != 0 {
            let fails = self.build(word, ranges, best, from, at);
            let holds = self.build(word, ranges, best, at, to);
            return self.at_or_above(word, ranges[at].start, holds, fails);
        }
        let ranges = &ranges[from..to];
        let weight = ranges.iter().map(|range| range.weight).sum();
        let interval = Interval { ranges, weight, price: best.price };
        let leaf = match ranges {
            [_] => None,
            _ => leaf::best(interval, &mut Values::of(ranges), u64::MAX - 1),
        };
        leaf.map_or(ranges[0].outcome, |(_, leaf)| self.leaf(word, leaf, ranges))
    }

    /// `holds` from the value `at` on.
    pub(super) fn at_or_above(&mut self, word: Word, at: u64, holds: NodeId, fails: NodeId) -> NodeId {
        let value = u32::try_from(at).unwrap_or(u32::MAX);
        // Where what is next to a side is the other one already, the side's own split is enough.
        match (self.split_of(word, holds), self.split_of(word, fails)) {
            (Some((above, _, lower)), _) if above > value && lower == fails => holds,
            (_, Some((below, upper, _))) if below < value && upper == holds => fails,
            _ => self.branch(word, WordTest::AtLeast { mask: u32::MAX, value }, holds, fails),
        }
    }

    /// The value from which on a node leads to the first of two others, and before to the second.
    fn split_of(&self, word: Word, node: NodeId) -> Option<(u32, NodeId, NodeId)> {
        match self.nodes[node.index()] {
            Node::Branch { word: of, test: WordTest::AtLeast { mask: u32::MAX, value }, holds, fails }
                if of == word =>
            {
                Some((value, holds, fails))
            }
            _ => None,
        }
    }
}

/// The best tree of every interval. Where optimisation is off, as in macros, this is what planning takes its time for;
/// zeros that the system gives, boxed slices and plain loops cost a fraction there of what vectors and iterators do.
struct Best {
    price: Price,
    /// By the first range and the last, both included: which range the interval is split at; 0 where it is one range or
    /// a leaf.
    splits: Box<[Box<[usize]>]>,
    /// By the last range and the first: what the interval costs.
    costs: Box<[Box<[u64]>]>,
}

impl Best {
    fn of(ranges: &[Range], price: Price) -> Self {
        let count = ranges.len();
        let costs = (0..count).map(|_| vec![0; count].into_boxed_slice()).collect();
        let splits = (0..count).map(|_| vec![0; count].into_boxed_slice()).collect();
        let mut best = Self { price, splits, costs };
        let mut before = vec![0; count + 1];
        for first in (0..count).rev() {
            best.row(ranges, first, &mut before);
        }
        best
    }

    /// The intervals that begin at a range; those that begin later are known. `before` is for what those cost that end
    /// before each range.
    fn row(&mut self, ranges: &[Range], first: usize, before: &mut [u64]) {
        let Self { price, splits, costs } = self;
        let (price, costs, largest) = (*price, &mut costs[..], price.largest());
        let reach = price.reach();
        // The last range begins no interval of several.
        let [splits, later, ..] = &mut splits[first..] else { return };
        let mut weight = ranges[first].weight;
        let mut values = Values::of(&ranges[first..=first]);
        let (mut last, mut at) = (first + 1, 0);
        before[last] = 0;
        while last < ranges.len() {
            weight = weight.wrapping_add(ranges[last].weight);
            let costs = &mut costs[last];
            let (of_parts, split) = cheapest(before, costs, window(first, last, at, later[last], reach));
            let mut cost = of_parts.wrapping_add(weight).wrapping_add(price.test);
            at = split;
            if last.wrapping_sub(first) < largest {
                values.add(&ranges[last]);
                let interval = Interval { ranges: &ranges[first..=last], weight, price };
                if let Some((of_leaf, _)) = leaf::best(interval, &mut values, cost) {
                    (cost, at) = (of_leaf, 0);
                }
            }
            costs[first] = cost;
            splits[last] = at;
            last = last.wrapping_add(1);
            before[last] = cost;
        }
    }
}

/// The splits of an interval to try: those near the splits of the two that are one range shorter, at either end, if they
/// have any.
#[inline(always)]
fn window(
    first: usize,
    last: usize,
    shorter: usize,
    later: usize,
    (near, far): (usize, usize),
) -> (usize, usize) {
    if shorter == 0 || later == 0 {
        return (first + 1, last);
    }
    let (low, high) = if shorter < later { (shorter, later) } else { (later, shorter) };
    let reach = if last.wrapping_sub(first) < SHORT { near } else { far };
    let low = if low > first.wrapping_add(reach) { low.wrapping_sub(reach) } else { first.wrapping_add(1) };
    let high = high.wrapping_add(reach);
    (low, if high < last { high } else { last })
}

/// The best split of those from the first to the last, and what both parts cost: what ends before each range, and what
/// begins there. Costs are far from what overflows, which to check takes a third of this where optimisation is off; a
/// wrong one would make a worse tree, not another meaning.
#[inline(always)]
fn cheapest(before: &[u64], from: &[u64], (mut at, last): (usize, usize)) -> (u64, usize) {
    let (mut cost, mut split) = (u64::MAX, at);
    while at <= last {
        let both = before[at].wrapping_add(from[at]);
        if both < cost {
            cost = both;
            split = at;
        }
        at = at.wrapping_add(1);
    }
    (cost, split)
}
