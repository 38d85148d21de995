//! What a format of violations is.

use core::fmt;
use std::io::{self, Write};

use super::groups::Groups;
use crate::event::Extent;
use crate::record::{Names, Violation};

/// Writes violations in one format.
pub trait Sink: Send {
    /// Writes what comes before the first violation, if the format has a beginning.
    ///
    /// # Errors
    ///
    /// When the output cannot be written.
    fn begin(&mut self, output: &mut dyn Write) -> io::Result<()> {
        let _ = output;
        Ok(())
    }

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
    pub(super) new: fn(Extent) -> Box<dyn Sink>,
}

impl Format {
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
