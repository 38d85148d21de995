//! [`DecisionTree`] to [`Program`]: a line of instructions in which every jump reaches.
//!
//! Code is laid out backwards, children before their parents, so that when a jump is written its targets are known.
//! A conditional jump skips at most 255 instructions; where a target is farther, a copy of the answer or one
//! unconditional jump is put within reach and serves every later jump to the same place.

use crate::engine::program::{Instruction, MAX_INSTRUCTIONS, Program, Word, opcode};
use crate::engine::tree::{DecisionTree, Node, NodeId, WordTest};

/// The program would have more instructions than the kernel accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong {
    pub(crate) instructions: usize,
}

/// The program of a tree.
pub(crate) fn assemble(tree: &DecisionTree) -> Result<Program, TooLong> {
    let order = order(tree);
    let mut assembler = Assembler {
        tree,
        reversed: Vec::new(),
        entries: vec![Entries::default(); tree.nodes.len()],
        loads: loads(tree, &order),
    };
    for node in order {
        assembler.emit(node);
    }
    let mut instructions = assembler.reversed;
    instructions.reverse();
    if instructions.len() > MAX_INSTRUCTIONS {
        return Err(TooLong { instructions: instructions.len() });
    }
    Ok(Program { instructions, endian: tree.endian })
}

/// The reachable nodes, children before parents, the larger side of a branch first, so that the smaller one is near.
fn order(tree: &DecisionTree) -> Vec<NodeId> {
    let mut sizes = vec![1_usize; tree.nodes.len()];
    for index in 0..tree.nodes.len() {
        if let Some((holds, fails)) = children(tree, index) {
            sizes[index] = sizes[holds.index()].saturating_add(sizes[fails.index()]).saturating_add(1);
        }
    }
    let mut ordered = Vec::new();
    let mut visited = vec![false; tree.nodes.len()];
    let mut pending = vec![(tree.root, false)];
    while let Some((id, children_done)) = pending.pop() {
        if children_done {
            ordered.push(id);
        } else if !core::mem::replace(&mut visited[id.index()], true) {
            pending.push((id, true));
            if let Some((holds, fails)) = children(tree, id.index()) {
                let holds_larger = sizes[holds.index()] >= sizes[fails.index()];
                let (larger, smaller) = if holds_larger { (holds, fails) } else { (fails, holds) };
                // The one pushed last is emitted first, and so is farthest.
                pending.push((smaller, false));
                pending.push((larger, false));
            }
        }
    }
    ordered
}

fn children(tree: &DecisionTree, index: usize) -> Option<(NodeId, NodeId)> {
    match tree.nodes.get(NodeId::new(index)) {
        Node::Return(_) => None,
        Node::Branch { holds, fails, .. } => Some((holds, fails)),
    }
}

/// The nodes that some path enters without their word in the accumulator.
fn loads(tree: &DecisionTree, reachable: &[NodeId]) -> Vec<bool> {
    let mut loads = vec![false; tree.nodes.len()];
    loads[tree.root.index()] = true;
    for node in reachable {
        let held = left_by(tree, node.index());
        for child in children(tree, node.index()).into_iter().flat_map(<[NodeId; 2]>::from) {
            loads[child.index()] |= held.is_none() || held != word(tree, child);
        }
    }
    loads
}

/// The word that a node tests.
fn word(tree: &DecisionTree, id: NodeId) -> Option<Word> {
    match tree.nodes.get(id) {
        Node::Return(_) => None,
        Node::Branch { word, .. } => Some(word),
    }
}

/// The word that is in the accumulator after a node; `None` where a mask was applied to it.
fn left_by(tree: &DecisionTree, index: usize) -> Option<Word> {
    match tree.nodes.get(NodeId::new(index)) {
        Node::Branch { word, test, .. } if mask(test) == u32::MAX => Some(word),
        _ => None,
    }
}

/// The mask that must be applied to the word before the test.
fn mask(test: WordTest) -> u32 {
    match test {
        WordTest::Equal { mask, .. } | WordTest::AtLeast { mask, .. } => mask,
        WordTest::AnyBit { .. } => u32::MAX,
    }
}

