//! The numbers of one audit architecture as ranges of equal outcome, and the tree that finds them.

use super::length::Plain;
use super::range::{Price, Range};
use super::{Planner, Weights, length, search};
use crate::engine::program::Word;
use crate::engine::rules::{AbiRules, Verdict};
use crate::engine::tree::NodeId;

impl Planner<'_> {
    /// The tree over the numbers of one audit architecture.
    pub(super) fn numbers(&mut self, abis: Vec<&AbiRules>, foreign: NodeId) -> NodeId {
        let mut ranges = Ranges::new(foreign);
        let mut before = None;
        for abi in abis {
            let differs = before.is_some_and(|before| before != abi.default);
            ranges.plain.borders += usize::from(differs) + usize::from(abi.newer != abi.default);
            before = Some(abi.newer);
            self.abi(abi, &mut ranges);
            ranges.begin(u64::from(*abi.numbers().end()) + 1, foreign);
        }
        let allow = self.nodes.verdict(Verdict::Allow);
        let plain = ranges.plain;
        let ranges = ranges.weighed(&self.weights, &self.shares, allow);
        let tree = search::tree(&mut self.nodes, Word::Number, &ranges, Price::of(self.weights.length));
        length::bounded(&mut self.nodes, &ranges, plain, tree, self.weights.length)
    }

    fn abi(&mut self, abi: &AbiRules, ranges: &mut Ranges) {
        let default = self.nodes.verdict(abi.default);
        let newer = self.nodes.verdict(abi.newer);
        let allow = self.nodes.verdict(Verdict::Allow);
        let (first, end) = (abi.architecture.table().start, abi.architecture.table_end());
        let otherwise = |number: u64| if number < end.into() { default } else { newer };
        ranges.begin((*abi.numbers().start()).into(), default);
        // An ABI without rules is refused as a whole; how soon does not matter.
        if !abi.rules.is_empty() {
            ranges.tables.push((first, end));
        }
        let mut ended = false;
        for rules in abi.by_number().chunk_by(|a, b| a.number == b.number) {
            let number = rules[0].number;
            if number >= end && !ended {
                ranges.begin(end.into(), newer);
                ended = true;
            }
            let rules = self.arranged(rules);
            let outcome = self.outcome(&rules, otherwise(number.into()));
            ranges.begin(number.into(), outcome);
            if outcome != otherwise(number.into()) {
                ranges.list(number, outcome, allow);
            }
            if !self.nodes.is_return(outcome) {
                ranges.tested.push((number, self.nodes.size(outcome).longest as u64));
                let conditions = rules.iter().map(|rule| rule.conditions.len()).sum::<usize>();
                ranges.plain.words += conditions * self.words;
            }
            ranges.begin(u64::from(number) + 1, otherwise(u64::from(number) + 1));
        }
        if !ended {
            ranges.begin(end.into(), newer);
        }
    }
}

/// The numbers from 0 on as ranges of equal outcome, while they are collected.
struct Ranges {
    starts: Vec<(u64, NodeId)>,
    /// The first number of each table, and one past its last.
    tables: Vec<(u32, u32)>,
    /// Numbers whose arguments are tested, in order, and the longest path through their tests.
    tested: Vec<(u32, u64)>,
    row: Row,
    plain: Plain,
}

/// Listed numbers that follow each other and have one outcome.
struct Row {
    length: usize,
    outcome: NodeId,
    next: u64,
}

impl Ranges {
    fn new(outcome: NodeId) -> Self {
        let (starts, tables, tested) = (vec![(0, outcome)], Vec::new(), Vec::new());
        Self { starts, tables, tested, row: Row { length: 0, outcome, next: 0 }, plain: Plain::default() }
    }

    /// Numbers from `start` on have this outcome. The last one for a start counts.
    fn begin(&mut self, start: u64, outcome: NodeId) {
        if self.starts.last().is_some_and(|(last, _)| *last == start) {
            self.starts.pop();
        }
        if self.starts.last().is_none_or(|(_, last)| *last != outcome) {
            self.starts.push((start, outcome));
        }
    }

    /// A number with an answer of its own, which takes a test in a chain. Several in a row that are allowed take two,
    /// or one if they begin at 0; the kernel's cache answers those, so one more test for the others is worth it.
    fn list(&mut self, number: u32, outcome: NodeId, allow: NodeId) {
        let continues = (self.row.outcome, self.row.next) == (outcome, number.into());
        let length = if continues { self.row.length + 1 } else { 1 };
        self.row = Row { length, outcome, next: u64::from(number) + 1 };
        self.plain.listed += usize::from(outcome != allow || length == 1 || length == 2 && number != 1);
    }

    fn weighed(self, weights: &Weights<'_>, shares: &[(u32, u64)], allow: NodeId) -> Vec<Range> {
        const END: u64 = 1 << 32;
        let mut tested = self.tested.iter().peekable();
        let mut shares = shares.iter().peekable();
        let mut ranges = Vec::with_capacity(self.starts.len());
        for (index, (start, outcome)) in self.starts.iter().copied().enumerate() {
            if start >= END {
                break;
            }
            let end = self.starts.get(index + 1).map_or(END, |(next, _)| *next);
            let within = |(first, last): &(u32, u32)| {
                u64::from(*last).min(end).saturating_sub(u64::from(*first).max(start))
            };
            let in_tables: u64 = self.tables.iter().map(within).sum();
            let each = if outcome == allow { weights.allowed } else { weights.refused };
            let mut weight = in_tables * each;
            while let Some((_, longest)) = tested.next_if(|(number, _)| u64::from(*number) < end) {
                weight += weights.tested * longest;
            }
            while let Some((_, share)) = shares.next_if(|(number, _)| u64::from(*number) < end) {
                weight += if outcome == allow { 0 } else { *share };
            }
            ranges.push(Range { start, end, outcome, weight: weight.max(weights.beyond) });
        }
        ranges
    }
}
