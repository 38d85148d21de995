//! `violations`: logs, sources, advice, and the kernel itself.

#[path = "../cli/harness.rs"]
#[expect(dead_code, reason = "the other tests of the command use all of it")]
mod harness;

mod advice;
#[cfg(target_os = "linux")]
mod live;
mod logs;
