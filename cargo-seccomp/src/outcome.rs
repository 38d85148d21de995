//! How a command ends: its exit code, or why it could not do its work.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use seccomp_compiler::{Architecture, LoadError, visible};
use seccomp_observe::source::Unavailable;
use seccomp_observe::tracer::{TraceError, Unwatchable};
use seccomp_observe::{ReadError, reason};
use seccomp_tools::program::NotAProgram;
use seccomp_tools::recording::NotEvidence;
use seccomp_tools::scan::NotScanned;
use thiserror::Error;

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
#[derive(Debug, Error)]
pub(crate) enum Failure {
    #[error("cannot read `{}`: {error}", .path.display())]
    Read { path: PathBuf, error: LoadError },
    #[error("cannot write `{}`: {}", .path.display(), reason(.error))]
    Write { path: PathBuf, error: io::Error },
    #[error("cannot write to standard output: {}", reason(.error))]
    StandardOutput { error: io::Error },
    #[error(
        "a binary filter should not go to a terminal: name a file with `--output`, or use `--format asm`"
    )]
    Terminal,
    #[error("`{}` is not a BPF program: {error}", .path.display())]
    NotAProgram { path: PathBuf, error: NotAProgram },
    #[error(
        "`{}` seems to be a filter for {meant}, and this machine is {native}: export it with `--arch {native}`",
        .path.display()
    )]
    OtherArchitecture { path: PathBuf, meant: &'static Architecture, native: &'static Architecture },
    #[error("`{}`: {error}; name a file that `cargo seccomp record --evidence` wrote", .path.display())]
    NotEvidence { path: PathBuf, error: NotEvidence },
    #[error("no evidence is named")]
    NoEvidence,
    #[error("the filter is made from `{}`: name another file with `--output`", .path.display())]
    Overwrites { path: PathBuf },
    #[error(
        "`{}` exists already: name another file with `--output`, or replace it with `--force`",
        .path.display()
    )]
    Exists { path: PathBuf },
    #[error(
        "`{}` has files already: name another folder with `--per-program`, or replace those of the same names with \
         `--force`",
        .path.display()
    )]
    NotEmpty { path: PathBuf },
    #[error(
        "`--verify` cannot try out the policies of `--per-program`: what a program starts stays under its filter, so each \
         would run under those of others as well; try them one by one, with `cargo seccomp run {}/PROGRAM.yaml -- PROGRAM`",
        .folder.display()
    )]
    NotVerifiable { folder: PathBuf },
    #[error("`{}` cannot be both the policy and its evidence: name two files", .path.display())]
    SameFile { path: PathBuf },
    #[error(
        "`{}` is a filter, and `--fix` changes a policy: run the command under the policy that it was exported from",
        .path.display()
    )]
    NothingToFix { path: PathBuf },
    #[error(
        "the command started no program that `--only` names, so nothing was recorded: name a program by its path or its \
         file name, or the folder that it is in"
    )]
    NotStarted,
    #[error(
        "no call of process {process} was seen, or none of a program that `--only` names, so nothing was recorded: \
         attach to it for longer, while it has something to do"
    )]
    NoCalls { process: u32 },
    #[error(
        "no policy is named, and none was found: the package's sources name none in `#[policy]` or `include_policy!`, and \
         its folder `policies` has none; name a file, or start with one from `cargo seccomp policy list`"
    )]
    NoPolicies,
    #[error("there is no Cargo.toml here, so there are no tests to run")]
    NoPackage,
    #[error("the current directory cannot be read: {error}")]
    NoDirectory { error: io::Error },
    #[error("no policy is named, and cargo cannot tell which packages there are: {reason}")]
    Cargo { reason: String },
    #[error("the architecture of this machine is unknown: name one with `--arch`")]
    NoHost,
    #[error("{}", with_remedy(.0))]
    Unavailable(#[from] Unavailable),
    #[error("{0}")]
    Reading(ReadError),
    #[error("{0}")]
    Tracing(#[from] TraceError),
    #[error("`{}` cannot be tried out: {error}", .path.display())]
    Unwatchable { path: PathBuf, error: Unwatchable },
    #[error(
        "counters have no place for the lines of a policy: leave out `--policy`, or name another `--format`"
    )]
    NoPlaceForAdvice,
    #[error("`--refusals` is about the policy: name it with `--policy`")]
    RefusalsOfNoPolicy,
    #[error("{0}")]
    NotScanned(#[from] NotScanned),
    #[error("`--diff` compares two programs: name the old one, then the new one")]
    NotTwo,
    #[error("the recording has no calls by a program named `{}`", visible(.program))]
    NotRecorded { program: String },
    #[error("the path `{}` is not UTF-8", .path.display())]
    NotText { path: PathBuf },
    #[error("`--sysroot`: `{}` is not a folder: name the root of the program's system", .path.display())]
    NoSysroot { path: PathBuf },
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Output(error) => Self::StandardOutput { error },
            error => Self::Reading(error),
        }
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
