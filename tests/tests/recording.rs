//! Recordings: what they keep, how they merge, and the policies that are written from them.

#[path = "recording/evidence.rs"]
mod evidence;
#[path = "recording/policy.rs"]
mod policy;
#[path = "recording/random.rs"]
mod random;
