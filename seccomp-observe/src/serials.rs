//! Counts the audit events that never arrived.
//!
//! The kernel numbers its audit events without gaps and sends every event to every reader. A number that never arrives
//! is therefore a lost event: either a socket overflowed, or the kernel limited how many it prints. Processors write
//! concurrently, so a number may arrive after higher ones; it counts as lost once numbers [`WINDOW`] higher have arrived.

/// How many numbers late a number may arrive.
const WINDOW: u64 = 4096;
const BLOCKS: usize = (WINDOW / 64) as usize;

/// A larger step is not a gap but another sequence, such as that of another boot.
const LARGEST_GAP: u64 = 1 << 30;

/// The numbers that arrived.
#[derive(Debug)]
pub(crate) struct Serials {
    /// The first number and one more than the highest.
    range: Option<(u64, u64)>,
    /// Whether each number in the window arrived: bit n % WINDOW.
    seen: [u64; BLOCKS],
    /// How many numbers below the window are lost.
    lost: u64,
}

impl Default for Serials {
    fn default() -> Self {
        Self { range: None, seen: [0; BLOCKS], lost: 0 }
    }
}

impl Serials {
    /// Notes that this number arrived. It may arrive again, with another record of the same event.
    pub(crate) fn add(&mut self, serial: u32) {
        self.note(serial.into());
    }

    fn note(&mut self, serial: u64) {
        let (first, end) = self.range.unwrap_or((serial, serial));
        if serial.abs_diff(end) > LARGEST_GAP {
            self.lost = self.lost();
            self.seen = [0; BLOCKS];
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

    /// Moves the window up to `serial`, counting the numbers that leave it without having arrived.
    fn advance(&mut self, first: u64, end: u64, serial: u64) {
        let new = serial + 1 - end;
        for number in end..end + new.min(WINDOW) {
            let (block, bit) = slot(number);
            let leaves = number >= first + WINDOW;
            self.lost += u64::from(leaves && self.seen[block] & bit == 0);
            self.seen[block] &= !bit;
        }
        // In a gap longer than the window, the others never had a bit.
        self.lost += new.saturating_sub(WINDOW);
    }

    /// How many numbers between the first and the highest are lost.
    pub(crate) fn lost(&self) -> u64 {
        let Some((first, end)) = self.range else { return self.lost };
        let start = first.max(end.saturating_sub(WINDOW));
        let missing = (start..end).filter(|number| self.seen[slot(*number).0] & slot(*number).1 == 0);
        self.lost + missing.count() as u64
    }
}

/// The block and the bit of a number.
fn slot(number: u64) -> (usize, u64) {
    let index = number % WINDOW;
    (usize::try_from(index / 64).unwrap_or_default(), 1 << (index % 64))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Serials;

    fn lost(numbers: impl IntoIterator<Item = u32>) -> u64 {
        let mut serials = Serials::default();
        numbers.into_iter().for_each(|number| serials.add(number));
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
    fn another_sequence_is_not_a_gap() {
        assert_eq!(lost([1, 2, 1 << 31, (1 << 31) + 1, 4]), 0);
        assert_eq!(lost([u32::MAX - 1, u32::MAX, 0, 1]), 0);
    }

    proptest! {
        /// Compares with the definition, as long as no number is later than the window.
        #[test]
        fn missing_numbers_are_lost(arrived in proptest::collection::vec(any::<bool>(), 1..20_000)) {
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
