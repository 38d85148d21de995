//! What violations are written as, one format a file.

mod ecs;
mod format;
mod groups;
mod json;
mod object;
mod table;

pub use format::{Format, Sink};
pub use groups::{Group, Groups, Kind};
pub use table::columns;

/// Every format, the one for people first.
pub const FORMATS: &[Format] = &[table::FORMAT, ecs::FORMAT, json::FORMAT];

/// The format of this name.
pub fn find(name: &str) -> Option<Format> {
    FORMATS.iter().copied().find(|format| format.name == name)
}
