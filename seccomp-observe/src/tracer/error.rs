//! Why a command cannot be traced.

use core::fmt;
use std::ffi::OsString;
use std::io;

use seccomp_compiler::visible;

use crate::reason;

/// Why a command cannot be traced. Nothing of it has run then, unless it says so.
#[derive(Debug)]
#[non_exhaustive]
pub enum TraceError {
    /// This is not Linux.
    NotLinux,
    /// No command was given.
    NoCommand,
    /// The command cannot be started.
    NotStarted {
        /// Its name.
        command: OsString,
        /// Why.
        error: io::Error,
    },
    /// `/proc`, which says what programs threads run, is not there or is that of another PID namespace.
    NoProc,
    /// The kernel does not let this process trace its own child.
    Refused(io::Error),
    /// The kernel does not take the filter.
    Filter(io::Error),
    /// The kernel does not say which call a thread has stopped at.
    NoCall(io::Error),
    /// A call cannot be refused, after the command started; it was killed.
    NoRefusal(io::Error),
    /// The command could not be waited for; it was killed.
    Lost(io::Error),
    /// A running process cannot be traced. It runs on as it did.
    NotAttached {
        /// Its ID.
        process: u32,
        /// Why.
        reason: NotAttached,
    },
    /// A running process could not be traced any longer. It runs on.
    Left(io::Error),
}

/// Why a running process cannot be traced.
#[derive(Debug)]
#[non_exhaustive]
pub enum NotAttached {
    /// There is none with this ID.
    NoProcess,
    /// The ID is that of a thread of this process.
    Thread(u32),
    /// It is this process.
    Itself,
    /// It has ended, and its parent has not asked how.
    Zombie,
    /// This process traces it already.
    Traced(u32),
    /// It belongs to another user.
    OtherUser,
    /// Yama is set to this `ptrace_scope`.
    Yama(u8),
    /// The kernel does not say why.
    Refused(io::Error),
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotLinux => f.write_str("commands can be traced on Linux only"),
            Self::NoCommand => f.write_str("no command is given"),
            Self::NotStarted { command, error } => {
                write!(f, "cannot start `{}`: {}", visible(&command.to_string_lossy()), reason(error))
            }
            Self::NoProc => f.write_str(
                "cannot trace a command here: `/proc` is not mounted, or is that of another PID namespace; mount it, as \
                 `unshare --mount-proc` and `bwrap --proc /proc` do",
            ),
            Self::Refused(error) => write!(
                f,
                "cannot trace a command here: {}; ptrace may be refused by `kernel.yama.ptrace_scope` above 1, by a \
                 container (run it with `--cap-add=SYS_PTRACE`), or because a debugger traces this command",
                reason(error)
            ),
            Self::Filter(error) => {
                write!(f, "the kernel does not take the filter: {}", reason(error))?;
                match error.kind() {
                    io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported => f.write_str(
                        "; a filter that is already in force here, such as a container's, may refuse `seccomp`: run \
                         this outside of it, or under one that allows `seccomp`",
                    ),
                    _ => Ok(()),
                }
            }
            Self::NoCall(error) => write!(
                f,
                "the kernel does not say which system call a thread has stopped at: {}; Linux 5.3 or later is needed, \
                 and not an emulator such as gVisor or WSL 1",
                reason(error)
            ),
            Self::NoRefusal(error) => {
                write!(f, "a system call cannot be refused, so the command was killed: {}", reason(error))
            }
            Self::Lost(error) => {
                write!(f, "the command cannot be waited for, so it was killed: {}", reason(error))
            }
            Self::NotAttached { process, reason } => {
                write!(f, "cannot attach to process {process}: {reason}")
            }
            Self::Left(error) => {
                write!(f, "the process can no longer be traced, so it was left: {}", reason(error))
            }
        }
    }
}

impl std::error::Error for TraceError {}

impl fmt::Display for NotAttached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoProcess => f.write_str("there is no such process"),
            Self::Thread(process) => write!(f, "this is a thread of process {process}: name the process"),
            Self::Itself => f.write_str("this command cannot trace itself"),
            Self::Zombie => f.write_str("it has ended already, and its parent has not waited for it"),
            Self::Traced(tracer) => {
                write!(
                    f,
                    "it is traced by process {tracer}, such as a debugger, and can have only one tracer"
                )
            }
            Self::OtherUser => f.write_str("it belongs to another user: use sudo"),
            Self::Yama(scope) => {
                write!(f, "`kernel.yama.ptrace_scope` is {scope}, which ")?;
                match scope {
                    1 => f.write_str("lets a program trace only its children: use sudo, or set it to 0"),
                    2 => f.write_str("needs CAP_SYS_PTRACE: use sudo"),
                    _ => f.write_str("refuses all tracing until the next boot"),
                }
            }
            Self::Refused(error) => write!(
                f,
                "{}; it may be a thread of the kernel, have more rights than this command, or be in another container \
                 (run this one with `--cap-add=SYS_PTRACE`)",
                reason(error)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::TraceError;

    #[test]
    fn who_may_refuse_a_filter_is_said() {
        let message = |kind: io::ErrorKind| TraceError::Filter(kind.into()).to_string();
        assert!(
            message(io::ErrorKind::PermissionDenied).contains("; a filter that is already in force here")
        );
        assert!(!message(io::ErrorKind::OutOfMemory).contains(';'));
    }
}
