//! How often a program makes each call, so that what it makes most is decided first.

use core::fmt;

use crate::document::visible::visible;
use crate::kernel::architecture::Architecture;
use crate::kernel::tables;

/// Counts by call, from a recording or a trace. They change the order of tests and the length of a filter, never what
/// it answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    counts: Vec<(&'static str, u64)>,
}

/// What all counts together weigh: several times the calls of a table that nothing is known of.
const TOTAL: u128 = 10_000;

/// A call that no architecture has.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownCall {
    /// Its name.
    pub name: String,
}

impl fmt::Display for UnknownCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown system call `{}`", visible(&self.name))
    }
}

impl core::error::Error for UnknownCall {}

impl Profile {
    /// A profile of these counts; those of one call add up.
    ///
    /// ```
    /// use seccomp_compiler::Profile;
    ///
    /// let profile = Profile::from_counts([("read", 70), ("openat", 2), ("read", 5)])?;
    /// assert_eq!(profile.counts().collect::<Vec<_>>(), [("read", 75), ("openat", 2)]);
    /// assert!(Profile::from_counts([("raed", 1)]).is_err());
    /// # Ok::<(), seccomp_compiler::UnknownCall>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where no architecture has a call of this name. Calls that one architecture lacks are of no use there, and no
    /// mistake.
    pub fn from_counts<'a>(counts: impl IntoIterator<Item = (&'a str, u64)>) -> Result<Self, UnknownCall> {
        let mut profile = Self::default();
        for (name, count) in counts {
            let Some(call) = tables::syscall(name) else { return Err(UnknownCall { name: name.to_owned() }) };
            match profile.counts.iter_mut().find(|(known, _)| *known == call.name) {
                Some((_, sum)) => *sum = sum.saturating_add(count),
                None => profile.add(call.name, count),
            }
        }
        Ok(profile)
    }

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
