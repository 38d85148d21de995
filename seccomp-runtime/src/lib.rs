//! Installs a seccomp filter that was compiled from a policy, and proved equal to it, when the program was built.
//!
//! ```no_run
//! use seccomp_runtime::policy;
//!
//! #[policy(yaml = "
//! default_action: allow
//! syscalls:
//! - action: errno
//!   effects: [exec]
//! ")]
//! fn main() {
//!     // The filter is in place: this process starts no other program.
//! }
//! ```
//!
//! A policy usually has a file of its own, as in `#[policy("policies/server.yaml")]`. A mistake in it is a compile
//! error. The program carries the finished filter as a `static` array, and installs it with three system calls.
//!
//! To install a filter at another time, or for a single thread, [`include_policy!`] makes a [`Filter`]:
//!
//! ```
//! use seccomp_runtime::{Filter, include_policy};
//!
//! static NO_EXEC: Filter = include_policy!(yaml = "
//! default_action: allow
//! syscalls:
//! - action: errno
//!   effects: [exec]
//! ");
//!
//! # #[cfg(any(target_os = "linux", target_os = "android"))]
//! std::thread::spawn(|| {
//!     NO_EXEC.install_on_current_thread()?;
//!     let refused = std::process::Command::new("true").spawn();
//!     assert_eq!(refused.unwrap_err().kind(), std::io::ErrorKind::PermissionDenied);
//!     Ok::<(), seccomp_runtime::InstallError>(())
//! })
//! .join()
//! .unwrap()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`guide`] leads from a program to its policy, and [`refused`] from something that was refused to what to do about it. For
//! the language of policies, see `docs/policy.md` of the project.
//!
//! # Systems
//!
//! Filters are a feature of Linux, and so of Android. On other systems this crate compiles, policies are checked for
//! the same processor, and [`Filter::install`] returns [`InstallError::Unsupported`], with which `#[policy]` ends the
//! program. To run there without a filter, apply the attribute only where there are filters:
//!
//! ```no_run
//! # use seccomp_runtime::policy;
//! #[cfg_attr(any(target_os = "linux", target_os = "android"), policy("policies/server.yaml"))]
//! fn main() {}
//! ```
//!
//! # Features
//!
//! - `macros`, on by default: [`policy`] and [`include_policy!`]. Without it, only `libc` is built besides this crate.
//! - `report`: the argument [`report`](macro@policy#report), with which a program says what its filter refused.
//! - `std`: [`InstallError`] converts into `std::io::Error`, so that `?` works in a function that returns
//!   `std::io::Result`. Without it, `?` works where the error is an `InstallError` or a `Box<dyn Error>`.
#![no_std]
#![cfg_attr(
    not(feature = "macros"),
    allow(rustdoc::broken_intra_doc_links, reason = "the documentation links to the macros")
)]

#[cfg_attr(feature = "macros", doc = include_str!("../docs/guide.md"))]
pub mod guide {}

#[doc = include_str!("../docs/refused.md")]
pub mod refused {}

mod decimal;
mod errno;
mod error;
mod filter;
#[cfg(all(feature = "report", any(target_os = "linux", target_os = "android")))]
mod frame;
#[cfg(all(feature = "report", any(target_os = "linux", target_os = "android")))]
mod interpreter;
#[cfg(feature = "std")]
mod io_error;
#[cfg(all(feature = "report", any(target_os = "linux", target_os = "android")))]
mod line;
mod main_attribute;
#[cfg(feature = "report")]
mod report;
mod sys;
#[cfg(all(feature = "report", any(target_os = "linux", target_os = "android")))]
mod trapped;

pub use errno::Errno;
pub use error::{Flag, InstallError, Refusal, ThreadId};
pub use filter::{Filter, Instruction};

