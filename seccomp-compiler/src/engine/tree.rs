//! The decision tree: tests of words of a call, each leading to one of two others, down to verdicts. Equal parts are
//! one node, so it is a directed acyclic graph.

use std::collections::HashMap;

use crate::engine::program::Word;
use crate::engine::rules::Verdict;
use crate::kernel::architecture::Endian;

/// A finished tree.
#[derive(Debug)]
pub(crate) struct DecisionTree {
    pub(crate) nodes: Nodes,
    /// Where a call begins.
    pub(crate) root: NodeId,
    pub(crate) endian: Endian,
}

/// Nodes, each once. Children come before their parents.
#[derive(Debug)]
pub(crate) struct Nodes {
    nodes: Vec<Node>,
    ids: HashMap<Node, NodeId>,
    /// The returns, which are few and asked for with every rule.
    verdicts: Vec<(Verdict, NodeId)>,
}

/// A node, by its index among all.
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

impl NodeId {
    pub(crate) const fn new(index: usize) -> Self {
        Self(index)
    }

    pub(crate) const fn index(self) -> usize {
        self.0
    }
}

impl WordTest {
    pub(crate) fn holds(self, word: u64) -> bool {
        match self {
            Self::Equal { mask, value } => word & u64::from(mask) == value.into(),
            Self::AtLeast { mask, value } => word & u64::from(mask) >= value.into(),
            Self::AnyBit { bits } => word & u64::from(bits) != 0,
        }
    }
}

impl Nodes {
    /// A store with room for this many nodes, since growing takes longer than being large.
    pub(crate) fn with_capacity(room: usize) -> Self {
        Self { nodes: Vec::new(), ids: HashMap::with_capacity(room), verdicts: Vec::new() }
    }

    pub(crate) fn get(&self, id: NodeId) -> Node {
        self.nodes[id.0]
    }

    /// How many nodes there are; each has an index below that.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn is_return(&self, id: NodeId) -> bool {
        matches!(self.get(id), Node::Return(_))
    }

    fn add(&mut self, node: Node) -> NodeId {
        *self.ids.entry(node).or_insert_with(|| {
            self.nodes.push(node);
            NodeId(self.nodes.len() - 1)
        })
    }

    pub(crate) fn verdict(&mut self, verdict: Verdict) -> NodeId {
        if let Some((_, id)) = self.verdicts.iter().find(|(known, _)| *known == verdict) {
            return *id;
        }
        let id = self.add(Node::Return(verdict));
        self.verdicts.push((verdict, id));
        id
    }

    pub(crate) fn branch(&mut self, word: Word, test: WordTest, holds: NodeId, fails: NodeId) -> NodeId {
        if holds == fails { holds } else { self.add(Node::Branch { word, test, holds, fails }) }
    }

    /// `holds` where the word is this value.
    pub(crate) fn equal(&mut self, word: Word, value: u64, holds: NodeId, fails: NodeId) -> NodeId {
        let value = u32::try_from(value).unwrap_or(u32::MAX);
        self.branch(word, WordTest::Equal { mask: u32::MAX, value }, holds, fails)
    }

    /// `holds` from this value on.
    pub(crate) fn at_least(&mut self, word: Word, value: u64, holds: NodeId, fails: NodeId) -> NodeId {
        let value = u32::try_from(value).unwrap_or(u32::MAX);
        // Where a side is split by itself so that its near part is the other side already, that split is enough.
        match (self.split(word, holds), self.split(word, fails)) {
            (Some((above, _, lower)), _) if above > value && lower == fails => holds,
            (_, Some((below, upper, _))) if below < value && upper == holds => fails,
            _ => self.branch(word, WordTest::AtLeast { mask: u32::MAX, value }, holds, fails),
        }
    }

    /// The value from which on a node leads to the first of two others, and before it to the second.
    fn split(&self, word: Word, node: NodeId) -> Option<(u32, NodeId, NodeId)> {
        match self.get(node) {
            Node::Branch {
                word: tested,
                test: WordTest::AtLeast { mask: u32::MAX, value },
                holds,
                fails,
            } if tested == word => Some((value, holds, fails)),
            _ => None,
        }
    }

    /// How large the tests from a node on are.
    pub(crate) fn size(&self, node: NodeId) -> Size {
        // Children come before their parents, so their longest paths are known by then.
        let tests = self.below(node);
        let mut longest = vec![0; node.0 + 1];
        for test in &tests {
            let Node::Branch { word, holds, fails, .. } = self.get(*test) else { continue };
            let path = |next: NodeId| match self.get(next) {
                Node::Return(_) => 0,
                Node::Branch { word: then, .. } => longest[next.0] + usize::from(then != word),
            };
            longest[test.0] = 1 + path(holds).max(path(fails));
        }
        Size { tests: tests.len(), longest: 1 + longest[node.0] }
    }

    /// The tests from a node on, in the order of their indices.
    pub(crate) fn below(&self, node: NodeId) -> Vec<NodeId> {
        let (mut pending, mut lowest) = (vec![node], node.0);
        let mut seen = vec![false; node.0 + 1];
        while let Some(node) = pending.pop() {
            let Node::Branch { holds, fails, .. } = self.get(node) else { continue };
            if !core::mem::replace(&mut seen[node.0], true) {
                lowest = lowest.min(node.0);
                pending.extend([holds, fails]);
            }
        }
        // A scan of the indices takes less than a sort.
        (lowest..seen.len()).filter(|index| seen[*index]).map(NodeId).collect()
    }
}

/// How large some tests are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) tests: usize,
    /// Instructions on the longest path, with a load before the first test and without the return.
    pub(crate) longest: usize,
}

impl Size {
    /// How many more tests a path shorter by one is worth.
    const DEPTH: usize = 4;

    pub(crate) const fn cost(self) -> usize {
        self.tests + Self::DEPTH * self.longest
    }
}
