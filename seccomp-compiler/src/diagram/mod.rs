//! Decision diagrams over the bits of a call: the same function is the same node.
//!
//! A node tests one bit and has a child for either value; leaves are answers. Along every path the bits come in one
//! fixed order, no node has two equal children, and no two nodes are alike. Under these three rules each function of
//! the bits has exactly one diagram (Bryant 1986), so two functions are equal if and only if they are one node.
//!
//! The bits in order: the audit value, the number, the instruction pointer and the arguments, of each 64-bit value
//! the high word first, of each word the most significant bit first.

mod table;
mod test;
#[cfg(test)]
mod tests;

use self::table::{Memo, Slots, hash};
use self::test::{Normal, Test, atom_bit};
use crate::program::Word;
use crate::rules::{Call, Verdict};

/// A function of the bits of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Id(u32);

/// How a word is compared with a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    Equal,
    AtLeast,
}

/// What a leaf says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaf {
    Answer(Verdict),
    /// No rule has matched yet.
    Undecided,
    /// No such call exists.
    Impossible,
}

/// The diagrams would take more than they may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OverBudget;

/// What building may cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    pub(crate) nodes: usize,
    pub(crate) steps: usize,
}

/// The bit that a node tests, from 0 on; leaves come after all bits.
const LEAF: u16 = u16::MAX;
const WORD_BITS: u16 = 32;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Node {
    bit: u16,
    zero: u32,
    one: u32,
}

impl Node {
    fn hash(self) -> u64 {
        hash(u32::from(self.bit), self.zero, self.one)
    }
}

/// A store of diagrams that share their nodes.
pub(crate) struct Diagrams {
    nodes: Vec<Node>,
    unique: Slots,
    memo: Memo,
    budget: Budget,
    steps: usize,
    /// The tests that stand for bits of their own; `None` where the bits of the words are looked at.
    atoms: Option<Vec<Test>>,
}

impl Diagrams {
    pub(crate) fn new(budget: Budget) -> Self {
        let nodes = Vec::with_capacity(4096);
        Self { nodes, unique: Slots::new(8192), memo: Memo::default(), budget, steps: 0, atoms: None }
    }

    /// A store in which each different test of an argument is one bit, whatever it compares.
    ///
    /// Every call gives each of these bits a value, so functions that are one node here are equal on all calls. Unequal
    /// nodes prove nothing, as some values of the bits belong to no call. It takes little where the bits of the words
    /// take too much, as for masks that pair distant bits.
    pub(crate) fn of_atoms(budget: Budget) -> Self {
        Self { atoms: Some(Vec::new()), ..Self::new(budget) }
    }

