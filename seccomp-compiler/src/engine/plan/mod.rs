//! [`RuleSet`] to [`DecisionTree`]: which word to test when, so that every call reaches its verdict soon.
//!
//! Each number's rules become tests of the arguments' words ([`arguments`]). Equal tests are one node, so numbers that
//! are treated alike have one outcome, neighbours merge into ranges, and a tree over the ranges finds them
//! ([`search`]).

mod arguments;
mod facts;
mod flags;
mod leaf;
mod length;
mod search;

use core::hash::{Hash, Hasher};
use std::collections::HashMap;

use self::length::Plain;
use self::search::Range;
use crate::engine::profile::Profile;
use crate::engine::program::Word;
use crate::engine::rules::{AbiRules, RuleSet, Verdict};
use crate::kernel::architecture::Endian;

/// Tests of words, shared where they are equal.
#[derive(Debug)]
pub(crate) struct DecisionTree {
    nodes: Vec<Node>,
    /// Where a call begins.
    pub(crate) root: NodeId,
    pub(crate) endian: Endian,
}

/// A node of a tree, by its place in it: children come before their parents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodeId(usize);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Node {
    Return(Verdict),
    Branch { word: Word, test: WordTest, holds: NodeId, fails: NodeId },
}

/// By one number: where optimisation is off, to hash all parts takes longer than to compare the few that are alike.
impl Hash for Node {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let (test, next) = match self {
            Self::Return(verdict) => (verdict.return_value(), 0),
            Self::Branch { test, holds, fails, .. } => {
                let (WordTest::Equal { value, .. }
                | WordTest::AtLeast { value, .. }
                | WordTest::AnyBit { bits: value }) = *test;
                (value, holds.0 << 16 ^ fails.0)
            }
        };
        state.write_u64(u64::from(test) << 32 ^ next as u64);
    }
}

/// A test that one instruction makes, on a word under a mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum WordTest {
    Equal { mask: u32, value: u32 },
    AtLeast { mask: u32, value: u32 },
    AnyBit { bits: u32 },
}

/// How the tests of arguments are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lowering {
    /// The values that a word is compared with are searched, and what a test showed is not tested again.
    Searched,
    /// Rule after rule as they stand, which can be proved where the other is too entangled.
    Plain,
}

/// How much an early decision is worth.
///
/// The kernel answers what is always allowed from its cache, for nothing; but when a filter is installed it runs it
/// once for each number of its table, and kernels before 5.11 have no cache. What is refused or logged, and calls whose
/// arguments are tested, it never caches.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weights<'a> {
    /// Each number of the table that is always allowed.
    pub(crate) allowed: u64,
    /// Each number of the table with any other answer.
    pub(crate) refused: u64,
    /// In addition, each number whose arguments are tested, for every instruction of the longest way through its
    /// tests: what takes long behind the number is found soon.
    pub(crate) tested: u64,
    /// Each range of values of an argument with one outcome. Nothing is known of how often a value is passed.
    pub(crate) value: u64,
    /// Everything beyond the table.
    pub(crate) beyond: u64,
    /// Each test of the number that is in the program at all.
    pub(crate) length: u64,
    /// Each test of an argument that is in the program at all.
    pub(crate) argument_length: u64,
    /// How often the calls of the native ABI are made, in addition to the weights of their numbers. It counts for what is
    /// not always allowed, since the kernel answers the rest from its cache.
    pub(crate) profile: Option<&'a Profile>,
}

