//! The rules of one number as tests of the arguments' words.
//!
//! First rule after rule, each test falling through to the next rule. Then, where asked, the tests of a word that
//! stand together are answered by one search over its values, and under what the search showed later tests of the
//! same word fall away.

use std::collections::HashMap;

use super::search::Range;
use super::{Lowering, Node, NodeId, Planner, WordTest};
use crate::program::Word;
use crate::rules::{ArgTest, Comparison, LOW, Rule};

/// How many nodes the search may make of each test of a number before they are left as they are: mixed conditions on
/// several arguments multiply.
const ENTANGLED: usize = 8;

impl Planner {
    /// What these rules of one number lead to; the first that matches decides.
    pub(super) fn outcome(&mut self, rules: &[&Rule], otherwise: NodeId) -> NodeId {
        let before = self.nodes.len();
        let plain = rules.iter().rev().fold(otherwise, |outcome, rule| self.rule(rule, outcome));
        match (self.lowering, self.nodes[plain.index()]) {
            (Lowering::Plain, _) | (_, Node::Return(_)) => plain,
            (Lowering::Searched, Node::Branch { .. }) => {
                let mut facts = Facts::default();
                let tests = self.nodes.len() - before;
                let limit = self.nodes.len() + ENTANGLED * (tests + 8);
                self.searched(plain, &mut facts, &mut HashMap::new(), limit).unwrap_or(plain)
            }
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

    /// The same function with each word searched once; `None` where that takes too many nodes.
    fn searched(
        &mut self,
        node: NodeId,
        facts: &mut Facts,
        known: &mut HashMap<(NodeId, Facts), NodeId>,
        limit: usize,
    ) -> Option<NodeId> {
        let node = self.follow(node, facts);
        let Node::Branch { word, test, holds, fails } = self.nodes[node.index()] else { return Some(node) };
        let key = (node, facts.clone());
        if let Some(done) = known.get(&key) {
            return Some(*done);
        }
        if self.nodes.len() > limit {
            return None;
        }
        let done = if bounds(test).is_some() {
            self.searched_word(node, word, facts, known, limit)?
        } else {
            let holds = self.searched(holds, facts, known, limit)?;
            let fails = self.searched(fails, facts, known, limit)?;
            self.branch(word, test, holds, fails)
        };
        known.insert(key, done);
        Some(done)
    }

    /// One search over the values of `word` in place of all tests of it that follow each other from `node` on.
    fn searched_word(
        &mut self,
        node: NodeId,
        word: Word,
        facts: &mut Facts,
        known: &mut HashMap<(NodeId, Facts), NodeId>,
        limit: usize,
    ) -> Option<NodeId> {
        let before = facts.of(word);
        let mut starts = self.starts(node, word);
        starts.retain(|start| (before.0 + 1..=before.1).contains(start));
        starts.insert(0, before.0);
        let ends = starts.iter().skip(1).copied().chain([before.1 + 1]).collect::<Vec<u64>>();
        let mut ranges: Vec<Range> = Vec::new();
        for (start, end) in starts.into_iter().zip(ends) {
            facts.set(word, (start, end - 1));
            let outcome = self.searched(node, facts, known, limit);
            facts.set(word, before);
            let outcome = outcome?;
            match ranges.last_mut() {
                Some(last) if last.outcome == outcome => last.end = end,
                // Nothing is known of how often a value is passed.
                _ => ranges.push(Range { start, end, outcome, weight: 1 }),
            }
        }
        Some(self.search(word, &ranges))
    }

    /// Past the tests that the facts decide.
    fn follow(&self, mut node: NodeId, facts: &Facts) -> NodeId {
        while let Node::Branch { word, test, holds, fails } = self.nodes[node.index()] {
            match decided(test, facts.of(word)) {
                Some(true) => node = holds,
                Some(false) => node = fails,
                None => break,
            }
        }
        node
    }

    /// Where the outcome of a test of `word` changes, of those tests that follow each other from `node` on.
    fn starts(&self, node: NodeId, word: Word) -> Vec<u64> {
        let mut starts = Vec::new();
        let mut pending = vec![node];
        let mut seen = std::collections::HashSet::new();
        while let Some(node) = pending.pop() {
            let Node::Branch { word: tested, test, holds, fails } = self.nodes[node.index()] else {
                continue;
            };
            let Some(bounds) = bounds(test).filter(|_| tested == word && seen.insert(node)) else { continue };
            starts.extend(bounds);
            pending.extend([holds, fails]);
        }
        starts.sort_unstable();
        starts.dedup();
        starts
    }
}

/// Where the outcome of a test on the whole word changes; none of one that looks at single bits.
fn bounds(test: WordTest) -> Option<Vec<u64>> {
    match test {
        WordTest::Equal { mask: u32::MAX, value } => Some(vec![value.into(), u64::from(value) + 1]),
        WordTest::AtLeast { mask: u32::MAX, value } => Some(vec![value.into()]),
        _ => None,
    }
}

/// The outcome of a test if all values from the first to the last give the same.
fn decided(test: WordTest, (first, last): (u64, u64)) -> Option<bool> {
    let all = |holds: bool| Some(holds);
    match test {
        WordTest::Equal { mask: u32::MAX, value } => {
            let value = u64::from(value);
            if first == value && last == value {
                all(true)
            } else if value < first || value > last {
                all(false)
            } else {
                None
            }
        }
        WordTest::AtLeast { mask: u32::MAX, value } => {
            let value = u64::from(value);
            if first >= value {
                all(true)
            } else if last < value {
                all(false)
            } else {
                None
            }
        }
        // Of a single value everything is known.
        WordTest::Equal { mask, value } if first == last => all(first & u64::from(mask) == u64::from(value)),
        WordTest::AtLeast { mask, value } if first == last => {
            all(first & u64::from(mask) >= u64::from(value))
        }
        WordTest::AnyBit { bits } if first == last => all(first & u64::from(bits) != 0),
        _ => None,
    }
}

/// What is known of the words of the arguments: the first and the last value that each can still have.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct Facts {
    known: Vec<(Word, (u64, u64))>,
}

impl Facts {
    fn of(&self, word: Word) -> (u64, u64) {
        let known = self.known.iter().find(|(of, _)| *of == word);
        known.map_or((0, u32::MAX.into()), |(_, range)| *range)
    }

    fn set(&mut self, word: Word, range: (u64, u64)) {
        self.known.retain(|(of, _)| *of != word);
        if range != (0, u32::MAX.into()) {
            let at = self.known.partition_point(|(of, _)| *of < word);
            self.known.insert(at, (word, range));
        }
    }
}
