//! A tree over the ranges of a word: the cheapest there is.
//!
//! The word's values are cut into ranges of equal outcome. A tree splits them by `>=` tests until a leaf decides what
//! is left ([`leaf`]). The cost of a tree is the sum over all ranges of weight times tests until it is
//! decided, plus a price for each test in the program. Trees over part of the ranges do not depend on the rest, so the
//! best ones of all intervals, from short to long, give the best of the whole (Gilbert and Moore 1959).

use super::leaf::{self, Interval, Values};
use super::range::{Price, Range};
use crate::engine::program::Word;
use crate::engine::tree::{NodeId, Nodes};

/// From this many ranges on the search takes longer than it saves, and they are halved first.
const SEARCHED: usize = 400;

/// A tree that leads each value of `word` to the outcome of its range.
pub(super) fn tree(nodes: &mut Nodes, word: Word, ranges: &[Range], price: Price) -> NodeId {
    if ranges.len() > SEARCHED {
        let (lower, upper) = ranges.split_at(ranges.len() / 2);
        let (fails, holds) = (tree(nodes, word, lower, price), tree(nodes, word, upper, price));
        return nodes.at_least(word, upper[0].start, holds, fails);
    }
    let best = Best::new(ranges, price);
    best.build(nodes, word, ranges, 0, ranges.len())
}

/// The best tree of every interval of ranges.
struct Best {
    price: Price,
    /// By the first range and the last, both included: the range that the interval is split at; 0 where it is one range
    /// or a leaf.
    splits: Vec<Vec<usize>>,
    /// By the last range and the first: what the interval costs.
    costs: Vec<Vec<u64>>,
}

impl Best {
    fn new(ranges: &[Range], price: Price) -> Self {
        let count = ranges.len();
        let (splits, costs) = (vec![vec![0; count]; count], vec![vec![0; count]; count]);
        let mut best = Self { price, splits, costs };
        // What the intervals cost that begin at the current range, by the range after their end.
        let mut before = vec![0; count + 1];
        for first in (0..count).rev() {
            best.row(ranges, first, &mut before);
        }
        best
    }

    /// The intervals that begin at a range, once those that begin later are known.
    fn row(&mut self, ranges: &[Range], first: usize, before: &mut [u64]) {
        let mut weight = ranges[first].weight;
        let mut values = Values::new(&ranges[first..=first]);
        let mut split = 0;
        before[first + 1] = 0;
        for last in first + 1..ranges.len() {
            weight += ranges[last].weight;
            let splits = self.window(first, last, split);
            let (parts, best_split) = cheapest(before, &self.costs[last], splits);
            let mut cost = parts + weight + self.price.test;
            split = best_split;
            if last - first < self.price.largest_leaf() {
                values.add(&ranges[last]);
                let interval = Interval { ranges: &ranges[first..=last], weight, price: self.price };
                if let Some((leaf, _)) = leaf::best(interval, &mut values, cost) {
                    (cost, split) = (leaf, 0);
                }
            }
            self.costs[last][first] = cost;
            self.splits[first][last] = split;
            before[last + 1] = cost;
        }
    }

    /// The splits of an interval to try. The best one is near those of the two intervals that are one range shorter, at
    /// either end (Knuth's monotonicity, relaxed because leaves move it by all that they decide).
    fn window(&self, first: usize, last: usize, shorter: usize) -> (usize, usize) {
        let later = self.splits[first + 1][last];
        if shorter == 0 || later == 0 {
            return (first + 1, last);
        }
        let reach = match last - first {
            _ if self.price.chain > Price::FEW => self.price.largest_leaf(),
            // In long intervals short leaves matter less.
            SHORT.. => 1,
            _ => 3,
        };
        let low = shorter.min(later).saturating_sub(reach).max(first + 1);
        (low, (shorter.max(later) + reach).min(last))
    }

    fn build(&self, nodes: &mut Nodes, word: Word, ranges: &[Range], from: usize, to: usize) -> NodeId {
        let split = self.splits[from][to - 1];
        if split != 0 {
            let fails = self.build(nodes, word, ranges, from, split);
            let holds = self.build(nodes, word, ranges, split, to);
            return nodes.at_least(word, ranges[split].start, holds, fails);
        }
        let ranges = &ranges[from..to];
        let weight = ranges.iter().map(|range| range.weight).sum();
        let interval = Interval { ranges, weight, price: self.price };
        let leaf = match ranges {
            [_] => None,
            _ => leaf::best(interval, &mut Values::new(ranges), u64::MAX - 1),
        };
        leaf.map_or(ranges[0].outcome, |(_, leaf)| leaf.build(nodes, word, ranges))
    }
}

