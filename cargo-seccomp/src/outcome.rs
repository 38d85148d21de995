//! How a command ends: its exit code, or why it could not do its work.

use core::fmt;
use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use seccomp_compiler::{LoadError, visible};
use seccomp_observe::source::Unavailable;
use seccomp_observe::tracer::{TraceError, Unwatchable};
use seccomp_observe::{ReadError, reason};
use seccomp_tools::program::NotAProgram;
use seccomp_tools::recording::NotEvidence;
use seccomp_tools::scan::NotScanned;

/// How a command ended, from best to worst: with several policies the worst one counts.
///
/// The exit codes are part of the interface and do not change.
///
/// ```
/// use cargo_seccomp::Outcome;
///
/// assert_eq!(Outcome::Problems.exit_code(), 1);
/// assert_eq!(Outcome::Problems.max(Outcome::Success), Outcome::Problems);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// The command did what it was asked to do, possibly with warnings.
    Success,
    /// A policy has problems.
    Problems,
    /// The usage was wrong, or a file could not be read or written.
    Failed,
    /// A command ran, and ended with this exit code.
    Command(u8),
}

impl Outcome {
    /// The exit code of the process.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Problems => 1,
            Self::Failed => 2,
            Self::Command(code) => code,
        }
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(outcome.exit_code())
    }
}

/// Why a command could not do its work. It ends in [`Outcome::Failed`], with this in one line.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A file cannot be read.
    Read { path: PathBuf, error: LoadError },
    /// A file cannot be written.
    Write { path: PathBuf, error: io::Error },
    /// Standard output cannot be written.
    StandardOutput { error: io::Error },
    /// A binary filter would go to a terminal.
    Terminal,
    /// A file is not an array of instructions.
    NotAProgram { path: PathBuf, error: NotAProgram },
    /// A file is no evidence of a recording.
    NotEvidence { path: PathBuf, error: NotEvidence },
    /// No evidence is named.
    NoEvidence,
    /// An export would replace a file that it is made from.
    Overwrites { path: PathBuf },
    /// A file that would be written is there already.
    Exists { path: PathBuf },
    /// Two results would go to the same file.
    SameFile { path: PathBuf },
    /// A filter without its policy cannot be fixed.
    NothingToFix { path: PathBuf },
    /// None of the programs that are to be recorded was started.
    NotStarted,
    /// No policy is named, and none is found.
    NoPolicies,
    /// There is no package whose tests could be run.
    NoPackage,
    /// The current directory is gone or hidden.
    NoDirectory { error: io::Error },
    /// Cargo does not say what packages there are.
    Cargo { reason: String },
    /// No architecture is named, and this machine's is unknown.
    NoHost,
    /// There are no records of violations to read.
    Unavailable(Unavailable),
    /// Records cannot be read, or violations not be written.
    Reading(ReadError),
    /// A command cannot be traced.
    Tracing(TraceError),
    /// A filter cannot be watched.
    Unwatchable { path: PathBuf, error: Unwatchable },
    /// Advice on a policy is requested in a format that has no place for it.
    NoPlaceForAdvice,
    /// Refusals are replaced without a policy that has some.
    RefusalsOfNoPolicy,
    /// A program cannot be scanned.
    NotScanned(NotScanned),
    /// A comparison takes two programs.
    NotTwo,
    /// A recording has no calls of the program.
    NotRecorded { program: String },
    /// The path of a program is not text.
    NotText { path: PathBuf },
}

