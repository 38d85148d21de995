//! What the end to end tests share.

pub mod documents;
pub mod kernel;
pub mod oracle;
pub mod predicate;
pub mod programs;
pub mod random;
pub mod scratch;
pub mod tables;
pub mod ui;

/// Says that a test was left out, and why, where `cargo test` shows it: it keeps what tests print, but not this.
pub fn skipped(reason: impl std::fmt::Display) {
    use std::io::Write as _;
    let _written = writeln!(std::io::stderr().lock(), "SKIPPED: {reason}");
}
