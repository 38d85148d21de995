//! What the end to end tests share.

pub mod corpus;
pub mod documents;
pub mod fuzz;
pub mod kernel;
pub mod oracle;
pub mod predicate;
pub mod programs;
pub mod random;
pub mod scratch;
pub mod ui;
pub mod values;

use std::time::Duration;

/// What this returns, and the processor time that this thread took for it: how busy the machine is does not count.
///
/// # Panics
///
/// If the kernel has no clock of threads.
pub fn processor_seconds<T>(work: impl FnOnce() -> T) -> (T, f64) {
    use nix::time::{ClockId, clock_gettime};
    let now =
        || Duration::from(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).expect("threads have a clock"));
    let start = now();
    let done = work();
    (done, (now() - start).as_secs_f64())
}

/// Says that a test was left out, and why, where `cargo test` shows it: it keeps what tests print, but not this.
pub fn skipped(reason: impl std::fmt::Display) {
    use std::io::Write as _;
    let _written = writeln!(std::io::stderr().lock(), "SKIPPED: {reason}");
}