/// An interval of fewer ranges is short.
const SHORT: usize = 24;

/// The best split of those from the first to the last, and what both parts cost: `before` is the cost of what ends before
/// each range, `from` of what begins there.
///
/// This is the innermost loop of the search, and macros are not optimised: plain indices and wrapping additions take
/// half of what iterators do, which is a third of all instructions of a policy with many numbers. Costs are far from
/// what overflows; a wrong one would make a worse tree, not another meaning.
#[inline(always)]
fn cheapest(before: &[u64], from: &[u64], (mut split, last): (usize, usize)) -> (u64, usize) {
    let (mut cost, mut best) = (u64::MAX, split);
    while split <= last {
        let both = before[split].wrapping_add(from[split]);
        if both < cost {
            cost = both;
            best = split;
        }
        split = split.wrapping_add(1);
    }
    (cost, best)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rules::Verdict;
    use crate::engine::tree::Node;

    /// What a tree costs: by the definition at the top.
    fn cost(nodes: &Nodes, tree: NodeId, ranges: &[Range], price: Price) -> u64 {
        let depth = |mut node: NodeId, value: u64| {
            let mut depth = 0;
            while let Node::Branch { test, holds, fails, .. } = nodes.get(node) {
                node = if test.holds(value) { holds } else { fails };
                depth += 1;
            }
            depth
        };
        let executed: u64 = ranges.iter().map(|range| range.weight * depth(tree, range.start)).sum();
        executed + price.test * nodes.size(tree).tests as u64
    }

    /// The cheapest tree of `>=` splits with `=` tests below them, by trying them all.
    fn brute_force(ranges: &[Range], test: u64) -> u64 {
        if ranges.len() == 1 {
            return 0;
        }
        let weight: u64 = ranges.iter().map(|range| range.weight).sum();
        let splits = (1..ranges.len()).map(|split| {
            let (lower, upper) = ranges.split_at(split);
            weight + test + brute_force(lower, test) + brute_force(upper, test)
        });
        let chain = |rest: &Range| {
            let others = ranges.iter().filter(|range| range.outcome != rest.outcome);
            let mut weights: Vec<u64> = others.clone().map(|range| range.weight).collect();
            weights.sort_unstable_by(|a, b| b.cmp(a));
            let decided = |tests: usize| weights[..tests].iter().sum::<u64>();
            let cost = (0..weights.len()).map(|tests| weight - decided(tests) + test).sum();
            (others.clone().all(Range::is_single) && others.count() <= Price::FEW).then_some(cost)
        };
        splits.chain(ranges.iter().filter_map(chain)).min().expect("there is a split")
    }

    /// The search tries only some splits, so this is a sample and no bound: now and then a tree is not the best.
    #[test]
    fn trees_are_nearly_always_as_cheap_as_the_best_ones_of_splits_and_chains() {
        let mut numbers = oorandom::Rand64::new(7);
        let mut random = |below: u64| numbers.rand_range(0..below);
        let (mut all_found, mut all_best) = (0, 0);
        let mut more = 0;
        for _ in 0..4000 {
            let mut nodes = Nodes::with_capacity(16);
            let outcomes = [0, 1, 2].map(|errno| nodes.verdict(Verdict::Errno(errno)));
            let mut ranges: Vec<Range> = Vec::new();
            for _ in 0..2 + random(6) {
                let start = ranges.last().map_or(0, |last| last.end);
                let end = start + if random(2) == 0 { 1 } else { 2 + random(9) };
                let weight = 1 + random(100);
                let choices =
                    outcomes.into_iter().filter(|one| ranges.last().is_none_or(|last| last.outcome != *one));
                let choices: Vec<NodeId> = choices.collect();
                let outcome = choices[usize::try_from(random(choices.len() as u64)).expect("small")];
                ranges.push(Range { start, end, outcome, weight });
            }
            let price = Price::of(random(80));
            let tree = tree(&mut nodes, Word::Number, &ranges, price);
            for range in &ranges {
                for value in range.start..range.end {
                    let mut node = tree;
                    while let Node::Branch { test, holds, fails, .. } = nodes.get(node) {
                        node = if test.holds(value) { holds } else { fails };
                    }
                    assert_eq!(node, range.outcome);
                }
            }
            let (found, best) = (cost(&nodes, tree, &ranges, price), brute_force(&ranges, price.test));
            more += usize::from(found > best);
            (all_found, all_best) = (all_found + found, all_best + best.min(found));
        }
        assert!(more <= 40, "{more} of 4000 are not the best");
        assert!(all_found <= all_best + all_best / 1000, "{all_found} is more than {all_best}");
    }
}
