//! Whether a launcher can use a filter: a program, such as bwrap, that installs it and then starts another one.

use seccomp_compiler::{Compiled, Verdict};

/// What it takes to start a program under the filter, first the call itself, then those of the dynamic linker. Of each
/// line one is enough.
const NEEDED: &[&[&str]] = &[
    &["execve"],
    &["openat", "open"],
    &["read"],
    &["fstat", "newfstatat", "fstat64", "fstatat64", "statx"],
    &["mmap2", "mmap"],
    &["mprotect"],
    &["close"],
    &["arch_prctl", "set_thread_area", "set_tls"],
];

/// The calls by which a launcher starts a program, if the filter refuses every use of them.
pub fn refused_at_launch(compiled: &Compiled) -> Vec<&'static str> {
    let refused = NEEDED.iter().filter_map(|calls| {
        let native = |call: &&&str| compiled.architecture.syscall_number(call).is_some();
        let first = calls.iter().find(native)?;
        let is_refused = calls.iter().filter(native).all(|call| !may_be_made(compiled, call));
        is_refused.then_some(*first)
    });
    refused.collect()
}

/// Whether the filter lets a call through with some arguments.
fn may_be_made(compiled: &Compiled, call: &str) -> bool {
    let Some(abi) = compiled.rules().abis.first() else { return false };
    let Some(number) = abi.architecture.syscall_number(call) else { return false };
    let rules = abi.reachable(number);
    let is_exhaustive = rules.last().is_some_and(|rule| rule.conditions.is_empty());
    let otherwise = (!is_exhaustive).then(|| abi.otherwise(number));
    rules.iter().map(|rule| rule.verdict).chain(otherwise).any(Verdict::is_allowed)
}
