//! [`RuleSet`] to [`DecisionTree`]: which word to test when, so that every call reaches its verdict.
//!
//! Each number's rules become a chain of word tests. Equal chains are one node, so numbers that are treated alike
//! are neighbours of equal outcome and merge into ranges, which are then halved by `>=` tests.

use std::collections::{BTreeMap, HashMap};

use crate::program::Word;
use crate::rules::{ArgTest, Comparison, LOW, Rule, RuleSet, Space, Verdict};

/// Tests of words, shared where they are equal.
#[derive(Debug)]
pub(crate) struct DecisionTree {
    nodes: Vec<Node>,
    /// Where a call begins.
    pub(crate) root: NodeId,
    pub(crate) endian: crate::architecture::Endian,
}

/// A node of a tree, by its place in it: children come before their parents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodeId(usize);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    Return(Verdict),
    Branch { word: Word, test: WordTest, holds: NodeId, fails: NodeId },
}

/// A test that one instruction makes, on a word under a mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum WordTest {
    Equal { mask: u32, value: u32 },
    AtLeast { mask: u32, value: u32 },
    AnyBit { bits: u32 },
}

impl DecisionTree {
    pub(crate) fn node(&self, id: NodeId) -> Node {
        self.nodes[id.0]
    }

    /// How many nodes there are; each has an index below it.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }
}

impl NodeId {
    pub(crate) const fn new(index: usize) -> Self {
        Self(index)
    }

    pub(crate) const fn index(self) -> usize {
        self.0
    }
}

/// A tree for these rules.
pub(crate) fn plan(rules: &RuleSet) -> DecisionTree {
    let mut planner = Planner { nodes: Vec::new(), known: HashMap::new() };
    let foreign = planner.verdict(rules.foreign);
    let mut by_audit: BTreeMap<u32, Vec<&Space>> = BTreeMap::new();
    for space in &rules.spaces {
        by_audit.entry(space.architecture.audit()).or_default().push(space);
    }
    let mut root = foreign;
    for (audit, spaces) in by_audit {
        let numbers = planner.numbers(&spaces, foreign);
        let test = WordTest::Equal { mask: u32::MAX, value: audit };
        root = planner.branch(Word::Arch, test, numbers, root);
    }
    DecisionTree { nodes: planner.nodes, root, endian: rules.endian }
}

struct Planner {
    nodes: Vec<Node>,
    known: HashMap<Node, NodeId>,
}

/// Numbers from here up to the next range's start have one outcome.
struct Range {
    start: u64,
    outcome: NodeId,
}

impl Planner {
    fn node(&mut self, node: Node) -> NodeId {
        *self.known.entry(node).or_insert_with(|| {
            self.nodes.push(node);
            NodeId(self.nodes.len() - 1)
        })
    }

    fn verdict(&mut self, verdict: Verdict) -> NodeId {
        self.node(Node::Return(verdict))
    }

    fn branch(&mut self, word: Word, test: WordTest, holds: NodeId, fails: NodeId) -> NodeId {
        if holds == fails { holds } else { self.node(Node::Branch { word, test, holds, fails }) }
    }

    /// The tree over the numbers of one audit value.
    fn numbers(&mut self, spaces: &[&Space], foreign: NodeId) -> NodeId {
        let mut ranges = vec![Range { start: 0, outcome: foreign }];
        let mut spaces = spaces.to_vec();
        spaces.sort_by_key(|space| *space.numbers().start());
        for space in spaces {
            self.space(space, &mut ranges);
            ranges.push(Range { start: u64::from(*space.numbers().end()) + 1, outcome: foreign });
        }
        ranges.dedup_by(|next, before| {
            // A range that the next one overlays entirely is empty; one of equal outcome continues it.
            if next.start == before.start {
                before.outcome = next.outcome;
            }
            next.start == before.start || next.outcome == before.outcome
        });
        ranges.dedup_by_key(|range| range.outcome);
        ranges.retain(|range| range.start <= u32::MAX.into());
        self.halve(&ranges)
    }

