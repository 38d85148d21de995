//! Runs a command under a filter that stops some of its system calls, and says what they are: ptrace, without root.
//!
//! ```text
//! command ─launch→ traced ─exec→ running ─┬─ call stopped by the filter ──→ Observer ─Answer→ made, or refused
//!                                         └─ signal, stop, fork, exec, end → as without a tracer
//! ```
//!
//! The filter decides which calls stop; the kernel makes all others at full speed. All threads and processes that the
//! command starts are traced with it. It behaves as it does alone, with these exceptions: it has `no_new_privs`, so that
//! set-user-ID programs run without the rights of their owner; none of its processes can be traced by another; and it is
//! killed if the tracer is, as its stopped calls would otherwise fail with ENOSYS.
//!
//! ```no_run
//! use seccomp_observe::tracer::{Answer, Observer, TracedCall, Tracer, Watch};
//!
//! struct Count(u64);
//!
//! impl Observer for Count {
//!     fn called(&mut self, _: &TracedCall<'_>) -> Answer {
//!         self.0 += 1;
//!         Answer::Make
//!     }
//! }
//!
//! let mut count = Count(0);
//! let ending = Tracer::new(["ls".into()], Watch::everything()).run(&mut count)?;
//! println!("{} calls, exit status {}", count.0, ending.status.code());
//! # Ok::<(), seccomp_observe::tracer::TraceError>(())
//! ```

mod error;
mod watch;

#[cfg(target_os = "linux")]
mod attach;
#[cfg(target_os = "linux")]
mod engine;
#[cfg(target_os = "linux")]
mod launch;
#[cfg(target_os = "linux")]
mod living;
#[cfg(target_os = "linux")]
mod module;
#[cfg(target_os = "linux")]
mod registers;
#[cfg(target_os = "linux")]
mod stack;
#[cfg(target_os = "linux")]
mod start;
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "no safe crate offers fork, seccomp and all that ptrace needs here")]
mod sys;

#[cfg(target_os = "linux")]
use std::cell::RefCell;
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use seccomp_compiler::Call;

pub use crate::local::Place;
pub use error::{NotAttached, TraceError};
pub use watch::{Unwatchable, Watch};

/// A command, and how it is traced.
#[derive(Debug, Clone)]
pub struct Tracer {
    command: Vec<OsString>,
    watch: Watch,
    limit: Option<Duration>,
    start: Start,
}

/// A running process, traced for a while with all threads and processes that it starts meanwhile.
///
/// No filter can be given to another process, so each of its calls is stopped, before and after it is made. The process is
/// left as it was, also if the tracer is killed.
#[derive(Debug, Clone, Copy)]
pub struct Attachment {
    process: u32,
    limit: Option<Duration>,
}

/// From where on the calls of the command count. Those of the start itself, up to the first `execve`, never do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Start {
    /// From the first instruction of the program, so with the work of the dynamic loader.
    #[default]
    Exec,
    /// From `main`, if the program has a symbol of that name; else from its entry point, which a dynamic loader jumps to
    /// when it is done. On architectures other than x86_64 and aarch64, this is [`Exec`](Self::Exec).
    Main,
}

/// What is told about a command as it runs.
pub trait Observer {
    /// A call was stopped by the filter.
    fn called(&mut self, call: &TracedCall<'_>) -> Answer;

    /// A process has become another program.
    fn executed(&mut self, _: &Executed<'_>) {}

    /// A thread is gone, so that another may get its ID.
    fn ended(&mut self, _thread: u32) {}
}

/// A call that was stopped.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct TracedCall<'a> {
    /// The thread that makes it.
    pub thread: u32,
    /// Its process.
    pub process: u32,
    /// Whether that is the process of the command itself.
    pub is_command: bool,
    /// The file of the program.
    pub program: &'a Path,
    /// The call as the filter saw it.
    pub call: Call,
    /// The data of the filter's answer, for [`Watch::verdict`].
    pub data: u16,
    #[cfg(target_os = "linux")]
    modules: &'a RefCell<stack::Modules>,
}

impl TracedCall<'_> {
    /// Which code made the call, the innermost function first, as far as that can be told: where the stack cannot be
    /// unwound, it is cut. Reads the files of the program, so it takes a while.
    #[cfg(target_os = "linux")]
    pub fn stack(&self) -> Vec<Place> {
        let modules = &mut *self.modules.borrow_mut();
        stack::stack(self.process, self.thread, self.call.instruction_pointer, modules)
    }

