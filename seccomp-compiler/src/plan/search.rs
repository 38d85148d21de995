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
        let choices = Best::of(ranges, price).choices;
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
    /// Row `from`, column `to - 1`.
    choices: Vec<Choice>,
    costs: Vec<u64>,
    /// The weight of all ranges before one.
    before: Vec<u64>,
    price: u64,
}

impl Best {
    fn of(ranges: &[Range], price: u64) -> Self {
        let count = ranges.len();
        let mut before = vec![0; count + 1];
        for (at, range) in ranges.iter().enumerate() {
            before[at + 1] = before[at] + range.weight;
        }
        let mut best = Self {
            choices: vec![Choice::Outcome; count * count],
            costs: vec![0; count * count],
            before,
            price,
        };
        for from in (0..count).rev() {
            let mut values = leaf::Values::of(&ranges[from]);
            for to in from + 2..=count {
                values.add(&ranges[to - 1]);
                let weight = best.before[to] - best.before[from];
                let (mut cost, mut choice) = best.split(count, from, to, weight);
                let within = &ranges[from..to];
                for leaf in [leaf::singles(within, weight, price), leaf::bits(within, &values, weight, price)]
                {
                    if let Some((leaf_cost, leaf)) = leaf.filter(|(leaf_cost, _)| *leaf_cost <= cost) {
                        (cost, choice) = (leaf_cost, Choice::Leaf(leaf));
                    }
                }
                let at = from * count + to - 1;
                (best.costs[at], best.choices[at]) = (cost, choice);
            }
        }
        best
    }

    /// The best split of an interval whose parts are known.
    fn split(&self, count: usize, from: usize, to: usize, weight: u64) -> (u64, Choice) {
        let (first, last) = self.window(count, from, to);
        let costs = &self.costs[..];
        let row = &costs[from * count..];
        let (mut cost, mut split) = (u64::MAX, first);
        let mut at = first;
        while at <= last {
            let both = row[at - 1] + costs[at * count + to - 1];
            if both < cost {
                cost = both;
                split = at;
            }
            at += 1;
        }
        (cost + weight + self.price, Choice::Split(split))
    }

    /// The splits to try.
    fn window(&self, count: usize, from: usize, to: usize) -> (usize, usize) {
        let (lowest, highest) = (from + 1, to - 1);
        if to - from <= SCANNED {
            return (lowest, highest);
        }
        match (self.choices[from * count + to - 2], self.choices[(from + 1) * count + to - 1]) {
            (Choice::Split(a), Choice::Split(b)) => {
                let (low, high) = if a < b { (a, b) } else { (b, a) };
                (low.saturating_sub(WINDOW).max(lowest), (high + WINDOW).min(highest))
            }
            _ => (lowest, highest),
        }
    }
}