    fn space(&mut self, space: &Space, ranges: &mut Vec<Range>) {
        let default = self.verdict(space.default);
        let newer = self.verdict(space.newer);
        let end = space.architecture.table_end();
        let otherwise = |number: u64| if number < end.into() { default } else { newer };
        ranges.push(Range { start: (*space.numbers().start()).into(), outcome: default });
        let mut by_number: BTreeMap<u32, Vec<&Rule>> = BTreeMap::new();
        for rule in &space.rules {
            by_number.entry(rule.number).or_default().push(rule);
        }
        // The table's end stands among the numbers as one without rules.
        by_number.entry(end).or_default();
        for (number, rules) in by_number {
            let mut outcome = otherwise(number.into());
            for rule in rules.into_iter().rev() {
                outcome = self.rule(rule, outcome);
            }
            ranges.push(Range { start: number.into(), outcome });
            let next = u64::from(number) + 1;
            ranges.push(Range { start: next, outcome: otherwise(next) });
        }
    }

    /// The rule's verdict where all its tests hold, else `otherwise`.
    fn rule(&mut self, rule: &Rule, otherwise: NodeId) -> NodeId {
        let verdict = self.verdict(rule.verdict);
        // Tests of one argument stand together, so that its word is loaded once.
        let mut tests = rule.tests.clone();
        tests.sort_by_key(|test| test.argument);
        tests.iter().rev().fold(verdict, |holds, test| match test.expected {
            true => self.test(test, holds, otherwise),
            false => self.test(test, otherwise, holds),
        })
    }

    /// A test of 64 bits as tests of its two words, the high one first.
    #[expect(clippy::cast_possible_truncation, reason = "a half of 64 bits has 32")]
    fn test(&mut self, test: &ArgTest, holds: NodeId, fails: NodeId) -> NodeId {
        let (high, low) = (Word::High(test.argument), Word::Low(test.argument));
        let (high_mask, low_mask) = ((test.mask >> 32) as u32, (test.mask & LOW) as u32);
        let (high_value, low_value) = ((test.value >> 32) as u32, (test.value & LOW) as u32);
        match test.comparison {
            Comparison::Equal => {
                let rest = self.equal(low, low_mask, low_value, holds, fails);
                self.equal(high, high_mask, high_value, rest, fails)
            }
            Comparison::AtLeast => {
                let rest = self.at_least(low, low_mask, low_value, holds, fails);
                if high_mask == 0 {
                    return rest;
                }
                let tie = self.equal(high, high_mask, high_value, rest, fails);
                match high_value.checked_add(1) {
                    Some(above) => self.at_least(high, high_mask, above, holds, tie),
                    None => tie,
                }
            }
        }
    }

    fn equal(&mut self, word: Word, mask: u32, value: u32, holds: NodeId, fails: NodeId) -> NodeId {
        match (mask, value) {
            (0, _) => holds,
            // One instruction instead of two, and the word stays loaded.
            (bits, 0) if bits != u32::MAX => self.branch(word, WordTest::AnyBit { bits }, fails, holds),
            (bits, _) if bits == value && bits.is_power_of_two() => {
                self.branch(word, WordTest::AnyBit { bits }, holds, fails)
            }
            _ => self.branch(word, WordTest::Equal { mask, value }, holds, fails),
        }
    }

    fn at_least(&mut self, word: Word, mask: u32, value: u32, holds: NodeId, fails: NodeId) -> NodeId {
        match value {
            0 => holds,
            _ => self.branch(word, WordTest::AtLeast { mask, value }, holds, fails),
        }
    }

    /// Ranges split in the middle until one is left. The word of a range is the number.
    fn halve(&mut self, ranges: &[Range]) -> NodeId {
        let (lower, upper) = match ranges {
            [] => return self.verdict(Verdict::KillProcess),
            [only] => return only.outcome,
            _ => ranges.split_at(ranges.len() / 2),
        };
        let value = u32::try_from(upper[0].start).unwrap_or(u32::MAX);
        let (holds, fails) = (self.halve(upper), self.halve(lower));
        self.branch(Word::Number, WordTest::AtLeast { mask: u32::MAX, value }, holds, fails)
    }
}