    /// How many nodes there are.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn leaf(&mut self, leaf: Leaf) -> Result<Id, OverBudget> {
        let (kind, value) = match leaf {
            Leaf::Answer(verdict) => (0, verdict.return_value()),
            Leaf::Undecided => (1, 0),
            Leaf::Impossible => (2, 0),
        };
        self.intern(Node { bit: LEAF, zero: value, one: kind })
    }

    /// What a leaf says; `None` for a node that is none.
    pub(crate) fn as_leaf(&self, id: Id) -> Option<Leaf> {
        match self.node(id) {
            Node { bit: LEAF, zero: value, one: 0 } => Some(Leaf::Answer(Verdict::from_return_value(value))),
            Node { bit: LEAF, one: 1, .. } => Some(Leaf::Undecided),
            Node { bit: LEAF, .. } => Some(Leaf::Impossible),
            _ => None,
        }
    }

    /// `yes` where `(word & mask) relation value`, else `no`.
    pub(crate) fn branch(
        &mut self,
        word: Word,
        mask: u32,
        relation: Relation,
        value: u32,
        yes: Id,
        no: Id,
    ) -> Result<Id, OverBudget> {
        self.memo.clear();
        let test = Test { word: index(word) * WORD_BITS, mask, relation, value };
        match &mut self.atoms {
            Some(atoms) if test.word > index(Word::Number) * WORD_BITS => match test.normal() {
                Normal::Always => Ok(yes),
                Normal::Never => Ok(no),
                Normal::Test(atom, expected) => {
                    let bit = atom_bit(atoms, atom)?;
                    let (yes, no) = if expected { (yes, no) } else { (no, yes) };
                    self.choose(bit, yes, no)
                }
            },
            _ => self.test(test, 0, yes, no),
        }
    }

    /// `yes` where a bit is set, else `no`; either may look at bits before it.
    fn choose(&mut self, bit: u16, yes: Id, no: Id) -> Result<Id, OverBudget> {
        if yes == no {
            return Ok(yes);
        }
        self.step()?;
        let top = self.node(yes).bit.min(self.node(no).bit);
        if top >= bit {
            let ((_, yes), (no, _)) = (self.cofactors(yes, bit), self.cofactors(no, bit));
            return self.make(bit, no, yes);
        }
        let key = (0, yes.0, no.0);
        if let Some(known) = self.memo.get(key) {
            return Ok(known);
        }
        let ((yes0, yes1), (no0, no1)) = (self.cofactors(yes, top), self.cofactors(no, top));
        let (zero, one) = (self.choose(bit, yes0, no0)?, self.choose(bit, yes1, no1)?);
        let made = self.make(top, zero, one)?;
        self.memo.insert(key, made);
        Ok(made)
    }

    /// The test of the bits from `position` on, all higher ones having been equal.
    fn test(&mut self, test: Test, position: u16, yes: Id, no: Id) -> Result<Id, OverBudget> {
        if yes == no {
            return Ok(yes);
        }
        self.step()?;
        let Some(position) = test.next(position) else { return Ok(yes) };
        if test.impossible_at(position) {
            return Ok(no);
        }
        let tested = test.word + position;
        let top = self.node(yes).bit.min(self.node(no).bit);
        if top < tested {
            return self.test_below(test, position, top, yes, no);
        }
        let (yes, no) = (self.cofactors(yes, tested), self.cofactors(no, tested));
        let wanted = test.value & test.bit(position) != 0;
        let rest = |one: bool| if one { (yes.1, no.1) } else { (yes.0, no.0) };
        let (rest_yes, rest_no) = rest(wanted);
        let equal = self.test(test, position + 1, rest_yes, rest_no)?;
        let (other_yes, other_no) = rest(!wanted);
        // A bit that is set where the constant has none makes the word greater.
        let differs = if test.relation == Relation::AtLeast && !wanted { other_yes } else { other_no };
        if wanted { self.make(tested, differs, equal) } else { self.make(tested, equal, differs) }
    }

    /// The test below a bit that it does not look at, but its outcomes do.
    fn test_below(&mut self, test: Test, position: u16, top: u16, yes: Id, no: Id) -> Result<Id, OverBudget> {
        let key = (u32::from(position), yes.0, no.0);
        if let Some(known) = self.memo.get(key) {
            return Ok(known);
        }
        let (yes0, yes1) = self.cofactors(yes, top);
        let (no0, no1) = self.cofactors(no, top);
        let zero = self.test(test, position, yes0, no0)?;
        let one = self.test(test, position, yes1, no1)?;
        let made = self.make(top, zero, one)?;
        self.memo.insert(key, made);
        Ok(made)
    }

    /// `first` where it is decided, else `then`.
    pub(crate) fn or_else(&mut self, first: Id, then: Id) -> Result<Id, OverBudget> {
        self.memo.clear();
        self.decided_or(first, then)
    }

    fn decided_or(&mut self, first: Id, then: Id) -> Result<Id, OverBudget> {
        self.step()?;
        match self.as_leaf(first) {
            Some(Leaf::Undecided) => return Ok(then),
            Some(_) => return Ok(first),
            None => {}
        }
        let key = (0, first.0, then.0);
        if let Some(known) = self.memo.get(key) {
            return Ok(known);
        }
        let top = self.node(first).bit.min(self.node(then).bit);
        let (first0, first1) = self.cofactors(first, top);
        let (then0, then1) = self.cofactors(then, top);
        let zero = self.decided_or(first0, then0)?;
        let one = self.decided_or(first1, then1)?;
        let made = self.make(top, zero, one)?;
        self.memo.insert(key, made);
        Ok(made)
    }

    /// The function that for a value of `word` is that of the last piece starting at or below it. The first piece
    /// starts at 0, and no piece looks at `word` or at what comes before it.
    pub(crate) fn pieces(&mut self, word: Word, pieces: &[(u64, Id)]) -> Result<Id, OverBudget> {
        self.pieces_from(index(word) * WORD_BITS, WORD_BITS, 0, pieces)
    }

    fn pieces_from(
        &mut self,
        word: u16,
        bits: u16,
        start: u64,
        pieces: &[(u64, Id)],
    ) -> Result<Id, OverBudget> {
        self.step()?;
        let end = start + (1 << bits);
        let first = pieces.partition_point(|(at, _)| *at <= start).saturating_sub(1);
        let last = pieces.partition_point(|(at, _)| *at < end);
        let pieces = &pieces[first..last];
        if let [(_, only)] = pieces {
            return Ok(*only);
        }
        let zero = self.pieces_from(word, bits - 1, start, pieces)?;
        let one = self.pieces_from(word, bits - 1, start + (1 << (bits - 1)), pieces)?;
        self.make(word + WORD_BITS - bits, zero, one)
    }

    /// A call on which two functions differ, and what each says of it. None where they are equal.
    pub(crate) fn witness(&self, a: Id, b: Id) -> Option<(Call, Leaf, Leaf)> {
        let (mut a, mut b) = (a, b);
        let mut words = [0_u32; 16];
        while a != b {
            let (Node { bit: bit_a, .. }, Node { bit: bit_b, .. }) = (self.node(a), self.node(b));
            let top = bit_a.min(bit_b);
            if top == LEAF {
                return Some((call(&words), self.as_leaf(a)?, self.as_leaf(b)?));
            }
            let (a0, a1) = self.cofactors(a, top);
            let (b0, b1) = self.cofactors(b, top);
            // Unequal functions have unequal diagrams, and so differ in one of the two halves.
            if a0 != b0 {
                (a, b) = (a0, b0);
            } else {
                words[usize::from(top / WORD_BITS)] |= 1 << (WORD_BITS - 1 - top % WORD_BITS);
                (a, b) = (a1, b1);
            }
        }
        None
    }

    /// The function that is left when the audit value is known.
    pub(crate) fn given_arch(&self, id: Id, arch: u32) -> Id {
        let mut id = id;
        loop {
            let Node { bit, zero, one } = self.node(id);
            if bit >= WORD_BITS {
                return id;
            }
            let set = arch & 1 << (WORD_BITS - 1 - bit) != 0;
            id = Id(if set { one } else { zero });
        }
    }

    /// The reverse of [`pieces`](Self::pieces) for the number: where each function of the arguments begins.
    pub(crate) fn by_number(&self, id: Id) -> Vec<(u64, Id)> {
        let mut pieces: Vec<(u64, Id)> = Vec::new();
        let mut pending = vec![(id, WORD_BITS, 0_u64)];
        while let Some((id, bits, start)) = pending.pop() {
            let Node { bit, zero, one } = self.node(id);
            if bit >= 2 * WORD_BITS {
                if pieces.last().is_none_or(|(_, last)| *last != id) {
                    pieces.push((start, id));
                }
                continue;
            }
            // Bits that the function does not look at leave both halves alike.
            let (zero, one) = if bit == 2 * WORD_BITS - bits { (Id(zero), Id(one)) } else { (id, id) };
            let half = 1 << (bits - 1);
            pending.push((one, bits - 1, start + half));
            pending.push((zero, bits - 1, start));
        }
        pieces
    }

    fn node(&self, id: Id) -> Node {
        self.nodes[id.0 as usize]
    }

    /// The function where a bit is 0, and where it is 1. The bit is the function's first or comes before it.
    fn cofactors(&self, id: Id, bit: u16) -> (Id, Id) {
        let node = self.node(id);
        if node.bit == bit { (Id(node.zero), Id(node.one)) } else { (id, id) }
    }

    fn make(&mut self, bit: u16, zero: Id, one: Id) -> Result<Id, OverBudget> {
        if zero == one { Ok(zero) } else { self.intern(Node { bit, zero: zero.0, one: one.0 }) }
    }

    fn intern(&mut self, node: Node) -> Result<Id, OverBudget> {
        let nodes = &self.nodes;
        let slot = match self.unique.find(node.hash(), |id| nodes[id as usize] == node) {
            Ok(id) => return Ok(Id(id)),
            Err(slot) => slot,
        };
        if self.nodes.len() >= self.budget.nodes {
            return Err(OverBudget);
        }
        let id = u32::try_from(self.nodes.len()).map_err(|_| OverBudget)?;
        self.nodes.push(node);
        let nodes = &self.nodes;
        self.unique.fill(slot, id, |id| nodes[id as usize].hash());
        Ok(Id(id))
    }

    fn step(&mut self) -> Result<(), OverBudget> {
        self.steps += 1;
        if self.steps > self.budget.steps { Err(OverBudget) } else { Ok(()) }
    }
}

/// A word's place in the order.
fn index(word: Word) -> u16 {
    match word {
        Word::Arch => 0,
        Word::Number => 1,
        Word::PointerHigh => 2,
        Word::PointerLow => 3,
        Word::High(argument) => 4 + 2 * u16::from(argument),
        Word::Low(argument) => 5 + 2 * u16::from(argument),
    }
}

fn call(words: &[u32; 16]) -> Call {
    let double = |high: usize| u64::from(words[high]) << 32 | u64::from(words[high + 1]);
    Call {
        arch: words[0],
        number: words[1],
        instruction_pointer: double(2),
        arguments: [4, 6, 8, 10, 12, 14].map(double),
    }
}
