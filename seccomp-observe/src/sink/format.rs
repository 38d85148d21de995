//! What a format of violations is.

use core::fmt;
use std::io::{self, Write};

use super::groups::Groups;
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

    /// Writes what was held back, as there is nothing to read at the moment.
    ///
    /// # Errors
    ///
    /// When the output cannot be written.
    fn idle(&mut self, output: &mut dyn Write) -> io::Result<()> {
        let _ = output;
        Ok(())
    }

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
    /// Whether it has a place for what is said about each violation.
    pub has_details: bool,
    pub(super) new: fn(Style) -> Box<dyn Sink>,
}

/// How violations are shown to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// All of them at the end.
    Summary,
    /// Each one as it happens.
    Log,
    /// Each one as it happens, on a terminal, which lets a line change.
    Terminal,
}

impl Format {
    /// A sink that writes this format.
    pub fn sink(self, style: Style) -> Box<dyn Sink> {
        (self.new)(style)
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Format").field(&self.name).finish()
    }
}