impl Error for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { path, error } => write!(f, "cannot read `{}`: {error}", path.display()),
            Self::Write { path, error } => write!(f, "cannot write `{}`: {}", path.display(), reason(error)),
            Self::StandardOutput { error } | Self::Reading(ReadError::Output(error)) => {
                write!(f, "cannot write to standard output: {}", reason(error))
            }
            Self::Terminal => f.write_str(
                "a binary filter should not go to a terminal: name a file with `--output`, or use `--format asm`",
            ),
            Self::NotAProgram { path, error } => {
                write!(f, "`{}` is not a BPF program: {error}", path.display())
            }
            Self::NotEvidence { path, error } => write!(f, "`{}`: {error}", path.display()),
            Self::NoEvidence => f.write_str("no evidence is named"),
            Self::Overwrites { path } => {
                write!(f, "the filter is made from `{}`: name another file with `--output`", path.display())
            }
            Self::Exists { path } => {
                write!(
                    f,
                    "`{}` exists already: name another file with `--output`, or replace it with `--force`",
                    path.display()
                )
            }
            Self::SameFile { path } => {
                write!(f, "`{}` cannot be both the policy and its evidence: name two files", path.display())
            }
            Self::NothingToFix { path } => write!(
                f,
                "`{}` is a filter, and `--fix` changes a policy: run the command under the policy that it was exported from",
                path.display()
            ),
            Self::NotStarted => f.write_str(
                "the command started no program that `--only` names, so nothing was recorded: name a program by its path or its \
                 file name, or the folder that it is in",
            ),
            Self::NoPolicies => f.write_str(
                "no policy is named, and none was found: the package's sources name none in `#[policy]` or \
                 `include_policy!`, and its folder `policies` has none; name a file, or start with one from `cargo seccomp \
                 policy list`",
            ),
            Self::NoPackage => f.write_str("there is no Cargo.toml here, so there are no tests to run"),
            Self::NoDirectory { error } => write!(f, "the current directory cannot be read: {error}"),
            Self::Cargo { reason } => {
                write!(f, "no policy is named, and cargo cannot tell which packages there are: {reason}")
            }
            Self::NoHost => f.write_str("the architecture of this machine is unknown: name one with `--arch`"),
            Self::Tracing(error) => error.fmt(f),
            Self::Unwatchable { path, error } => {
                write!(f, "`{}` cannot be tried out: {error}", path.display())
            }
            Self::Unavailable(error) => f.write_str(&with_remedy(error)),
            Self::Reading(error) => error.fmt(f),
            Self::NotScanned(error) => error.fmt(f),
            Self::NotTwo => f.write_str("`--diff` compares two programs: name the old one, then the new one"),
            Self::NotRecorded { program } => {
                write!(f, "the recording has no calls of a program that is called as `{}`", visible(program))
            }
            Self::NotText { path } => write!(f, "the path `{}` is not UTF-8", path.display()),
            Self::RefusalsOfNoPolicy => f.write_str("`--refusals` is about the policy: name it with `--policy`"),
            Self::NoPlaceForAdvice => {
                f.write_str("counters have no place for the lines of a policy: leave out `--policy`, or name another `--format`")
            }
        }
    }
}

impl From<Unavailable> for Failure {
    fn from(error: Unavailable) -> Self {
        Self::Unavailable(error)
    }
}

impl From<TraceError> for Failure {
    fn from(error: TraceError) -> Self {
        Self::Tracing(error)
    }
}

impl From<NotScanned> for Failure {
    fn from(error: NotScanned) -> Self {
        Self::NotScanned(error)
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        Self::Reading(error)
    }
}

/// Why a source cannot be read, and what the user can do about it.
pub(crate) fn with_remedy(error: &Unavailable) -> String {
    let is_denied = |error: &io::Error| error.kind() == io::ErrorKind::PermissionDenied;
    let remedy = match error {
        Unavailable::NoPast => "add `--follow`, or choose another source",
        Unavailable::NotLive => "use `tail -F FILE | cargo seccomp violations --follow -`",
        Unavailable::Audit(error) if is_denied(error) => {
            "use sudo, or give the capability to the binary with `setcap cap_audit_read+ep`"
        }
        Unavailable::Kmsg(error) if is_denied(error) => "use sudo",
        Unavailable::Nothing { first, second } => {
            let (first, second) = (with_remedy(first), with_remedy(second));
            return format!("no records can be read here: {first}; {second}; or name a file");
        }
        _ => return error.to_string(),
    };
    format!("{error}: {remedy}")
}