    /// Nothing, as nothing is traced elsewhere.
    #[cfg(not(target_os = "linux"))]
    pub fn stack(&self) -> Vec<Place> {
        Vec::new()
    }
}

/// A process that has become another program.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Executed<'a> {
    /// The process.
    pub process: u32,
    /// The file of the program.
    pub program: &'a Path,
    /// Whether it would have the rights of the file's owner or group, were it not for `no_new_privs`.
    pub is_set_id: bool,
}

/// What is to become of a stopped call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It is made.
    Make,
    /// The kernel answers as the filter would have, which fails the call, sends SIGSYS or kills.
    Refuse,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ending {
    /// Its exit status.
    pub status: Status,
    /// Why it was asked to end, if it was.
    pub cut: Option<Cut>,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// With this exit code.
    Exited(i32),
    /// By this signal.
    Killed(i32),
}

/// Why a command was asked to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cut {
    /// The time was up.
    TimeLimit,
    /// The tracer got SIGTERM or SIGHUP.
    Terminated,
}

impl Status {
    /// The exit code that a shell would show: 128 and the signal for what a signal ended.
    pub const fn code(self) -> i32 {
        match self {
            Self::Exited(code) => code,
            Self::Killed(signal) => 128 + signal,
        }
    }
}

impl Tracer {
    /// Traces this command, a program with its arguments, where the filter says.
    pub fn new(command: impl IntoIterator<Item = OsString>, watch: Watch) -> Self {
        Self { command: command.into_iter().collect(), watch, limit: None, start: Start::default() }
    }

    /// Asks all processes of the command to end after this time, by SIGTERM, and kills those that have not 5 seconds later.
    #[must_use]
    pub fn limit(self, limit: Option<Duration>) -> Self {
        Self { limit, ..self }
    }

    /// Counts calls from here on.
    #[must_use]
    pub fn start(self, start: Start) -> Self {
        Self { start, ..self }
    }

    /// Runs the command with this process's standard streams and environment, until it and all that it started have
    /// ended.
    ///
    /// Meanwhile, SIGTERM and SIGHUP to this thread's process ask the command to end, as the time limit does, and the
    /// signals of the terminal are left to the command.
    ///
    /// # Errors
    ///
    /// Where the command cannot be started or traced.
    #[cfg(target_os = "linux")]
    pub fn run(&self, observer: &mut dyn Observer) -> Result<Ending, TraceError> {
        engine::run(self, observer)
    }

    /// Runs the command, on Linux.
    ///
    /// # Errors
    ///
    /// Elsewhere, always.
    #[cfg(not(target_os = "linux"))]
    pub fn run(&self, _: &mut dyn Observer) -> Result<Ending, TraceError> {
        Err(TraceError::NotLinux)
    }
}

impl Attachment {
    /// Traces the process with this ID.
    pub const fn new(process: u32) -> Self {
        Self { process, limit: None }
    }

    /// Leaves the process after this time.
    #[must_use]
    pub const fn limit(self, limit: Option<Duration>) -> Self {
        Self { limit, ..self }
    }

    /// Traces until the process has ended with all that it started meanwhile, the time is up, or this process gets SIGINT,
    /// SIGQUIT, SIGTERM or SIGHUP. Returns how the process ended, if it did; if it is a child of this process, it has been
    /// waited for then. The observer's answers do not matter.
    ///
    /// # Errors
    ///
    /// Where the process cannot be traced.
    #[cfg(target_os = "linux")]
    pub fn run(&self, observer: &mut (dyn Observer + Send)) -> Result<Option<Status>, TraceError> {
        attach::run(self, observer)
    }

    /// Traces the process, on Linux.
    ///
    /// # Errors
    ///
    /// Elsewhere, always.
    #[cfg(not(target_os = "linux"))]
    pub fn run(&self, _: &mut (dyn Observer + Send)) -> Result<Option<Status>, TraceError> {
        Err(TraceError::NotLinux)
    }
}
