//! Counts the events that should have arrived and did not.
//!
//! The kernel numbers its audit events without gaps and hands every one to every reader, so a number that never
//! arrives is an event that was lost: by a socket that overflowed, or by a limit of the kernel's on how many it
//! prints. Processors write at the same time, so a number may arrive after some higher ones: it counts as lost once
//! the numbers are [`WINDOW`] past it.

/// How far a number may be late.
const WINDOW: u64 = 4096;
const WORDS: usize = (WINDOW / 64) as usize;

/// A step that is no gap but another count: of another boot, say.
const STEP: u64 = 1 << 30;

/// The numbers that arrived.
#[derive(Debug)]
pub(crate) struct Serials {
    /// The first number, and one past the highest.
    range: Option<(u64, u64)>,
    /// Whether each of the last numbers arrived: bit n % WINDOW.
    seen: [u64; WORDS],
    /// How many numbers below the window did not.
    lost: u64,
}

impl Default for Serials {
    fn default() -> Self {
        Self { range: None, seen: [0; WORDS], lost: 0 }
    }
}

impl Serials {
    /// Notes that this number arrived. Events of several records repeat theirs.
    pub(crate) fn saw(&mut self, serial: u32) {
        self.note(serial.into());
    }

    fn note(&mut self, serial: u64) {
        let (first, end) = self.range.unwrap_or((serial, serial));
        if serial.abs_diff(end) > STEP {
            self.lost = self.lost();
            self.seen = [0; WORDS];
            self.range = None;
            return self.note(serial);
        }
        if serial >= end {
            self.advance(first, end, serial);
            self.range = Some((first, serial + 1));
        }
        if serial >= first && serial + WINDOW >= end {
            self.seen[slot(serial).0] |= slot(serial).1;
        }
    }

    /// Makes room for the numbers from `end` to `serial`, whose places those WINDOW below them leave.
    fn advance(&mut self, first: u64, end: u64, serial: u64) {
        let new = serial + 1 - end;
        for number in end..end + new.min(WINDOW) {
            let (word, bit) = slot(number);
            let leaves = number >= first + WINDOW;
            self.lost += u64::from(leaves && self.seen[word] & bit == 0);
            self.seen[word] &= !bit;
        }
        // Of a longer gap those went by without a place.
        self.lost += new.saturating_sub(WINDOW);
    }

    /// How many numbers between the first and the last did not arrive.
    pub(crate) fn lost(&self) -> u64 {
        let Some((first, end)) = self.range else { return self.lost };
        let start = first.max(end.saturating_sub(WINDOW));
        let missing = (start..end).filter(|number| self.seen[slot(*number).0] & slot(*number).1 == 0);
        self.lost + missing.count() as u64
    }
}

/// The word and the bit of a number.
fn slot(number: u64) -> (usize, u64) {
    let place = number % WINDOW;
    (usize::try_from(place / 64).unwrap_or_default(), 1 << (place % 64))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Serials;

    fn lost(numbers: impl IntoIterator<Item = u32>) -> u64 {
        let mut serials = Serials::default();
        numbers.into_iter().for_each(|number| serials.saw(number));
        serials.lost()
    }

    #[test]
    fn gaps_are_counted_once() {
        assert_eq!(lost([]), 0);
        assert_eq!(lost(5..100_000), 0);
        assert_eq!(lost([1, 2, 2, 3, 6, 6, 7]), 2);
        assert_eq!(lost([1, 1_000_000]), 999_998);
        assert_eq!(lost((0..30_000).filter(|number| number % 3 != 1)), 10_000);
        assert_eq!(lost((0..20_000).chain(30_000..40_000)), 10_000);
    }

    #[test]
    fn late_numbers_are_not_lost() {
        assert_eq!(lost([1, 3, 2, 5, 4]), 0);
        assert_eq!(lost((0..10_000).map(|number| number ^ 7)), 0);
        assert_eq!(lost([10, 9]), 0);
    }

    #[test]
    fn another_count_is_no_gap() {
        assert_eq!(lost([1, 2, 1 << 31, (1 << 31) + 1, 4]), 0);
        assert_eq!(lost([u32::MAX - 1, u32::MAX, 0, 1]), 0);
    }

    proptest! {
        /// The definition, where nothing is later than the window.
        #[test]
        fn what_is_missing_is_lost(arrived in proptest::collection::vec(any::<bool>(), 1..20_000)) {
            let numbers: Vec<u32> = (0..).zip(&arrived).filter(|(_, arrived)| **arrived).map(|(number, _)| number).collect();
            let expected = match (numbers.first(), numbers.last()) {
                (Some(first), Some(last)) => u64::from(last + 1 - first) - numbers.len() as u64,
                _ => 0,
            };
            prop_assert_eq!(lost(numbers), expected);
        }

        #[test]
        fn any_numbers_are_counted(numbers in proptest::collection::vec(any::<u32>(), 0..50), near in 1..12_288_u32) {
            lost(numbers.iter().copied());
            lost(numbers.iter().map(|number| number % near));
        }
    }
}
