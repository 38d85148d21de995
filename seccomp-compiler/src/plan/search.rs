//! A tree over the ranges of a word: the cheapest there is.
//!
//! The word's values are cut into ranges of equal outcome. A tree splits them by `>=` tests; a leaf is one range, or
//! several of which all but a few single values have one outcome, found by `=` tests. The cost of a tree is the sum
//! over all ranges of weight times tests until it is decided, plus a price for each test in the program. Trees over
//! part of the ranges do not depend on the rest, so the best ones of all intervals, from short to long, give the best
//! of the whole (Gilbert and Moore 1959).

use super::{NodeId, Planner, WordTest};
use crate::program::Word;

/// Values from `start` to before `end` with one outcome.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) outcome: NodeId,
    pub(super) weight: u64,
}

/// How many `=` tests a leaf makes at most.
const LEAF_TESTS: usize = 4;
/// Intervals of so many ranges are tried at every split; of longer ones, the splits near those of the two intervals
/// one range shorter.
const SCANNED: usize = 10;
/// How near.
const WINDOW: usize = 4;
/// From this many ranges on the search takes longer than it saves, and they are halved first.
const SEARCHED: usize = 400;

impl Planner {
    /// A tree that leads each value of `word` to the outcome of its range.
    pub(super) fn search(&mut self, word: Word, ranges: &[Range]) -> NodeId {
        if ranges.len() > SEARCHED {
            let (lower, upper) = ranges.split_at(ranges.len() / 2);
            let (fails, holds) = (self.search(word, lower), self.search(word, upper));
            return self.split(word, upper[0].start, holds, fails);
        }
        let best = Best::of(ranges, self.weights.length);
        self.build(word, ranges, &best, 0, ranges.len())
    }

    fn build(&mut self, word: Word, ranges: &[Range], best: &Best, from: usize, to: usize) -> NodeId {
        match best.choice(from, to) {
            Choice::Split(at) => {
                let fails = self.build(word, ranges, best, from, at);
                let holds = self.build(word, ranges, best, at, to);
                self.split(word, ranges[at].start, holds, fails)
            }
            Choice::Leaf => {
                let Some(leaf) = Leaf::of(&ranges[from..to], 0) else { return ranges[from].outcome };
                leaf.singles.iter().rev().fold(leaf.rest, |rest, single| {
                    let value = u32::try_from(single.start).unwrap_or(u32::MAX);
                    self.branch(word, WordTest::Equal { mask: u32::MAX, value }, single.outcome, rest)
                })
            }
        }
    }

    fn split(&mut self, word: Word, at: u64, holds: NodeId, fails: NodeId) -> NodeId {
        let value = u32::try_from(at).unwrap_or(u32::MAX);
        self.branch(word, WordTest::AtLeast { mask: u32::MAX, value }, holds, fails)
    }
}

/// Ranges that `=` tests of single values decide; all other values have one outcome.
struct Leaf {
    /// The heaviest first.
    singles: Vec<Range>,
    rest: NodeId,
    cost: u64,
}

impl Leaf {
    /// The cheapest leaf for these ranges, if there is one.
    fn of(ranges: &[Range], price: u64) -> Option<Self> {
        let mut best: Option<Self> = None;
        for candidate in ranges {
            let rest = candidate.outcome;
            let others = ranges.iter().filter(|range| range.outcome != rest);
            if others.clone().count() > LEAF_TESTS || others.clone().any(|range| range.end - range.start != 1)
            {
                continue;
            }
            let mut singles: Vec<Range> = others.copied().collect();
            singles.sort_by_key(|range| core::cmp::Reverse(range.weight));
            let tests = singles.len() as u64;
            let all: u64 = ranges.iter().map(|range| range.weight).sum();
            let found: u64 = singles.iter().map(|range| range.weight).sum();
            let early: u64 = singles.iter().zip(1..).map(|(range, depth)| range.weight * depth).sum();
            let cost = early + (all - found) * tests + price * tests;
            if best.as_ref().is_none_or(|best| cost < best.cost) {
                best = Some(Self { singles, rest, cost });
            }
        }
        best
    }
}

/// What the best tree over an interval of ranges does first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    Leaf,
    /// The values from this range on go one way.
    Split(usize),
}

/// The best tree of every interval.
struct Best {
    count: usize,
    /// Row `from`, column `to - 1`.
    costs: Vec<u64>,
    /// The range that the interval is split at; `LEAF` where it is none.
    splits: Vec<usize>,
}

const LEAF: usize = usize::MAX;

impl Best {
    fn of(ranges: &[Range], price: u64) -> Self {
        let count = ranges.len();
        let mut best = Self { count, costs: vec![0; count * count], splits: vec![LEAF; count * count] };
        for length in 2..=count {
            for from in 0..=count - length {
                best.interval(ranges, from, from + length, price);
            }
        }
        best
    }

    fn interval(&mut self, ranges: &[Range], from: usize, to: usize, price: u64) {
        let weight: u64 = ranges[from..to].iter().map(|range| range.weight).sum();
        let (first, last) = self.window(from, to);
        let (mut cost, mut split) = (u64::MAX, LEAF);
        for at in first..=last {
            let both = self.costs[from * self.count + at - 1] + self.costs[at * self.count + to - 1];
            if both < cost {
                (cost, split) = (both, at);
            }
        }
        cost = cost.saturating_add(weight + price);
        // More ranges than this cannot be single values and one outcome between them.
        let leaf = if to - from <= 2 * LEAF_TESTS + 1 { Leaf::of(&ranges[from..to], price) } else { None };
        if let Some(leaf) = leaf.filter(|leaf| leaf.cost <= cost) {
            (cost, split) = (leaf.cost, LEAF);
        }
        let at = from * self.count + to - 1;
        (self.costs[at], self.splits[at]) = (cost, split);
    }

    /// The splits to try.
    fn window(&self, from: usize, to: usize) -> (usize, usize) {
        let (lowest, highest) = (from + 1, to - 1);
        if to - from <= SCANNED {
            return (lowest, highest);
        }
        let shorter =
            [(from, to - 1), (from + 1, to)].map(|(from, to)| self.splits[from * self.count + to - 1]);
        if shorter.contains(&LEAF) {
            return (lowest, highest);
        }
        let (low, high) = (shorter[0].min(shorter[1]), shorter[0].max(shorter[1]));
        (low.saturating_sub(WINDOW).max(lowest), (high + WINDOW).min(highest))
    }

    fn choice(&self, from: usize, to: usize) -> Choice {
        match self.splits[from * self.count + to - 1] {
            LEAF => Choice::Leaf,
            at => Choice::Split(at),
        }
    }
}
