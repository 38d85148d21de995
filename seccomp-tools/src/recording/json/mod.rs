//! Recordings as JSON: evidence that is kept beside a policy. `docs/evidence.md` describes the format.

mod fields;
mod read;
mod write;

pub use fields::NotEvidence;

/// The value of `format`.
const FORMAT: &str = "seccomp-recording";

/// The value of `version`: the only one that is read.
const VERSION: u64 = 1;
