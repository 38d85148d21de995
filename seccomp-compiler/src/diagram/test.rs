//! Tests of words: their bits one after the other, or the whole of them as one bit.

use super::{LEAF, OverBudget, Relation, WORD_BITS};

/// A word under a mask, compared with a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Test {
    pub(super) word: u16,
    pub(super) mask: u32,
    pub(super) relation: Relation,
    pub(super) value: u32,
}

/// The bit of an atom: the same test has the same one.
pub(super) fn atom_bit(atoms: &mut Vec<Test>, test: Test) -> Result<u16, OverBudget> {
    let at = atoms.iter().position(|known| *known == test).unwrap_or_else(|| {
        atoms.push(test);
        atoms.len() - 1
    });
    u16::try_from(at)
        .ok()
        .and_then(|at| at.checked_add(FIRST_ATOM))
        .filter(|bit| *bit < LEAF)
        .ok_or(OverBudget)
}

/// Atoms come after the bits of the audit value and the number.
const FIRST_ATOM: u16 = 2 * WORD_BITS;

/// A test in the one form that all tests of the same meaning share.
pub(super) enum Normal {
    Always,
    Never,
    /// The test, and whether it is to hold.
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

    pub(super) fn bit(&self, position: u16) -> u32 {
        1 << (WORD_BITS - 1 - position)
    }

    /// The next position that matters: one under the mask, or one where the constant has a bit that the mask hides.
    pub(super) fn next(&self, position: u16) -> Option<u16> {
        (position..WORD_BITS).find(|position| (self.mask | self.value) & self.bit(*position) != 0)
    }

    /// The constant has a bit that the masked word cannot have: it is smaller, and not equal.
    pub(super) fn impossible_at(&self, position: u16) -> bool {
        self.mask & self.bit(position) == 0
    }
}
