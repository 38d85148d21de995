//! The names of problems, and whether they stop a build.

use core::fmt;

/// A kind of problem, as `unknown-syscall`: its name is stable, and `docs/diagnostics.md` explains it.
///
/// The codes are a closed list, [`Code::all`]. Each is declared with its problem, in the files beside this one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    name: &'static str,
    severity: Severity,
}

impl Code {
    pub(super) const fn error(name: &'static str) -> Self {
        Self { name, severity: Severity::Error }
    }

    pub(super) const fn warning(name: &'static str) -> Self {
        Self { name, severity: Severity::Warning }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// Whether it stops the build.
    pub const fn severity(self) -> Severity {
        self.severity
    }

    /// The codes that stop no build, which a policy may allow.
    pub(crate) fn warnings() -> impl Iterator<Item = Self> {
        Self::all().filter(|code| code.severity == Severity::Warning)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// No filter is made.
    Error,
    /// The policy compiles to what it says, which may not be what was meant.
    Warning,
}

impl Severity {
    /// Its name, as messages begin with it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}
