//! Reduced ordered binary decision diagrams over the bits of a call: equal functions are the same node.
//!
//! A node tests one bit and has a child for either value; leaves are answers. Along every path the bits come in one
//! fixed order, no node has two equal children, and no two nodes are equal (they are hash-consed). Under these three
//! rules each function of the bits has exactly one diagram (Bryant 1986), so two functions are equal if and only if
//! they are the same node.
//!
//! The bits in order: the audit architecture, the number, the instruction pointer and the arguments, of each 64-bit
//! value the high word first, of each word the most significant bit first.

mod atom;
mod pieces;
mod read;
mod table;
#[cfg(test)]
mod tests;

use self::atom::{Normal, Test, atom_bit};
pub(crate) use self::pieces::Pieces;
use self::table::{Memo, Triples};
use crate::engine::program::Word;
use crate::engine::rules::Verdict;

/// A function of the bits of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Id(u32);

/// How a word is compared with a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    Equal,
    AtLeast,
}

impl Relation {
    pub(crate) fn holds(self, word: u32, value: u32) -> bool {
        match self {
            Self::Equal => word == value,
            Self::AtLeast => word >= value,
        }
    }
}

/// What a leaf says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaf {
    Answer(Verdict),
    /// No rule has matched yet.
    Undecided,
}

/// Diagrams would exceed their budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverBudget;

impl core::fmt::Display for OverBudget {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the conditions are too entangled to be followed within the budget")
    }
}

impl core::error::Error for OverBudget {}

/// What building diagrams may cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    pub(crate) nodes: usize,
    pub(crate) steps: usize,
}

/// The bit that a node tests, from 0 on; leaves come after all bits.
const LEAF: u32 = u32::MAX;
const WORD_BITS: u32 = 32;
/// The bit of a word that comes first.
const FIRST: u32 = 1 << 31;

#[derive(Debug, Clone, Copy)]
struct Node {
    bit: u32,
    zero: Id,
    one: Id,
}

impl Node {
    /// The function where a bit is 0. The bit is this node's or comes before it.
    fn zero_at(self, bit: u32, id: Id) -> Id {
        if self.bit == bit { self.zero } else { id }
    }

    /// The function where it is 1.
    fn one_at(self, bit: u32, id: Id) -> Id {
        if self.bit == bit { self.one } else { id }
    }
}

/// A store of diagrams that share their nodes.
pub(crate) struct Diagrams {
    nodes: Triples,
    memo: Memo,
    /// The number of the current operation, for the keys of the memo; the low bits hold the position in a word.
    operation: u32,
    budget: Budget,
    steps: usize,
    /// The tests that have a bit of their own; `None` where diagrams are over the bits of the words.
    atoms: Option<Triples>,
}

impl Diagrams {
    pub(crate) fn new(budget: Budget) -> Self {
        let (nodes, memo) = (Triples::new(1024), Memo::new(512));
        Self { nodes, memo, operation: 0, budget, steps: 0, atoms: None }
    }

    /// A store in which each different test of an argument is one bit, whatever it compares.
    ///
    /// Every call gives each of these bits a value, so functions that are the same node here are equal on all calls.
    /// Different nodes prove nothing, since some values of the bits belong to no call. Diagrams stay small here where
    /// those over the words explode, as for masks that pair distant bits.
    pub(crate) fn of_atoms(budget: Budget) -> Self {
        Self { atoms: Some(Triples::new(64)), ..Self::new(budget) }
    }

