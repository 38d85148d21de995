//! What calls have to do with each other: the calls that other C libraries, architectures and releases make in place of
//! one, and the calls that programs make without being asked to.

use crate::kernel::tables::{facts, others};

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
    let is_multiplexer = |name: &str| facts::MULTIPLEXERS.iter().any(|(multiplexer, _)| *multiplexer == name);
    let tables = || facts::REPLACEMENTS.iter().chain(facts::SUCCESSORS.iter());
    let before = tables()
        .filter(|(older, newer)| newer.contains(&call) && !is_multiplexer(older))
        .map(|(older, _)| *older);
    let mut found: Vec<&str> = before.collect();
    found.extend(others(&facts::REPLACEMENTS, call).iter().chain(others(&facts::SUCCESSORS, call)));
    let mut next = 0;
    while let Some(known) = found.get(next).copied() {
        let newer = others(&facts::REPLACEMENTS, known).iter().chain(others(&facts::SUCCESSORS, known));
        let unknown: Vec<&str> = newer.copied().filter(|newer| !found.contains(newer)).collect();
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