/// How many instructions a conditional jump can skip.
const REACH: usize = 255;

struct Assembler<'a> {
    tree: &'a DecisionTree,
    /// The instructions, the last first. A position is an index here, so jumps lead to lower ones.
    reversed: Vec<Instruction>,
    entries: Vec<Entries>,
    loads: Vec<bool>,
}

/// The nearest positions where a node can be entered.
#[derive(Debug, Clone, Copy, Default)]
struct Entries {
    /// With anything in the accumulator.
    load: Option<usize>,
    /// With the node's word in it.
    loaded: Option<usize>,
}

impl Assembler<'_> {
    fn push(&mut self, code: u16, jt: u8, jf: u8, k: u32) -> usize {
        self.reversed.push(Instruction { code, jt, jf, k });
        self.reversed.len() - 1
    }

    fn emit(&mut self, id: NodeId) {
        let (word, test, holds, fails) = match self.tree.nodes.get(id) {
            Node::Return(verdict) => {
                let at = self.push(opcode::RETURN, 0, 0, verdict.return_value());
                self.entries[id.index()] = Entries { load: Some(at), loaded: Some(at) };
                return;
            }
            Node::Branch { word, test, holds, fails } => (word, test, holds, fails),
        };
        let held = left_by(self.tree, id.index());
        // Bringing one target near moves the other one instruction away.
        self.bring_near(holds, held, usize::from(self.distance(fails, held) > REACH));
        self.bring_near(fails, held, 0);
        let (jt, jf) = (self.skip(holds, held), self.skip(fails, held));
        let (code, k) = match test {
            WordTest::Equal { value, .. } => (opcode::JUMP_EQUAL, value),
            WordTest::AtLeast { value, .. } => (opcode::JUMP_AT_LEAST, value),
            WordTest::AnyBit { bits } => (opcode::JUMP_ANY_BIT, bits),
        };
        let mut first = self.push(code, jt, jf, k);
        if mask(test) != u32::MAX {
            first = self.push(opcode::AND, 0, 0, mask(test));
        }
        self.entries[id.index()].loaded = Some(first);
        if self.loads[id.index()] {
            let load = self.push(opcode::LOAD, 0, 0, word.offset(self.tree.endian));
            self.entries[id.index()].load = Some(load);
        }
    }

    /// The position where a jump enters a node, with `held` in the accumulator.
    fn entry(&self, id: NodeId, held: Option<Word>) -> usize {
        let entries = self.entries[id.index()];
        let loaded = held.is_some() && held == word(self.tree, id);
        let entry = if loaded { entries.loaded } else { entries.load };
        entry.unwrap_or_default()
    }

    /// How many instructions lie between the next one and the target's entry.
    fn distance(&self, id: NodeId, held: Option<Word>) -> usize {
        self.reversed.len() - 1 - self.entry(id, held)
    }

    fn skip(&self, id: NodeId, held: Option<Word>) -> u8 {
        u8::try_from(self.distance(id, held)).unwrap_or(u8::MAX)
    }

    fn bring_near(&mut self, id: NodeId, held: Option<Word>, spare: usize) {
        let distance = self.distance(id, held);
        if distance + spare <= REACH {
            return;
        }
        let entry = match self.tree.nodes.get(id) {
            Node::Return(verdict) => self.push(opcode::RETURN, 0, 0, verdict.return_value()),
            Node::Branch { .. } => {
                // An unconditional jump reaches anywhere, so it need not lead to another one.
                let nearest = self.reversed[self.entry(id, held)];
                let on = if nearest.code == opcode::JUMP { nearest.k as usize + 1 } else { 0 };
                self.push(opcode::JUMP, 0, 0, u32::try_from(distance + on).unwrap_or(u32::MAX))
            }
        };
        let entries = &mut self.entries[id.index()];
        match self.tree.nodes.get(id) {
            Node::Return(_) => *entries = Entries { load: Some(entry), loaded: Some(entry) },
            Node::Branch { word, .. } if held == Some(word) => entries.loaded = Some(entry),
            Node::Branch { .. } => entries.load = Some(entry),
        }
    }
}
