//! The kernel's records of violations, from wherever they are to whatever reads them.
//!
//! ```text
//! source ─lines│messages→ record ─decode→ Violation ┬→ table, line │ ecs │ json
//!                            └→ tally: records, understood, lost   └→ advice → patch
//! ```
//!
//! A violation is a call to which a filter gave an answer that the kernel logs. Everything here takes bytes that
//! anybody may have written: it reads them as far as they go, in bounded memory, and counts what it cannot read.

pub(crate) mod advice;
#[cfg(target_os = "linux")]
mod audit_socket;
pub(crate) mod decode;
pub(crate) mod ecs;
pub(crate) mod form;
pub(crate) mod json;
#[cfg(target_os = "linux")]
mod kernel_log;
pub(crate) mod lines;
mod live;
pub(crate) mod names;
mod patch;
pub(crate) mod record;
mod serials;
pub(crate) mod source;
pub(crate) mod table;
pub(crate) mod tally;
pub(crate) mod violation;
#[cfg(target_os = "linux")]
mod wait;
