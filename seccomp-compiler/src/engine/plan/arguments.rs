//! The rules of one number as tests of the arguments' words.
//!
//! First come the rules as they are written, each test falling through to the next rule. Then, if asked, the tests of a
//! word are replaced by one search over its values, and later tests that this decides are dropped ([`facts`](super::facts)). The search
//! replaces either the tests that follow each other or all that are reachable, whichever gives the smaller tree.

use std::collections::HashMap;

use super::facts::WordFacts;
use super::flags::FlagValues;
use super::range::{Price, Range};
use super::{Lowering, Planner, search};
use crate::engine::program::Word;
use crate::engine::rules::{ArgCondition, Comparison, LOW, Must, Rule};
use crate::engine::tree::{Node, NodeId, WordTest};

/// How many nodes the search may make for each test of a number before it gives up: mixed conditions on several arguments
/// multiply.
const ENTANGLED: usize = 8;
/// The step budget of a search is (`STEPS` × tests)².
const STEPS: usize = 2;
/// The step budget of the searches of all numbers together.
pub(super) const ALL_STEPS: usize = 2_000_000;
/// How many tests of bits may be nested; the search takes stack for each.
const DEEPEST: usize = 200;

impl Planner<'_> {
    /// The same rules, with each run of rules that have one verdict sorted: the order within such a run changes no answer. So
    /// the program does not depend on the order in which they are written, and tests of the same bits come together, which
    /// one search then replaces.
    pub(super) fn arranged<'b>(&self, rules: &[&'b Rule]) -> Vec<&'b Rule> {
        let mut arranged = rules.to_vec();
        if self.lowering == Lowering::Plain {
            return arranged;
        }
        let key = |rule: &&Rule| {
            let tests = rule.conditions.iter().map(|test| (test.argument, test.mask, test.value));
            (rule.conditions.len(), tests.collect::<Vec<_>>())
        };
        for run in arranged.chunk_by_mut(|a, b| a.verdict == b.verdict) {
            run.sort_by_cached_key(key);
        }
        arranged.dedup_by(|a, b| (a.verdict, &a.conditions) == (b.verdict, &b.conditions));
        // What follows one without conditions is never reached.
        let always = arranged.iter().position(|rule| rule.conditions.is_empty());
        arranged.truncate(always.map_or(arranged.len(), |at| at + 1));
        arranged
    }

    /// The node for the rules of one number, of which the first that matches decides.
    pub(super) fn outcome(&mut self, rules: &[&Rule], otherwise: NodeId) -> NodeId {
        let plain = rules.iter().rev().fold(otherwise, |outcome, rule| self.rule(rule, outcome));
        if self.lowering == Lowering::Plain || self.nodes.is_return(plain) {
            return plain;
        }
        // The rules of another number, or of another ABI, may have been the same.
        if let Some(best) = self.outcomes.get(&plain) {
            return *best;
        }
        let tests = self.nodes.below(plain).len();
        let (mut best, mut cost) = (plain, self.nodes.size(plain).cost());
        for reach in [Reach::Near, Reach::Far] {
            let nodes = self.nodes.len() + ENTANGLED * (tests + 8);
            let steps = (STEPS * (tests + 8)).pow(2).min(self.steps);
            let mut search =
                ArgumentSearch { facts: WordFacts::default(), known: HashMap::new(), nodes, steps, reach };
            let searched = self.searched(plain, &mut search);
            self.steps -= steps - search.steps;
            let Some(searched) = searched else { continue };
            let searched_cost = self.nodes.size(searched).cost();
            if searched_cost < cost {
                (best, cost) = (searched, searched_cost);
            }
        }
        self.outcomes.insert(plain, best);
        best
    }

    /// The rule's verdict where all its tests hold, else `otherwise`.
    fn rule(&mut self, rule: &Rule, otherwise: NodeId) -> NodeId {
        let verdict = self.nodes.verdict(rule.verdict);
        // Tests of one argument are kept together, so that its word is loaded once.
        let mut tests = rule.conditions.clone();
        tests.sort_by_key(|test| test.argument);
        tests.iter().rev().fold(verdict, |holds, test| match test.must {
            Must::Hold => self.test(test, holds, otherwise),
            Must::Fail => self.test(test, otherwise, holds),
        })
    }

    /// A test of 64 bits as tests of its two words, the high one first.
    fn test(&mut self, test: &ArgCondition, holds: NodeId, fails: NodeId) -> NodeId {
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
            (bits, 0) if bits != u32::MAX => self.nodes.branch(word, WordTest::AnyBit { bits }, fails, holds),
            (bits, _) if bits == value && bits.is_power_of_two() => {
                self.nodes.branch(word, WordTest::AnyBit { bits }, holds, fails)
            }
            _ => self.nodes.branch(word, WordTest::Equal { mask, value }, holds, fails),
        }
    }

    fn at_least(&mut self, word: Word, mask: u32, value: u32, holds: NodeId, fails: NodeId) -> NodeId {
        match value {
            0 => holds,
            // A word is at least a power of two if it has any bit from there on. A search prefers the comparison.
            _ if mask != u32::MAX && value.is_power_of_two() => {
                self.nodes.branch(word, WordTest::AnyBit { bits: mask & !(value - 1) }, holds, fails)
            }
            _ => self.nodes.branch(word, WordTest::AtLeast { mask, value }, holds, fails),
        }
    }

    /// The same function, with each word searched once; `None` if that takes too many nodes.
    fn searched(&mut self, node: NodeId, search: &mut ArgumentSearch) -> Option<NodeId> {
        let node = self.follow(node, search)?;
        let Node::Branch { word, test, holds, fails } = self.nodes.get(node) else { return Some(node) };
        let key = (node, search.facts.clone());
        if let Some(done) = search.known.get(&key) {
            return Some(*done);
        }
        if self.nodes.len() > search.nodes || search.facts.depth() > DEEPEST {
            return None;
        }
        let done = if bounds(test).is_some() {
            self.searched_word(node, word, search)?
        } else {
            let mut side = |node, held| {
                search.facts.enter(word, test, held);
                let searched = self.searched(node, search);
                search.facts.leave();
                searched
            };
            let (holds, fails) = (side(holds, true)?, side(fails, false)?);
            self.nodes.branch(word, test, holds, fails)
        };
        search.known.insert(key, done);
        Some(done)
    }

    /// One search over the values of `word`, in place of the tests of it from `node` on.
    fn searched_word(&mut self, node: NodeId, word: Word, search: &mut ArgumentSearch) -> Option<NodeId> {
        let before = search.facts.range(word);
        let mut starts = self.starts(node, word, search)?;
        starts.retain(|start| (before.0 + 1..=before.1).contains(start));
        starts.insert(0, before.0);
        let mut ranges: Vec<Range> = Vec::new();
        let listed = self.listed(node, word, search)?;
        for (at, start) in starts.iter().copied().enumerate() {
            let end = starts.get(at + 1).copied().unwrap_or(before.1 + 1);
            search.facts.set_range(word, (start, end - 1));
            let outcome = self.searched(listed.lead_to(start, end).unwrap_or(node), search);
            search.facts.set_range(word, before);
            let outcome = outcome?;
            match ranges.last_mut() {
                Some(last) if last.outcome == outcome => last.end = end,
                _ => ranges.push(Range { start, end, outcome, weight: self.weights.value }),
            }
        }
        Some(self.argument(word, &ranges))
    }

    /// The values for which `node` and the nodes after it test a word, one by one.
    fn listed(&self, mut node: NodeId, word: Word, search: &mut ArgumentSearch) -> Option<Listed> {
        let mut values = Vec::new();
        loop {
            node = self.follow(node, search)?;
            match self.nodes.get(node) {
                Node::Branch { word: of, test, holds, fails } if of == word => {
                    let WordTest::Equal { mask: u32::MAX, value } = test else { break };
                    values.push((u64::from(value), holds));
                    node = fails;
                }
                _ => break,
            }
        }
        // Of several tests for one value the first counts, and the sort is stable.
        values.sort_by_key(|(value, _)| *value);
        Some(Listed { values, rest: node })
    }

    /// Skips the tests that the facts decide; `None` if that takes too many steps.
    fn follow(&self, mut node: NodeId, search: &mut ArgumentSearch) -> Option<NodeId> {
        while let Node::Branch { word, test, holds, fails } = self.nodes.get(node) {
            search.steps = search.steps.checked_sub(1 + search.facts.depth())?;
            match search.facts.decide(word, test) {
                Some(true) => node = holds,
                Some(false) => node = fails,
                None => break,
            }
        }
        Some(node)
    }

    /// The values at which the outcome of some test of `word` within reach of `node` changes; `None` if that takes too many
    /// steps.
    fn starts(&self, node: NodeId, word: Word, search: &mut ArgumentSearch) -> Option<Vec<u64>> {
        let mut starts = Vec::new();
        let mut pending = vec![node];
        let mut seen = vec![false; node.index() + 1];
        while let Some(node) = pending.pop() {
            let Node::Branch { word: tested, test, holds, fails } = self.nodes.get(node) else {
                continue;
            };
            if core::mem::replace(&mut seen[node.index()], true) {
                continue;
            }
            search.steps = search.steps.checked_sub(1)?;
            match bounds(test).filter(|_| tested == word) {
                Some((first, second)) => starts.extend([Some(first), second].into_iter().flatten()),
                None if search.reach == Reach::Near => continue,
                None => {}
            }
            pending.extend([holds, fails]);
        }
        starts.sort_unstable();
        starts.dedup();
        Some(starts)
    }

    /// A tree over the values of an argument's word: as the search finds it, or with a test for flags before it,
    /// whichever is the smallest.
    fn argument(&mut self, word: Word, ranges: &[Range]) -> NodeId {
        let price = Price::of(self.weights.argument_length);
        let mut best = search::tree(&mut self.nodes, word, ranges, price);
        let candidates = FlagValues::find(ranges);
        let mut cost = if candidates.is_empty() { 0 } else { self.nodes.size(best).cost() };
        for flags in candidates {
            let rest = flags.rest(ranges);
            let rest = match rest[..] {
                [] => flags.outcome,
                _ => search::tree(&mut self.nodes, word, &rest, price),
            };
            let (value, mask) = (flags.base, !flags.free);
            let (tree, masked) = match value {
                0 => (self.nodes.branch(word, WordTest::AnyBit { bits: mask }, rest, flags.outcome), 0),
                // The mask takes an instruction, and loading the word again takes another.
                _ => (self.nodes.branch(word, WordTest::Equal { mask, value }, flags.outcome, rest), 2),
            };
            let with_flags = self.nodes.size(tree).cost() + masked;
            if with_flags < cost {
                (best, cost) = (tree, with_flags);
            }
        }
        best
    }
}

