//! Installs a seccomp filter that was compiled from a policy, and proved equal to it, when the program was built.
//!
//! ```no_run
//! use seccomp_runtime::policy;
//!
//! #[policy(yaml = "
//! default_action: allow
//! syscalls:
//! - action: errno
//!   names: [execve, execveat]
//! ")]
//! fn main() {
//!     // The filter is in place: this process starts no other program.
//! }
//! ```
//!
//! A policy usually has a file of its own: `#[policy("policies/server.yaml")]`, relative to the package's
//! `Cargo.toml`. A mistake in it is a compile error. The binary carries the finished program as a `static` array, and
//! installs it with two system calls before the body of `main`.
//!
//! Where the filter must wait, [`include_policy!`] gives the [`Filter`] to install by hand:
//!
//! ```
//! use seccomp_runtime::{Filter, include_policy};
//!
//! static NO_EXEC: Filter = include_policy!(yaml = "
//! default_action: allow
//! syscalls:
//! - action: errno
//!   names: [execve, execveat]
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
//! # Systems
//!
//! Filters are Linux's, and Android's. Elsewhere this crate compiles, policies are checked for the same architecture,
//! and [`Filter::install`] returns [`InstallError::Unsupported`]; so `#[policy]` ends the program there. To run without
//! a filter on other systems, say so: `#[cfg_attr(any(target_os = "linux", target_os = "android"), policy("…"))]`.
//!
//! # Features
//!
//! - `macros`, on by default: [`policy`] and [`include_policy!`]. Without it nothing but `libc` is built.
//! - `report`: `#[policy("…", report)]` says which call was refused by which line of the policy.
#![no_std]

#[cfg(doctest)]
extern crate std;

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

/// Installs a policy's filter before the body of `main`.
///
/// ```text
/// #[policy("policies/server.yaml")]                        // relative to the package's Cargo.toml
/// #[policy(yaml = "default_action: …")]                    // in place, for tests and small tools
/// #[policy("policies/server.yaml", on_failure = "warn")]   // go on without a filter where it cannot be installed
/// #[policy("policies/server.yaml", static = FILTER)]       // the filter as a static of that name, to look at
/// #[policy("policies/server.yaml", deny_warnings)]         // warnings about the policy are errors
/// #[policy("policies/server.yaml", crate = renamed)]       // where this crate has another name
/// ```
///
/// The policy is read, checked, compiled and proved when the program is built; each mistake is a compile error at the
/// attribute with the file, line and column. A change to the policy alone rebuilds the program.
///
/// With the feature `report` a program says on standard error what its filter trapped, before it dies, exits or goes
/// on with an error; with `report_to` also to the descriptor that a `static AtomicI32` holds, unless that is negative:
///
/// ```text
/// #[policy("policies/server.yaml", report)]
/// #[policy("policies/server.yaml", report = "exit(3)", report_to = REPORTS)]
/// #[policy("policies/server.yaml", report = "errno(EPERM)")]
/// ```
///
/// When the filter cannot be installed, the program prints one line and exits with status 1, unless `on_failure =
/// "warn"`. An `async fn main` keeps its runtime's attribute, such as `#[tokio::main]`, above or below this one: the
/// filter is in place before the runtime starts its threads.
#[cfg(feature = "macros")]
pub use seccomp_macros::policy;

/// The [`Filter`] of a policy, for a `static`.
///
/// ```text
/// static WORKER: Filter = include_policy!("policies/worker.yaml");   // relative to the package's Cargo.toml
/// static WORKER: Filter = include_policy!(yaml = "default_action: …");
/// static WORKER: Filter = include_policy!("policies/worker.yaml", deny_warnings, report, report_to = REPORTS);
/// ```
///
/// As with [`macro@policy`], all work is done and all mistakes are found when the program is built.
#[cfg(feature = "macros")]
#[macro_export]
macro_rules! include_policy {
    ($($policy:tt)*) => {
        $crate::__compile! { $crate; $($policy)* }
    };
}

// `__compile!`, for the architecture that this crate is compiled for.
#[cfg(feature = "macros")]
seccomp_macros::targets!();

/// What the macros' output is made of. No part of the API.
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
