//! What a format of programs is.

use core::fmt;

use seccomp_compiler::Compiled;

/// A format that a program can be written in.
#[derive(Clone, Copy)]
pub struct Format {
    /// Its name on a command line.
    pub name: &'static str,
    /// What it is, in one line of help.
    pub summary: &'static str,
    /// Who reads it.
    pub content: Content,
    pub(super) write: fn(&Compiled) -> Vec<u8>,
}

/// Who reads a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// People.
    Text,
    /// Programs: it does not belong on a terminal.
    Binary,
}

impl Format {
    /// The program of a policy in this format.
    pub fn write(self, compiled: &Compiled) -> Vec<u8> {
        (self.write)(compiled)
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Format").field(&self.name).finish()
    }
}
