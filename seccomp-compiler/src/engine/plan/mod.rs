//! [`RuleSet`] to [`DecisionTree`]: which word to test when, so that every call reaches its verdict soon.
//!
//! Each number's rules become tests of the arguments' words ([`arguments`]). Equal tests are one node, so numbers that
//! are treated alike have one outcome, and neighbours merge into ranges ([`numbers`]). A tree over ranges is the
//! cheapest that a dynamic program finds ([`search`], with the leaves of [`leaf`]); [`length`] bounds it.

mod arguments;
mod facts;
mod flags;
mod leaf;
mod length;
mod numbers;
mod range;
mod search;

use std::collections::HashMap;

use crate::engine::profile::Profile;
use crate::engine::program::Word;
use crate::engine::rules::RuleSet;
use crate::engine::tree::{DecisionTree, NodeId, Nodes, WordTest};

/// How the tests of arguments are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lowering {
    /// The values that a word is compared with are searched, and what a test showed is not tested again.
    Searched,
    /// Rule after rule as they are written, which can be proved where the other is too entangled.
    Plain,
}

/// How much an early decision is worth.
///
/// The kernel answers what is always allowed from its cache, for nothing; but when a filter is installed it runs it
/// once for each number of its table, and kernels before 5.11 have no cache. What is refused or logged, and calls whose
/// arguments are tested, are never cached.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weights<'a> {
    /// Each number of the table that is always allowed.
    pub(crate) allowed: u64,
    /// Each number of the table with any other answer.
    pub(crate) refused: u64,
    /// In addition, each number whose arguments are tested, for every instruction of the longest path through its
    /// tests: a long path behind a number should begin early.
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

/// A tree for these rules.
pub(crate) fn plan(rules: &RuleSet, lowering: Lowering, weights: Weights<'_>) -> DecisionTree {
    // Twice the tests that numbers take whose neighbours have other outcomes.
    let room = 2 * rules.abis.iter().map(|abi| abi.rules.len()).sum::<usize>();
    let mut conditions = rules.abis.iter().flat_map(|abi| &abi.rules).flat_map(|rule| &rule.conditions);
    let native = rules.abis.first().map(|abi| abi.architecture);
    let mut planner = Planner {
        nodes: Nodes::with_capacity(room),
        outcomes: HashMap::new(),
        lowering,
        weights,
        shares: weights.profile.zip(native).map_or(Vec::new(), |(profile, native)| profile.shares(native)),
        words: if conditions.any(|condition| condition.mask >> 32 != 0) { 2 } else { 1 },
        steps: arguments::ALL_STEPS,
    };
    let foreign = planner.nodes.verdict(rules.foreign);
    let mut root = foreign;
    // The native ABI comes first, and is tested first.
    for audit in rules.audits().into_iter().rev() {
        let numbers = planner.numbers(rules.under(audit), foreign);
        let test = WordTest::Equal { mask: u32::MAX, value: audit };
        root = planner.nodes.branch(Word::Arch, test, numbers, root);
    }
    DecisionTree { nodes: planner.nodes, root, endian: rules.endian }
}

struct Planner<'a> {
    nodes: Nodes,
    /// What the tests of a number became, by the first of them as they are in the rules.
    outcomes: HashMap<NodeId, NodeId>,
    lowering: Lowering,
    weights: Weights<'a>,
    /// What the profile adds to the weight of numbers, in their order.
    shares: Vec<(u32, u64)>,
    /// How many words of a register the conditions look at.
    words: usize,
    /// How many more tests searches may look at.
    steps: usize,
}