/// Installs the filter of a policy before the body of `main`.
///
/// ```no_run
/// use seccomp_runtime::policy;
///
/// #[policy("policies/server.yaml", deny_warnings)]
/// fn main() {
///     // No thread of this process can start another program.
/// }
/// ```
///
/// The first argument is the path of the policy, relative to the package's `Cargo.toml`. This one is:
///
/// ```yaml
#[doc = include_str!("../policies/server.yaml")]
/// ```
///
/// The policy is compiled, and the filter proved to be equal to it, when the program is built. Every mistake in the
/// policy is a compile error with the file, the line and the column. When only the policy changes, cargo builds the
/// program again.
///
/// `main` must be where the program starts. One that nothing calls, because of `#![no_main]` or because it is in a module
/// or a library, is a compile error, and so is one in an integration test, where the test harness has its own. One that is
/// called from elsewhere installs the filter when it is.
///
/// The path must not lead through a symbolic link: cargo goes by the time of the file at its end, and would keep the old
/// filter when the link comes to lead to an older file. For the same reason it does not notice a policy that is replaced
/// by an older file, such as one that is restored with its time: `touch` it then.
///
/// If the filter cannot be installed, the program writes one line to standard error and exits with status 1.
///
/// An `async fn main` keeps the attribute of its runtime, above or below this one. The filter is installed before the
/// runtime starts its threads:
///
/// ```ignore
/// #[policy("policies/server.yaml")]
/// #[tokio::main]
/// async fn main() {}
/// ```
///
/// # Arguments
///
/// All but the first are optional, in any order.
///
/// ### `yaml`
///
/// The policy itself in place of a path, for tests and small tools:
///
/// ```no_run
/// # use seccomp_runtime::policy;
/// #[policy(yaml = "
/// default_action: allow
/// syscalls: [{action: errno, names: [execve, execveat]}]
/// ")]
/// fn main() {}
/// ```
///
/// ### `deny_warnings`
///
/// Warnings about the policy are errors. Without it they are not shown: a macro on stable Rust cannot print a warning.
/// `allow_warnings` in the policy allows single ones.
///
/// ```no_run
/// # use seccomp_runtime::policy;
/// #[policy("policies/server.yaml", deny_warnings)]
/// fn main() {}
/// ```
///
/// ### `profile`
///
/// The path of a file that says how often the program makes each call. The filter then tests first for the calls that
/// the program makes most. Its verdicts do not change.
///
/// ```no_run
/// # use seccomp_runtime::policy;
/// #[policy("policies/server.yaml", profile = "policies/server.profile.yaml")]
/// fn main() {}
/// ```
///
/// A profile is a mapping of calls to counts, in YAML or JSON:
///
/// ```yaml
#[doc = include_str!("../policies/server.profile.yaml")]
/// ```
///
/// ### `on_failure`
///
/// With `"warn"` the program continues without its filter if that cannot be installed. The default is `"exit"`.
///
/// ```no_run
/// # use seccomp_runtime::policy;
/// #[policy("policies/server.yaml", on_failure = "warn")]
/// fn main() {}
/// ```
///
/// ### `static`
///
/// The name of a static that holds the [`Filter`]:
///
/// ```no_run
/// # use seccomp_runtime::policy;
/// #[policy("policies/server.yaml", static = FILTER)]
/// fn main() {
///     println!("the filter has {} instructions", FILTER.instructions().len());
/// }
/// ```
///
/// ### `crate`
///
/// The path of this crate, if it is not `::seccomp_runtime`: because `Cargo.toml` renames it, or another crate
/// re-exports it.
///
/// ```no_run
/// # extern crate seccomp_runtime as sandbox;
/// #[sandbox::policy("policies/server.yaml", crate = sandbox)]
/// fn main() {}
/// ```
///
/// ### `refusals`
///
/// For development: every refusal of the policy (`errno`, `trap`, `kill_thread` and `kill_process`, whatever their value,
/// and for foreign calls, too) becomes `"trap"`, `"log"` or `"kill_process"`. The file stays as it is, so that no second
/// one is needed to find out what a policy lacks. Its `expect` and its warnings are about the policy as it is written.
/// With `"trap"` and `"kill_process"`, the `errno(ENOSYS)` of a group and of `newer_syscalls` stays: C libraries are meant
/// to fall back to another call.
///
/// ```no_run
/// # use seccomp_runtime::policy;
/// #[policy("policies/server.yaml", refusals = "trap")]
/// fn main() {}
/// ```
///
/// With `"log"` the filter refuses nothing: the kernel makes and logs the calls. The program says so on standard error
/// when it installs the filter.
///
/// ### `report`
///
/// When the filter traps a call, the program says on standard error which call it was, and which line of the policy
/// refused it. This needs the feature `report`, and a policy with the action `trap`.
///
#[cfg_attr(feature = "report", doc = "```no_run")]
#[cfg_attr(not(feature = "report"), doc = "```ignore")]
/// # use seccomp_runtime::policy;
/// #[policy("policies/server.yaml", report)]
/// fn main() {}
/// ```
///
/// ```text
/// seccomp: ptrace(PTRACE_TRACEME, 0, 0, 0) refused by policies/server.yaml:7 (thread 4711, ip libc.so.6+0x110dc7); see seccomp_runtime::refused
/// ```
///
/// A call that the policy does not list is refused by the line of `default_action`, and the report says what to add. See
/// [`refused`] for what to do about it.
///
/// The process then dies of `SIGSYS`, as it would without a report. A value says what it does instead: with
/// `"exit(STATUS)"` it exits, and with `"errno(NAME)"` the call fails and the process continues. The default can be
/// spelled out as `"kill_process"`.
///
#[cfg_attr(feature = "report", doc = "```no_run")]
#[cfg_attr(not(feature = "report"), doc = "```ignore")]
/// # use seccomp_runtime::policy;
/// #[policy("policies/server.yaml", report = "errno(EPERM)")]
/// fn main() {}
/// ```
///
/// ### `report_to`
///
/// After `report`: a static with a file descriptor to which the report is written as well, unless it is negative.
///
#[cfg_attr(feature = "report", doc = "```no_run")]
#[cfg_attr(not(feature = "report"), doc = "```ignore")]
/// # use seccomp_runtime::policy;
/// use std::fs::File;
/// use std::os::fd::IntoRawFd;
/// use std::sync::atomic::{AtomicI32, Ordering};
///
/// static REPORTS: AtomicI32 = AtomicI32::new(-1);
///
/// #[policy("policies/server.yaml", report = "exit(3)", report_to = REPORTS)]
/// fn main() -> std::io::Result<()> {
///     REPORTS.store(File::create("/var/log/refused")?.into_raw_fd(), Ordering::Relaxed);
///     Ok(())
/// }
/// ```
#[cfg(feature = "macros")]
pub use seccomp_macros::policy;

