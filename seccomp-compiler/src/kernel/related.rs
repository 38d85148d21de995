//! What calls have to do with each other: the calls that other C libraries, architectures and releases make in place of
//! one, and the calls that programs make without being asked to.

use crate::kernel::tables::{facts, rows};

/// A table with a line for each call, by name, and the calls that are related to it in some way.
pub(crate) struct Related(&'static str);

/// What the newer architectures have in place of a call that they lack, the likeliest first.
pub(crate) const REPLACEMENTS: Related = Related(include_str!("tables/replacements.txt"));

/// A refused call, and the calls that can do the same.
pub(crate) const TWINS: Related = Related(include_str!("tables/twins.txt"));

/// A call that makes others, whose numbers a filter then does not see.
pub(crate) const MULTIPLEXERS: Related = Related(include_str!("tables/multiplexers.txt"));

/// A call, and the newer calls that C libraries use instead.
pub(crate) const SUCCESSORS: Related = Related(include_str!("tables/successors.txt"));

/// A function of the C library, or another name of a call, and the calls that it makes.
pub(crate) const OTHER_NAMES: Related = Related(include_str!("tables/other-names.txt"));

impl Related {
    /// The calls that are related to one; none if it is not in the table.
    pub(crate) fn of(&self, name: &str) -> impl Iterator<Item = &'static str> {
        rows(self.0, name).flat_map(|calls| calls.split(' '))
    }

    /// The calls that one is related to.
    pub(crate) fn with(&self, call: &str) -> impl Iterator<Item = &'static str> {
        // Line by line would take six times as long in a macro, which is built without optimization.
        self.0.match_indices(call).filter_map(|(start, _)| {
            let (before, after) = (&self.0[..start], &self.0[start + call.len()..]);
            let is_whole = before.ends_with(' ') && after.starts_with([' ', '\n']);
            let line = before.rfind('\n').map_or(0, |end| end + 1);
            self.0[line..].split(' ').next().filter(|_| is_whole)
        })
    }
}

/// The calls that do what another does under another C library, on another architecture, or in another release of
/// either: with `openat`, for example, `open`, which musl makes where it exists. Sorted, and without `call`.
///
/// ```
/// use seccomp_compiler::equivalents;
///
/// assert_eq!(equivalents("pause"), ["ppoll", "ppoll_time64"]);
/// assert!(equivalents("newfstatat").contains(&"statx"));
/// assert!(equivalents("read").is_empty() && equivalents("connect").is_empty());
/// ```
pub fn equivalents(call: &str) -> Vec<&'static str> {
    let is_multiplexer = |name: &str| MULTIPLEXERS.of(name).next().is_some();
    let older = REPLACEMENTS.with(call).chain(SUCCESSORS.with(call));
    let mut found: Vec<&str> = older.filter(|older| !is_multiplexer(older)).collect();
    found.extend(REPLACEMENTS.of(call).chain(SUCCESSORS.of(call)));
    let mut next = 0;
    while let Some(known) = found.get(next).copied() {
        let newer = REPLACEMENTS.of(known).chain(SUCCESSORS.of(known));
        let unknown: Vec<&str> = newer.filter(|newer| !found.contains(newer)).collect();
        found.extend(unknown);
        next += 1;
    }
    found.retain(|name| *name != call && !is_multiplexer(name));
    found.sort_unstable();
    found.dedup();
    found
}

/// The calls that every Rust program makes, whatever its author writes.
pub fn essential_calls() -> &'static [&'static str] {
    &facts::ESSENTIAL
}

/// The calls that a panic makes.
pub fn panic_calls() -> &'static [&'static str] {
    &facts::PANIC
}

/// The calls that the kernel resumes with `restart_syscall` after a stop.
pub fn restarted_calls() -> &'static [&'static str] {
    &facts::RESTARTED
}