impl Default for Weights<'_> {
    fn default() -> Self {
        Self {
            allowed: 4,
            refused: 6,
            tested: 60,
            value: 100,
            beyond: 2,
            length: 50,
            argument_length: 60,
            profile: None,
        }
    }
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
pub(crate) fn plan(rules: &RuleSet, lowering: Lowering, weights: Weights<'_>) -> DecisionTree {
    let steps = arguments::ALL_STEPS;
    // Twice the tests that numbers which stand alone take: to grow takes longer than to be large.
    let room = 2 * rules.abis.iter().map(|abi| abi.rules.len()).sum::<usize>();
    let known = HashMap::with_capacity(room);
    let mut tests = rules.abis.iter().flat_map(|abi| &abi.rules).flat_map(|rule| &rule.conditions);
    let words = if tests.any(|test| test.mask >> 32 != 0) { 2 } else { 1 };
    let (verdicts, outcomes) = (Vec::new(), HashMap::new());
    let mut planner = Planner {
        nodes: Vec::new(),
        known,
        verdicts,
        outcomes,
        lowering,
        weights,
        shares: Vec::new(),
        words,
        steps,
    };
    if let (Some(profile), Some(native)) = (weights.profile, rules.abis.first()) {
        planner.shares = profile.shares(native.architecture);
    }
    let foreign = planner.verdict(rules.foreign);
    let mut root = foreign;
    // The native ABI comes first, and is tested first.
    for audit in rules.audits().into_iter().rev() {
        let numbers = planner.numbers(rules.under(audit), foreign);
        let test = WordTest::Equal { mask: u32::MAX, value: audit };
        root = planner.branch(Word::Arch, test, numbers, root);
    }
    DecisionTree { nodes: planner.nodes, root, endian: rules.endian }
}

struct Planner<'a> {
    nodes: Vec<Node>,
    known: HashMap<Node, NodeId>,
    verdicts: Vec<(Verdict, NodeId)>,
    /// What the tests of a number became, by the first of them as they stand in the rules.
    outcomes: HashMap<NodeId, NodeId>,
    lowering: Lowering,
    weights: Weights<'a>,
    /// What the profile adds to the weight of numbers, in their order.
    shares: Vec<(u32, u64)>,
    /// How many words of a register tests look at.
    words: usize,
    /// How often searches may still look at tests.
    steps: usize,
}

impl Planner<'_> {
    fn node(&mut self, node: Node) -> NodeId {
        *self.known.entry(node).or_insert_with(|| {
            self.nodes.push(node);
            NodeId(self.nodes.len() - 1)
        })
    }

    /// There are few, and they are asked for with every rule.
    fn verdict(&mut self, verdict: Verdict) -> NodeId {
        if let Some((_, known)) = self.verdicts.iter().find(|(known, _)| *known == verdict) {
            return *known;
        }
        let node = self.node(Node::Return(verdict));
        self.verdicts.push((verdict, node));
        node
    }

    fn branch(&mut self, word: Word, test: WordTest, holds: NodeId, fails: NodeId) -> NodeId {
        if holds == fails { holds } else { self.node(Node::Branch { word, test, holds, fails }) }
    }

    /// The tree over the numbers of one audit value.
    fn numbers(&mut self, abis: Vec<&AbiRules>, foreign: NodeId) -> NodeId {
        let mut ranges = Ranges::new(foreign);
        let mut before = None;
        for abi in abis {
            let differs = before.is_some_and(|before| before != abi.default);
            ranges.plain.borders += usize::from(differs) + usize::from(abi.newer != abi.default);
            before = Some(abi.newer);
            self.abi(abi, &mut ranges);
            ranges.begin(u64::from(*abi.numbers().end()) + 1, foreign);
        }
        let allow = self.verdict(Verdict::Allow);
        let plain = ranges.plain;
        let ranges = ranges.weighed(&self.weights, &self.shares, allow);
        self.number(&ranges, plain)
    }

    fn abi(&mut self, abi: &AbiRules, ranges: &mut Ranges) {
        let default = self.verdict(abi.default);
        let newer = self.verdict(abi.newer);
        let allow = self.verdict(Verdict::Allow);
        let (first, end) = (abi.architecture.first, abi.architecture.end);
        let otherwise = |number: u64| if number < end.into() { default } else { newer };
        ranges.begin((*abi.numbers().start()).into(), default);
        // An ABI without rules is there to be refused; how soon does not matter.
        if !abi.rules.is_empty() {
            ranges.table(first, end);
        }
        let mut ended = false;
        for rules in abi.by_number().chunk_by(|a, b| a.number == b.number) {
            let number = rules[0].number;
            if number >= end && !ended {
                ranges.begin(end.into(), newer);
                ended = true;
            }
            let outcome = self.outcome(rules, otherwise(number.into()));
            ranges.begin(number.into(), outcome);
            if outcome != otherwise(number.into()) {
                ranges.list(number, outcome, allow);
            }
            if !matches!(self.nodes[outcome.0], Node::Return(_)) {
                ranges.tested(number, self.size(outcome).longest);
                let tests = rules.iter().map(|rule| rule.conditions.len()).sum::<usize>();
                ranges.plain.words += tests * self.words;
            }
            ranges.begin(u64::from(number) + 1, otherwise(u64::from(number) + 1));
        }
        if !ended {
            ranges.begin(end.into(), newer);
        }
    }
}

