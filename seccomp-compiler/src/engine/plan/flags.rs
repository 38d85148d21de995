//! Values of an argument that are one value with or without some bits, as flags are: one test finds them all.

use super::range::Range;
use crate::engine::tree::NodeId;

/// One value with or without each of some bits, all of which have one outcome.
pub(super) struct FlagValues {
    pub(super) base: u32,
    pub(super) free: u32,
    pub(super) outcome: NodeId,
}

/// Fewer values take no more tests one by one.
const FEWEST: usize = 4;
/// Among more ranges, or more values of an outcome, flags are not looked for.
const MOST: usize = 128;
/// Longer ranges are not taken value by value.
const LISTED: u64 = 8;

impl FlagValues {
    /// For each outcome the flags that cover most of its values, if those are enough.
    pub(super) fn find(ranges: &[Range]) -> Vec<Self> {
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
    pub(super) fn rest(&self, ranges: &[Range]) -> Vec<Range> {
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

/// The bits that can be toggled freely within `values`, and the number of values that they span.
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