    /// How many nodes there are.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn leaf(&mut self, leaf: Leaf) -> Result<Id, OverBudget> {
        let (kind, value) = match leaf {
            Leaf::Answer(verdict) => (0, verdict.return_value()),
            Leaf::Undecided => (1, 0),
        };
        self.intern([LEAF, value, kind])
    }

    /// What a leaf says; `None` for an inner node.
    pub(crate) fn as_leaf(&self, id: Id) -> Option<Leaf> {
        match self.nodes.get(id.0) {
            [LEAF, value, 0] => Some(Leaf::Answer(Verdict::from_return_value(value))),
            [LEAF, ..] => Some(Leaf::Undecided),
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
        self.begin()?;
        let test = Test { word: index(word) * WORD_BITS, mask, relation, value };
        match &mut self.atoms {
            Some(atoms) if test.word > index(Word::Number) * WORD_BITS => match test.normal() {
                Normal::Always => Ok(yes),
                Normal::Never => Ok(no),
                Normal::Test(atom, expected) => {
                    let bit = atom_bit(atoms, atom);
                    let (yes, no) = if expected { (yes, no) } else { (no, yes) };
                    self.choose(bit, yes, no)
                }
            },
            _ => self.test(test, 0, yes, no),
        }
    }

    /// `yes` where a bit is set, else `no`; either may look at bits before it.
    fn choose(&mut self, bit: u32, yes: Id, no: Id) -> Result<Id, OverBudget> {
        if yes == no {
            return Ok(yes);
        }
        self.step()?;
        let (of_yes, of_no) = (self.node(yes), self.node(no));
        let top = of_yes.bit.min(of_no.bit);
        if top >= bit {
            return self.make(bit, of_no.zero_at(bit, no), of_yes.one_at(bit, yes));
        }
        let key = [self.operation, yes.0, no.0];
        if let Some(known) = self.memo.get(key) {
            return Ok(Id(known));
        }
        let zero = self.choose(bit, of_yes.zero_at(top, yes), of_no.zero_at(top, no))?;
        let one = self.choose(bit, of_yes.one_at(top, yes), of_no.one_at(top, no))?;
        self.made(key, top, zero, one)
    }

    /// The test of the bits from `position` on, where all higher ones are equal: goes down to the bit that decides it,
    /// keeping what each bit decides if it differs, and up again.
    fn test(&mut self, test: Test, position: u32, yes: Id, no: Id) -> Result<Id, OverBudget> {
        let (mut position, mut yes, mut no) = (position, yes, no);
        let mut differs = [Id(0); WORD_BITS as usize];
        let mut passed = 0;
        let function = loop {
            if yes == no {
                break yes;
            }
            self.step()?;
            while position < WORD_BITS && (test.mask | test.value) & (FIRST >> position) == 0 {
                position += 1;
            }
            if position == WORD_BITS {
                break yes;
            }
            let here = FIRST >> position;
            // The constant has a bit that the masked word cannot have, so it is greater.
            if test.mask & here == 0 {
                break no;
            }
            let bit = test.word + position;
            let (of_yes, of_no) = (self.node(yes), self.node(no));
            if of_yes.bit < bit || of_no.bit < bit {
                break self.test_below(test, position, yes, no)?;
            }
            passed |= here;
            if test.value & here != 0 {
                differs[position as usize] = of_no.zero_at(bit, no);
                (yes, no) = (of_yes.one_at(bit, yes), of_no.one_at(bit, no));
            } else {
                // A bit that is set where the constant's is not makes the word greater.
                let greater = test.relation == Relation::AtLeast;
                differs[position as usize] =
                    if greater { of_yes.one_at(bit, yes) } else { of_no.one_at(bit, no) };
                (yes, no) = (of_yes.zero_at(bit, yes), of_no.zero_at(bit, no));
            }
            position += 1;
        };
        self.test_above(test, passed, &differs, function)
    }

    /// Makes the nodes of the bits that a test passed, from the last back to the first; `differs` is what each decides.
    fn test_above(&mut self, test: Test, passed: u32, differs: &[Id], below: Id) -> Result<Id, OverBudget> {
        let (mut passed, mut function) = (passed, below);
        while passed != 0 {
            let position = WORD_BITS - 1 - passed.trailing_zeros();
            let here = FIRST >> position;
            let (bit, differs) = (test.word + position, differs[position as usize]);
            function = if test.value & here != 0 {
                self.make(bit, differs, function)?
            } else {
                self.make(bit, function, differs)?
            };
            passed ^= here;
        }
        Ok(function)
    }

    /// The test below a bit that its outcomes depend on, but the test does not.
    fn test_below(&mut self, test: Test, position: u32, yes: Id, no: Id) -> Result<Id, OverBudget> {
        let key = [self.operation + position, yes.0, no.0];
        if let Some(known) = self.memo.get(key) {
            return Ok(Id(known));
        }
        let (of_yes, of_no) = (self.node(yes), self.node(no));
        let top = of_yes.bit.min(of_no.bit);
        let zero = self.test(test, position, of_yes.zero_at(top, yes), of_no.zero_at(top, no))?;
        let one = self.test(test, position, of_yes.one_at(top, yes), of_no.one_at(top, no))?;
        self.made(key, top, zero, one)
    }

    /// `first` where it is decided, `then` elsewhere.
    pub(crate) fn or_else(&mut self, first: Id, then: Id) -> Result<Id, OverBudget> {
        self.begin()?;
        let undecided = self.leaf(Leaf::Undecided)?;
        self.decided_or(undecided, first, then)
    }

    fn decided_or(&mut self, undecided: Id, first: Id, then: Id) -> Result<Id, OverBudget> {
        self.step()?;
        if first == undecided {
            return Ok(then);
        }
        if then == undecided || then == first {
            return Ok(first);
        }
        let of_first = self.node(first);
        if of_first.bit == LEAF {
            return Ok(first);
        }
        let key = [self.operation, first.0, then.0];
        if let Some(known) = self.memo.get(key) {
            return Ok(Id(known));
        }
        let of_then = self.node(then);
        let top = of_first.bit.min(of_then.bit);
        let zero = self.decided_or(undecided, of_first.zero_at(top, first), of_then.zero_at(top, then))?;
        let one = self.decided_or(undecided, of_first.one_at(top, first), of_then.one_at(top, then))?;
        self.made(key, top, zero, one)
    }

    fn node(&self, id: Id) -> Node {
        let [bit, zero, one] = self.nodes.get(id.0);
        Node { bit, zero: Id(zero), one: Id(one) }
    }

    fn make(&mut self, bit: u32, zero: Id, one: Id) -> Result<Id, OverBudget> {
        if zero == one { Ok(zero) } else { self.intern([bit, zero.0, one.0]) }
    }

    /// Makes a node that is the result of an operation.
    fn made(&mut self, key: [u32; 3], bit: u32, zero: Id, one: Id) -> Result<Id, OverBudget> {
        let made = self.make(bit, zero, one)?;
        self.memo.insert(key, made.0);
        Ok(made)
    }

    fn intern(&mut self, node: [u32; 3]) -> Result<Id, OverBudget> {
        match self.nodes.find(node) {
            Ok(known) => Ok(Id(known)),
            Err(_) if self.nodes.len() >= self.budget.nodes => Err(OverBudget),
            Err(slot) => Ok(Id(self.nodes.add(slot, node))),
        }
    }

    /// Begins an operation, whose memoised results are its own.
    fn begin(&mut self) -> Result<(), OverBudget> {
        self.operation += WORD_BITS;
        self.step()
    }

    fn step(&mut self) -> Result<(), OverBudget> {
        self.spend(1)
    }

    /// Counts steps towards the budget.
    pub(crate) fn spend(&mut self, steps: usize) -> Result<(), OverBudget> {
        self.steps += steps;
        if self.steps > self.budget.steps { Err(OverBudget) } else { Ok(()) }
    }
}

/// A word's position in the variable order.
fn index(word: Word) -> u32 {
    match word {
        Word::Arch => 0,
        Word::Number => 1,
        Word::PointerHigh => 2,
        Word::PointerLow => 3,
        Word::High(argument) => 4 + 2 * u32::from(argument),
        Word::Low(argument) => 5 + 2 * u32::from(argument),
    }
}
