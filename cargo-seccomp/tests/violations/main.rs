//! `violations`: logs of many systems, events that keep to the schema, advice, and the kernel itself.

#[path = "../cli/harness.rs"]
#[expect(dead_code, reason = "the other tests of the command use all of it")]
mod harness;

mod advice;
mod arbitrary;
mod ecs;
#[cfg(target_os = "linux")]
mod live;
mod logs;
