//! What filters do on this kernel: one test per claim, each in child processes of its own. They need no root, and
//! pass as root too.

mod actions;
mod arguments;
#[cfg(target_arch = "x86_64")]
mod effects;
mod failures;
mod install;
mod main_attribute;
mod report;
mod stacking;
mod status;
mod widths;
#[cfg(target_arch = "x86_64")]
mod x86_64;