/// The numbers from 0 on, as ranges of equal outcome under way.
struct Ranges {
    starts: Vec<(u64, NodeId)>,
    tables: Vec<(u32, u32)>,
    /// Numbers whose arguments are tested, in order, and the longest way through their tests.
    tested: Vec<(u32, u64)>,
    /// How many listed numbers in a row have one outcome, that outcome, and the number next to the last.
    row: (usize, NodeId, u64),
    plain: Plain,
}

impl Ranges {
    fn new(outcome: NodeId) -> Self {
        let (starts, tables, tested) = (vec![(0, outcome)], Vec::new(), Vec::new());
        Self { starts, tables, tested, row: (0, outcome, 0), plain: Plain::default() }
    }

    /// From here on the outcome is another; a later word on the same start counts.
    fn begin(&mut self, start: u64, outcome: NodeId) {
        if self.starts.last().is_some_and(|(last, _)| *last == start) {
            self.starts.pop();
        }
        if self.starts.last().is_none_or(|(_, last)| *last != outcome) {
            self.starts.push((start, outcome));
        }
    }

    /// Numbers that calls of a table have.
    fn table(&mut self, first: u32, end: u32) {
        self.tables.push((first, end));
    }

    /// A number whose arguments are tested.
    fn tested(&mut self, number: u32, longest: usize) {
        self.tested.push((number, longest as u64));
    }

    /// A number that has an answer of its own, which takes a test in a chain. Several in a row that are allowed take two,
    /// or one if they begin at 0; the kernel's cache answers those, so a test more for others is worth it.
    fn list(&mut self, number: u32, outcome: NodeId, allow: NodeId) {
        let (length, of, next) = self.row;
        let length = if (of, next) == (outcome, number.into()) { length + 1 } else { 1 };
        self.row = (length, outcome, u64::from(number) + 1);
        self.plain.listed += usize::from(outcome != allow || length == 1 || length == 2 && number != 1);
    }

    fn weighed(self, weights: &Weights<'_>, shares: &[(u32, u64)], allow: NodeId) -> Vec<Range> {
        let end = 1 << 32;
        let mut tested = self.tested.iter().peekable();
        let mut shares = shares.iter().peekable();
        let mut ranges = Vec::with_capacity(self.starts.len());
        for (at, (start, outcome)) in self.starts.iter().copied().enumerate() {
            if start >= end {
                break;
            }
            let end = self.starts.get(at + 1).map_or(end, |(next, _)| *next);
            let within = |(first, last): &(u32, u32)| {
                u64::from(*last).min(end).saturating_sub(u64::from(*first).max(start))
            };
            let known: u64 = self.tables.iter().map(within).sum();
            let each = if outcome == allow { weights.allowed } else { weights.refused };
            let mut weight = known * each;
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
