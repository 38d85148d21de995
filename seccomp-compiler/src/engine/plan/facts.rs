//! What earlier tests have shown about the words of the arguments, so that it is not tested again.

use crate::engine::program::Word;
use crate::engine::tree::WordTest;

/// What is known on the way to a node.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct WordFacts {
    /// The first and the last value that a word can still have.
    ranges: Vec<(Word, (u64, u64))>,
    /// Tests of some of a word's bits, and whether they held.
    shown: Vec<(Word, WordTest, bool)>,
}

impl WordFacts {
    /// The first and the last value that a word can have.
    pub(super) fn range(&self, word: Word) -> (u64, u64) {
        let known = self.ranges.iter().find(|(of, _)| *of == word);
        known.map_or((0, u32::MAX.into()), |(_, range)| *range)
    }

    pub(super) fn set_range(&mut self, word: Word, range: (u64, u64)) {
        self.ranges.retain(|(of, _)| *of != word);
        if range != (0, u32::MAX.into()) {
            let at = self.ranges.partition_point(|(of, _)| *of < word);
            self.ranges.insert(at, (word, range));
        }
    }

    /// Below a test: it held, or it did not.
    pub(super) fn enter(&mut self, word: Word, test: WordTest, held: bool) {
        self.shown.push((word, test, held));
    }

    /// Above the test that was entered last.
    pub(super) fn leave(&mut self) {
        self.shown.pop();
    }

    /// How many tests were entered and not left.
    pub(super) const fn depth(&self) -> usize {
        self.shown.len()
    }

    /// The outcome of a test, if it is known.
    pub(super) fn decide(&self, word: Word, test: WordTest) -> Option<bool> {
        by_range(test, self.range(word)).or_else(|| self.by_bits(word, test))
    }

    fn by_bits(&self, word: Word, test: WordTest) -> Option<bool> {
        let (mut zeros, mut ones) = (0, 0);
        for (_, shown, held) in self.shown.iter().filter(|(of, ..)| *of == word) {
            if *shown == test {
                return Some(*held);
            }
            let (zero, one) = known_bits(*shown, *held);
            (zeros, ones) = (zeros | zero, ones | one);
        }
        match test {
            WordTest::AnyBit { bits } if bits & ones != 0 => Some(true),
            WordTest::AnyBit { bits } if bits & !zeros == 0 => Some(false),
            WordTest::Equal { mask, value } if value & zeros != 0 || mask & !value & ones != 0 => Some(false),
            WordTest::Equal { mask, value } if value & !ones == 0 && mask & !value & !zeros == 0 => {
                Some(true)
            }
            _ => None,
        }
    }
}

/// The bits that are zero, and those that are one, after a test.
fn known_bits(test: WordTest, held: bool) -> (u32, u32) {
    match (test, held) {
        (WordTest::AnyBit { bits }, false) => (bits, 0),
        (WordTest::AnyBit { bits }, true) if bits.is_power_of_two() => (0, bits),
        (WordTest::Equal { mask, value }, true) => (mask & !value, value),
        _ => (0, 0),
    }
}

/// The outcome of a test if all values from the first to the last give the same.
fn by_range(test: WordTest, (first, last): (u64, u64)) -> Option<bool> {
    match test {
        WordTest::Equal { mask: u32::MAX, value } => {
            let value = u64::from(value);
            if first == value && last == value {
                Some(true)
            } else if value < first || value > last {
                Some(false)
            } else {
                None
            }
        }
        WordTest::AtLeast { mask: u32::MAX, value } => {
            let value = u64::from(value);
            if first >= value {
                Some(true)
            } else if last < value {
                Some(false)
            } else {
                None
            }
        }
        // Of a single value everything is known.
        WordTest::Equal { mask, value } if first == last => Some(first & u64::from(mask) == u64::from(value)),
        WordTest::AtLeast { mask, value } if first == last => {
            Some(first & u64::from(mask) >= u64::from(value))
        }
        WordTest::AnyBit { bits } if first == last => Some(first & u64::from(bits) != 0),
        _ => None,
    }
}
