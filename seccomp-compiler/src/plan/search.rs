//! A tree over the ranges of a word: the cheapest there is.
//!
//! The word's values are cut into ranges of equal outcome. A tree splits them by `>=` tests until a leaf decides what
//! is left ([`leaf`](super::leaf)). The cost of a tree is the sum over all ranges of weight times tests until it is
//! decided, plus a price for each test in the program. Trees over part of the ranges do not depend on the rest, so the
//! best ones of all intervals, from short to long, give the best of the whole (Gilbert and Moore 1959).

use super::leaf::{self, Interval, Values};
use super::{Node, NodeId, Planner, WordTest};
use crate::program::Word;

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
        Self { test, chain: 4 }
    }

    /// How many ranges a leaf has at most; more cannot be single values and one outcome between them.
    const fn largest(self) -> usize {
        2 * self.chain + 1
    }
}

/// How near to the splits of the intervals one range shorter an interval is split.
const WINDOW: usize = 3;
/// From this many ranges on the search takes longer than it saves, and they are halved first.
const SEARCHED: usize = 400;

impl Planner {
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
        let at = best.splits[from * best.count + to - 1];
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
    count: usize,
    price: Price,
    /// What the interval from one range to another, both included, costs: row and column either way, so that both
    /// those that begin alike and those that end alike stand together.
    costs: Box<[u64]>,
    /// Row the first range, column the last: which range the interval is split at; 0 where it is one range or a leaf.
    splits: Box<[usize]>,
}

impl Best {
    fn of(ranges: &[Range], price: Price) -> Self {
        let count = ranges.len();
        let costs = vec![0; count * count].into_boxed_slice();
        let splits = vec![0; count * count].into_boxed_slice();
        let mut best = Self { count, price, costs, splits };
        for first in (0..count).rev() {
            best.row(ranges, first);
        }
        best
    }

    /// The intervals that begin at a range; those that begin later are known.
    fn row(&mut self, ranges: &[Range], first: usize) {
        let largest = self.price.largest();
        let mut weight = ranges[first].weight;
        let mut values = Values::of(&ranges[first..=first]);
        let (mut last, mut at) = (first + 1, 0);
        while last < self.count {
            weight += ranges[last].weight;
            let (of_parts, split) = self.split(first, last, at);
            let mut cost = of_parts + weight + self.price.test;
            at = split;
            if last - first < largest {
                values.add(&ranges[last]);
                let interval = Interval { ranges: &ranges[first..=last], weight, price: self.price };
                if let Some((of_leaf, _)) = leaf::best(interval, &mut values, cost) {
                    (cost, at) = (of_leaf, 0);
                }
            }
            let index = first * self.count + last;
            self.costs[index] = cost;
            self.splits[index] = at;
            self.costs[last * self.count + first] = cost;
            last += 1;
        }
    }

    /// The best split of an interval whose parts are known, and what both parts cost. The interval without its last
    /// range is split `before`.
    fn split(&self, first: usize, last: usize, before: usize) -> (u64, usize) {
        let (low, high) = self.window(first, last, before);
        let left = &self.costs[first * self.count + low - 1..];
        let right = &self.costs[last * self.count + low..];
        let (mut cost, mut split, mut at) = (u64::MAX, 0, 0);
        let tried = high - low;
        while at <= tried {
            let both = left[at] + right[at];
            if both < cost {
                cost = both;
                split = at;
            }
            at += 1;
        }
        (cost, low + split)
    }

    /// The splits to try: those near the splits of the two intervals that are one range shorter, if they have any.
    fn window(&self, first: usize, last: usize, before: usize) -> (usize, usize) {
        let after = self.splits[(first + 1) * self.count + last];
        if before == 0 || after == 0 {
            return (first + 1, last);
        }
        let (low, high) = if before < after { (before, after) } else { (after, before) };
        let low = if low > first + WINDOW { low - WINDOW } else { first + 1 };
        (low, if high + WINDOW < last { high + WINDOW } else { last })
    }
}
