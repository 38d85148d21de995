//! How a command ends: its exit code, and what kept it from its work.

use core::fmt;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::violations::source::Unavailable;

/// How a command ended, from good to bad: of several policies the worst decides.
///
/// The codes are part of the interface and stay as they are.
///
/// ```
/// use cargo_seccomp::Outcome;
///
/// assert_eq!(Outcome::Problems.exit_code(), 1);
/// assert_eq!(Outcome::Problems.max(Outcome::Fine), Outcome::Problems);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Every policy is sound, and what was asked for is done. There may be warnings.
    Fine,
    /// A policy has problems.
    Problems,
    /// The command was called wrongly, or a file could not be read or written.
    Failed,
}

impl Outcome {
    /// The code that the process ends with.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Problems => 1,
            Self::Failed => 2,
        }
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(outcome.exit_code())
    }
}

/// What keeps a command from its work; each ends in [`Outcome::Failed`], and its `Display` is one line.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A policy cannot be read.
    Read { path: PathBuf, error: io::Error },
    /// A file cannot be written.
    Write { path: PathBuf, error: io::Error },
    /// Standard output cannot be written.
    StandardOutput { error: io::Error },
    /// A binary filter would go to a terminal.
    Terminal,
    /// A file is not an array of instructions.
    NoProgram { path: PathBuf, bytes: usize },
    /// An export would replace the policy that it is made of.
    Overwrites { path: PathBuf },
    /// No architecture is named, and this machine's has no filters.
    NoHost,
    /// There are no records of violations to read.
    Unavailable(Unavailable),
    /// A source of records fails while it is read.
    Source { name: String, error: io::Error },
    /// Advice on a policy is wanted in a form that has no place for it.
    AdviceAsTable,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { path, error } => write!(f, "cannot read `{}`: {error}", path.display()),
            Self::Write { path, error } => write!(f, "cannot write `{}`: {error}", path.display()),
            Self::StandardOutput { error } => write!(f, "cannot write to standard output: {error}"),
            Self::Terminal => f.write_str(
                "a binary filter is not for a terminal: name a file with `--output`, or choose `--format asm`",
            ),
            Self::NoProgram { path, bytes } => write!(
                f,
                "`{}` is no program: an instruction has 8 bytes, and {bytes} are not a whole number of them",
                path.display(),
            ),
            Self::Overwrites { path } => write!(f, "`{}` is the policy itself: name another file", path.display()),
            Self::NoHost => f.write_str(
                "no architecture is known for this machine: name one with `--arch`",
            ),
            Self::Unavailable(why) => why.fmt(f),
            Self::Source { name, error } => write!(f, "cannot read {name}: {error}"),
            Self::AdviceAsTable => f.write_str("`--policy` goes with `--format table` alone"),
        }
    }
}
