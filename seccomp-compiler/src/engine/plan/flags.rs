//! Values of an argument that are one value with or without some bits, as flags are: one test finds them all.

use super::search::{Price, Range};
use super::{NodeId, Planner, WordTest};
use crate::engine::program::Word;

/// One value with or without each of some bits, all of which have one outcome.
struct Flags {
    base: u32,
    free: u32,
    outcome: NodeId,
}

/// Fewer values take no more tests one by one.
const FEWEST: usize = 4;
/// Among more ranges, or more values of an outcome, flags are not looked for.
const MOST: usize = 128;
/// Longer ranges are not taken value by value.
const LISTED: u64 = 8;

impl Flags {
    /// For each outcome the flags that stand for most of its values, if that is enough of them.
    fn of(ranges: &[Range]) -> Vec<Self> {
        let few = if ranges.len() <= MOST { ranges } else { &[] };
        let best = |(at, range): (usize, &Range)| {
            let outcome = range.outcome;
            if few[..at].iter().any(|before| before.outcome == outcome) {
                return None;
            }
            let values = Some(values(&few[at..], outcome)).filter(|values| values.len() <= MOST)?;
            let found = values.iter().map(|base| (free(*base, &values), *base));
            let ((count, free), base) = found.max_by_key(|((count, _), _)| *count)?;
            (count >= FEWEST).then_some(Self { base, free, outcome })
        };
        few.iter().enumerate().filter_map(best).collect()
    }

    fn contains(&self, value: u64) -> bool {
        value & !u64::from(self.free) == self.base.into()
    }

    /// The ranges without these values, which cannot come there.
    fn rest(&self, ranges: &[Range]) -> Vec<Range> {
        let mut rest: Vec<Range> = Vec::new();
        let mut start = ranges[0].start;
        for range in ranges {
            let found = is_listed(range) && (range.start..range.end).all(|value| self.contains(value));
            match rest.last_mut() {
                Some(last) if found || last.outcome == range.outcome => last.end = range.end,
                None if found => {}
                _ => rest.push(Range { start, ..*range }),
            }
            start = if rest.is_empty() { start } else { range.end };
        }
        rest
    }
}

const fn is_listed(range: &Range) -> bool {
    range.end - range.start <= LISTED
}

/// The values of an outcome, in order; none where it has longer ranges, which a search of them all tells apart.
fn values(ranges: &[Range], outcome: NodeId) -> Vec<u32> {
    let ranges = || ranges.iter().filter(|range| range.outcome == outcome);
    if !ranges().all(is_listed) {
        return Vec::new();
    }
    let values = ranges().flat_map(|range| range.start..range.end);
    values.filter_map(|value| u32::try_from(value).ok()).collect()
}

/// Bits with or without any of which a value is still one of these; and how many values that are.
fn free(base: u32, values: &[u32]) -> (usize, u32) {
    let (mut found, mut free) = (vec![base], 0);
    for value in values {
        let bit = value ^ base;
        let all = |found: &[u32]| found.iter().all(|value| values.binary_search(&(value | bit)).is_ok());
        if bit.is_power_of_two() && base & bit == 0 && all(&found) {
            found.extend(found.clone().into_iter().map(|value| value | bit));
            free |= bit;
        }
    }
    (found.len(), free)
}

impl Planner<'_> {
    /// A tree over the values of an argument's word: as the search finds it, or with a test for flags before, whichever
    /// is the smallest.
    pub(super) fn argument(&mut self, word: Word, ranges: &[Range]) -> NodeId {
        let price = Price::of(self.weights.argument_length);
        let mut best = self.search(word, ranges, price);
        let candidates = Flags::of(ranges);
        let mut cost = if candidates.is_empty() { 0 } else { self.size(best).cost() };
        for flags in candidates {
            let rest = flags.rest(ranges);
            let rest = if rest.is_empty() { flags.outcome } else { self.search(word, &rest, price) };
            let (value, mask) = (flags.base, !flags.free);
            let (found, masked) = match value {
                0 => (self.branch(word, WordTest::AnyBit { bits: mask }, rest, flags.outcome), 0),
                // The mask takes an instruction, and to load the word again another.
                _ => (self.branch(word, WordTest::Equal { mask, value }, flags.outcome, rest), 2),
            };
            let of_found = self.size(found).cost() + masked;
            if of_found < cost {
                (best, cost) = (found, of_found);
            }
        }
        best
    }
}
