//! Recordings: what they keep, how they merge, the policies that are written from them, and coverage.

#[path = "recording/append.rs"]
mod append;
#[path = "recording/coverage.rs"]
mod coverage;
#[path = "recording/evidence.rs"]
mod evidence;
#[path = "recording/policy.rs"]
mod policy;
#[path = "recording/random.rs"]
mod random;
