//! The command as a shell calls it: exit codes, what goes to which stream, and files that are complete or absent.

mod check;
#[cfg(target_os = "linux")]
mod containers;
mod discovery;
mod documents;
mod evidence;
mod explain;
mod export;
mod findings;
mod formats;
mod harness;
#[cfg(target_os = "linux")]
mod launcher;
mod policy;
#[cfg(target_os = "linux")]
mod record;
#[cfg(target_os = "linux")]
mod run;
mod scan;
#[cfg(target_os = "linux")]
mod terminal;
#[cfg(target_os = "linux")]
mod tested;
#[cfg(target_os = "linux")]
mod trials;
mod usage;
mod verify;
