//! What the end to end tests share.

pub mod comments;
pub mod corpus;
pub mod documents;
pub mod edits;
pub mod elf;
pub mod fuzz;
pub mod kernel;
pub mod layout;
pub mod oracle;
pub mod programs;
pub mod random;
pub mod scratch;
pub mod ui;
pub mod values;
pub mod widths;

use std::path::Path;
use std::time::Duration;

use similar::{Change, TextDiff};

/// What this returns. Fails if it takes more processor time than only what grows without bound exceeds: ten times what
/// the slowest of such tests takes. How busy the machine is does not count.
///
/// # Panics
///
/// If it takes more, or the kernel has no clock of threads.
pub fn bounded<T>(name: &str, work: impl FnOnce() -> T) -> T {
    use nix::time::{ClockId, clock_gettime};
    const MOST: Duration = Duration::from_secs(10);
    let used =
        || Duration::from(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).expect("threads have a clock"));
    let before = used();
    let done = work();
    let taken = used() - before;
    println!("{name}: {taken:.2?} of processor time");
    assert!(taken < MOST, "{name} took {taken:?} of processor time");
    done
}

/// Fails unless a file of the project holds this; with `BLESS` set, writes it.
///
/// # Panics
///
/// If it does not, with the lines that differ, and the command that writes it.
pub fn is_kept(path: &Path, fresh: &str, test: &str) {
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, fresh).expect("the file can be written");
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    let difference = difference(&kept, fresh);
    assert!(
        kept == fresh,
        "{} is stale: BLESS=1 cargo test -p seccomp-tests --test {test}\n{difference}",
        path.display()
    );
}

/// Every line of both texts: `-` in the first alone, `+` in the second alone.
pub fn difference(first: &str, second: &str) -> String {
    let lines = TextDiff::from_lines(first, second);
    let line = |change: Change<&str>| format!("{} {change}", change.tag());
    lines.iter_all_changes().map(line).collect()
}

/// Says that a test was left out, and why, where `cargo test` shows it: it keeps what tests print, but not this.
pub fn skipped(reason: impl std::fmt::Display) {
    use std::io::Write as _;
    let _written = writeln!(std::io::stderr().lock(), "SKIPPED: {reason}");
}
