//! What violations are written as, one format a file.

mod auditbeat;
mod ecs;
mod flood;
mod format;
mod groups;
mod json;
mod prometheus;
mod table;
mod writer;

pub use format::{Format, Sink, Style};
pub use groups::{Group, Groups, Kind};
pub use table::columns;

/// Every format, the one for people first.
pub const FORMATS: &[Format] = &[table::FORMAT, ecs::FORMAT, json::FORMAT, prometheus::FORMAT];

/// The format of this name.
pub fn find(name: &str) -> Option<Format> {
    FORMATS.iter().copied().find(|format| format.name == name)
}
