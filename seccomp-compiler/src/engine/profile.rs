//! How often a program makes each call, so that what it makes most is decided first.

use crate::kernel::architecture::Architecture;

/// Counts by call, from a recording or a trace. They change the order of tests and the length of a filter, never what
/// it answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    counts: Vec<(&'static str, u64)>,
}

/// What all counts together weigh: several times the calls of a table that nothing is known of.
const TOTAL: u128 = 10_000;

impl Profile {
    pub(crate) fn add(&mut self, name: &'static str, count: u64) {
        self.counts.push((name, count));
    }

    /// The calls and their counts, in the order of the file.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.counts.iter().copied()
    }

    /// The weight of each number that was counted and that the architecture has, in the order of the numbers.
    pub(crate) fn shares(&self, architecture: &Architecture) -> Vec<(u32, u64)> {
        let total: u128 = self.counts.iter().map(|(_, count)| u128::from(*count)).sum();
        let share = |count: u64| u64::try_from(u128::from(count) * TOTAL / total.max(1)).unwrap_or(u64::MAX);
        let numbers = self
            .counts
            .iter()
            .filter_map(|(name, count)| Some((architecture.syscall_number(name)?, share(*count))));
        let mut shares: Vec<(u32, u64)> = numbers.collect();
        shares.sort_unstable();
        shares
    }
}