/// The [`Filter`] of a policy, for a `static`.
///
/// ```
/// use seccomp_runtime::{Filter, include_policy};
///
/// static WORKER: Filter = include_policy!("policies/server.yaml", deny_warnings);
/// ```
///
/// It takes the path of a policy, or [`yaml`](macro@policy#yaml), and the arguments
/// [`deny_warnings`](macro@policy#deny_warnings), [`profile`](macro@policy#profile),
/// [`refusals`](macro@policy#refusals), [`report`](macro@policy#report) and [`report_to`](macro@policy#report_to) of [`macro@policy`]. As there, all work is done when the program is built,
/// and every mistake is a compile error.
#[cfg(feature = "macros")]
#[macro_export]
macro_rules! include_policy {
    ($($policy:tt)*) => {
        $crate::__compile! { $crate; $($policy)* }
    };
}

// `__compile!`, for the target of this crate.
#[cfg(feature = "macros")]
seccomp_macros::targets!();

/// What the macros emit calls of. Not part of the API.
#[doc(hidden)]
pub mod __private {
    #[cfg(feature = "report")]
    pub use crate::filter::reporting;
    pub use crate::filter::{Parts, filter, unsupported};
    pub use crate::main_attribute::{install_or_exit, install_or_warn};
    #[cfg(feature = "report")]
    pub use crate::report::{Report, Then};
    pub use crate::sys::program;
    #[cfg(feature = "macros")]
    pub use seccomp_macros::compile;
}
