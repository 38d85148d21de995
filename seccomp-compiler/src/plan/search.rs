//! A tree over the ranges of a word: the cheapest there is.
//!
//! The word's values are cut into ranges of equal outcome. A tree splits them by `>=` tests until a leaf decides what
//! is left ([`leaf`](super::leaf)). The cost of a tree is the sum over all ranges of weight times tests until it is
//! decided, plus a price for each test in the program. Trees over part of the ranges do not depend on the rest, so the
//! best ones of all intervals, from short to long, give the best of the whole (Gilbert and Moore 1959).

use super::leaf::{self, Leaf};
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

impl Range {
    pub(super) const fn is_single(&self) -> bool {
        self.end - self.start == 1
    }
}

/// Intervals of so many ranges are tried at every split; of longer ones, the splits near those of the two intervals
/// one range shorter.
const SCANNED: usize = 10;
/// How near.
const WINDOW: usize = 4;
/// From this many ranges on the search takes longer than it saves, and they are halved first.
const SEARCHED: usize = 400;

impl Planner {
    /// A tree that leads each value of `word` to the outcome of its range; a test costs `price` to have.
    pub(super) fn search(&mut self, word: Word, ranges: &[Range], price: u64) -> NodeId {
        if ranges.len() > SEARCHED {
            let (lower, upper) = ranges.split_at(ranges.len() / 2);
            let (fails, holds) = (self.search(word, lower, price), self.search(word, upper, price));
            return self.at_or_above(word, upper[0].start, holds, fails);
        }
        let Best { choices, .. } = Best::of(ranges, price);
        self.build(word, ranges, &choices, 0, ranges.len())
    }

    fn build(&mut self, word: Word, ranges: &[Range], choices: &[Choice], from: usize, to: usize) -> NodeId {
        match choices[from * ranges.len() + to - 1] {
            Choice::Outcome => ranges[from].outcome,
            Choice::Split(at) => {
                let fails = self.build(word, ranges, choices, from, at);
                let holds = self.build(word, ranges, choices, at, to);
                self.at_or_above(word, ranges[at].start, holds, fails)
            }
            Choice::Leaf(leaf) => self.leaf(word, leaf, &ranges[from..to]),
        }
    }

    /// `holds` from the value `at` on.
    pub(super) fn at_or_above(&mut self, word: Word, at: u64, holds: NodeId, fails: NodeId) -> NodeId {
        let value = u32::try_from(at).unwrap_or(u32::MAX);
        self.branch(word, WordTest::AtLeast { mask: u32::MAX, value }, holds, fails)
    }
}

/// What the best tree over an interval of ranges does first.
#[derive(Debug, Clone, Copy)]
enum Choice {
    /// Nothing: it is one range.
    Outcome,
    /// The values from this range on go one way.
    Split(usize),
    Leaf(Leaf),
}

/// The best tree of every interval. Where optimisation is off, as in macros, this is what planning takes its time for;
/// slices and plain loops cost a fraction there of what vectors and iterators do.
struct Best {
    count: usize,
    /// Row `from`, column `to - 1`.
    choices: Vec<Choice>,
    costs: Vec<u64>,
    /// Where the interval is split; 0 where it is not.
    splits: Vec<usize>,
}

impl Best {
    fn of(ranges: &[Range], price: u64) -> Self {
        let count = ranges.len();
        let all = count * count;
        let mut best =
            Self { count, choices: vec![Choice::Outcome; all], costs: vec![0; all], splits: vec![0; all] };
        for from in (0..count).rev() {
            best.row(ranges, from, price);
        }
        best
    }

    /// The intervals that begin at a range; those that begin later are known.
    fn row(&mut self, ranges: &[Range], from: usize, price: u64) {
        let mut weight = ranges[from].weight;
        let mut values = leaf::Values::of(&ranges[from]);
        let mut to = from + 2;
        while to <= self.count {
            let range = &ranges[to - 1];
            weight += range.weight;
            let (cost, at) = self.split(from, to);
            let mut best = (cost + weight + price, Choice::Split(at));
            if to - from <= leaf::LARGEST {
                values.add(range);
                let within = &ranges[from..to];
                for leaf in [leaf::singles(within, weight, price), leaf::bits(within, &values, weight, price)]
                {
                    if let Some((cost, leaf)) = leaf
                        && cost <= best.0
                    {
                        best = (cost, Choice::Leaf(leaf));
                    }
                }
            }
            let index = from * self.count + to - 1;
            self.costs[index] = best.0;
            self.choices[index] = best.1;
            self.splits[index] = if matches!(best.1, Choice::Split(_)) { at } else { 0 };
            to += 1;
        }
    }

    /// The best split of an interval whose parts are known, and what both parts cost.
    fn split(&self, from: usize, to: usize) -> (u64, usize) {
        let (first, last) = self.window(from, to);
        let costs = &self.costs[..];
        let mut left = from * self.count + first - 1;
        let mut right = first * self.count + to - 1;
        let (mut cost, mut split, mut at) = (u64::MAX, first, first);
        while at <= last {
            let both = costs[left] + costs[right];
            if both < cost {
                cost = both;
                split = at;
            }
            at += 1;
            left += 1;
            right += self.count;
        }
        (cost, split)
    }

    /// The splits to try.
    fn window(&self, from: usize, to: usize) -> (usize, usize) {
        let (lowest, highest) = (from + 1, to - 1);
        if to - from <= SCANNED {
            return (lowest, highest);
        }
        let index = from * self.count + to - 1;
        let (a, b) = (self.splits[index - 1], self.splits[index + self.count]);
        if a == 0 || b == 0 {
            return (lowest, highest);
        }
        let (low, high) = if a < b { (a, b) } else { (b, a) };
        let (low, high) = (low.saturating_sub(WINDOW), high + WINDOW);
        (if low < lowest { lowest } else { low }, if high > highest { highest } else { high })
    }
}