/// Where single values of a word lead, in order, and where all others do. Following the tests from the first one on for
/// each value would take quadratic time.
struct Listed {
    values: Vec<(u64, NodeId)>,
    rest: NodeId,
}

impl Listed {
    /// Where the values from `start` to before `end` lead; `None` if that differs.
    fn lead_to(&self, start: u64, end: u64) -> Option<NodeId> {
        let at = self.values.partition_point(|(value, _)| *value < start);
        match self.values.get(at) {
            Some((value, holds)) if *value < end => (end - start == 1).then_some(*holds),
            _ => Some(self.rest),
        }
    }
}

/// Which tests of a word one search replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Those that follow each other.
    Near,
    /// All of them, also behind tests of other words, which are then repeated for each range of values.
    Far,
}

/// The state of a search.
struct ArgumentSearch {
    facts: WordFacts,
    known: HashMap<(NodeId, WordFacts), NodeId>,
    /// The node budget.
    nodes: usize,
    /// The steps left.
    steps: usize,
    reach: Reach,
}

/// Where the outcome of a test on the whole word changes; `None` for a test of single bits.
fn bounds(test: WordTest) -> Option<(u64, Option<u64>)> {
    match test {
        WordTest::Equal { mask: u32::MAX, value } => Some((value.into(), Some(u64::from(value) + 1))),
        WordTest::AtLeast { mask: u32::MAX, value } => Some((value.into(), None)),
        _ => None,
    }
}
