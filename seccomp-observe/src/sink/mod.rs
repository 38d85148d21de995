//! What violations are written as, one format a file.

mod ecs;
mod groups;
mod json;
mod object;
mod table;

use core::fmt;
use std::io::{self, Write};

pub use groups::{Group, Groups, Kind};
pub use table::{columns, visible};

use crate::event::Extent;
use crate::record::{Names, Violation};

/// Writes violations in one format.
pub trait Sink: Send {
    /// Takes a violation, and writes whatever can be written already.
    ///
    /// # Errors
    ///
    /// When the output cannot be written.
    fn record(&mut self, violation: &Violation, names: &mut Names, output: &mut dyn Write) -> io::Result<()>;

    /// Writes the rest, once there are no more violations.
    ///
    /// # Errors
    ///
    /// When the output cannot be written.
    fn finish(&mut self, output: &mut dyn Write) -> io::Result<()> {
        let _ = output;
        Ok(())
    }

    /// The violations in groups, if the format has them.
    fn groups(&self) -> Option<&Groups> {
        None
    }
}

/// A format of violations.
#[derive(Clone, Copy)]
pub struct Format {
    /// Its name on a command line.
    pub name: &'static str,
    /// What it is, in one line of help.
    pub summary: &'static str,
    new: fn(Extent) -> Box<dyn Sink>,
}

/// Every format, the one for people first.
pub const FORMATS: &[Format] = &[table::FORMAT, ecs::FORMAT, json::FORMAT];

impl Format {
    /// The format of this name.
    pub fn find(name: &str) -> Option<Self> {
        FORMATS.iter().copied().find(|format| format.name == name)
    }

    /// A sink that writes this format.
    pub fn sink(self, extent: Extent) -> Box<dyn Sink> {
        (self.new)(extent)
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Format").field(&self.name).finish()
    }
}
