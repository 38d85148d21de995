//! Atoms: tests of words that are taken as a whole, as one bit each.

use super::table::Triples;
use super::{Relation, WORD_BITS};

/// A word under a mask, compared with a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Test {
    pub(super) word: u32,
    pub(super) mask: u32,
    pub(super) relation: Relation,
    pub(super) value: u32,
}

/// The bit that stands for an atom; equal tests share it.
pub(super) fn atom_bit(atoms: &mut Triples, test: Test) -> u32 {
    let Test { word, mask, relation, value } = test;
    let at_least = relation == Relation::AtLeast;
    let key = [2 * word + u32::from(at_least), mask, value];
    FIRST_ATOM + atoms.find(key).unwrap_or_else(|slot| atoms.add(slot, key))
}

/// Atoms come after the bits of the audit architecture and the number.
const FIRST_ATOM: u32 = 2 * WORD_BITS;

/// A test in normal form: tests with the same meaning have the same one.
pub(super) enum Normal {
    Always,
    Never,
    /// The test, and whether it must hold.
    Test(Test, bool),
}

impl Test {
    pub(super) fn normal(self) -> Normal {
        let Self { mask, relation, value, .. } = self;
        let is_zero = Self { relation: Relation::Equal, value: 0, ..self };
        match relation {
            Relation::Equal if value & !mask != 0 => Normal::Never,
            Relation::Equal if mask == 0 => Normal::Always,
            Relation::Equal if value == mask && mask.is_power_of_two() => Normal::Test(is_zero, false),
            Relation::AtLeast if value == 0 => Normal::Always,
            Relation::AtLeast if value > mask => Normal::Never,
            Relation::AtLeast if value == 1 => Normal::Test(is_zero, false),
            Relation::AtLeast if value == mask => {
                Normal::Test(Self { relation: Relation::Equal, ..self }, true)
            }
            Relation::Equal | Relation::AtLeast => Normal::Test(self, true),
        }
    }
}
