//! What authors write: a policy as a value, and the tables of its language.
//!
//! A [`Policy`] is what one file says: names are still names, and the files that it includes are still paths. It is
//! [read](Policy::read) from a file or built in code, and compared with `==`, which looks neither at places nor at
//! comments.
//!
//! With the feature `edit` it is printed as canonical YAML, which reads back as an equal policy. That is also how a
//! policy that was built in code is compiled: its problems have places in the printed text.
//!
//! ```
//! # #[cfg(feature = "edit")] {
//! use seccomp_compiler::policy::{Action, Condition, Group, Operation, Policy};
//! use seccomp_compiler::{Architecture, Compiler, SourceFile};
//!
//! let mut sockets = Group::new(Action::Errno("EACCES".into()))
//!     .name_with_args("socket", [Condition::new("family", Operation::NotEqual, "AF_UNIX")]);
//! sockets.comment = "No network.".to_owned();
//! let mut policy = Policy::new(Action::Allow);
//! policy.groups = vec![sockets, Group::new(Action::KillProcess).names(["execve", "execveat"])];
//!
//! let text = policy.to_string();
//! assert_eq!(text, "\
//! default_action: allow
//! syscalls:
//! ## No network.
//! - action: errno(EACCES)
//!   names_with_args:
//!   - name: socket
//!     arguments: [{argument: family, operation: NotEqual, value: AF_UNIX}]
//! - action: kill_process
//!   names: [execve, execveat]
//! ");
//! assert_eq!(text.parse::<Policy>()?, policy);
//!
//! let x86_64 = Architecture::find("x86_64").expect("it is in the table");
//! Compiler::for_architecture(x86_64).compile(&SourceFile::new("built.yaml", text))?;
//! # }
//! # Ok::<(), seccomp_compiler::Diagnostics>(())
//! ```
//!
//! The module `edit` changes a policy in its author's file, where every other byte stays.

#[cfg(feature = "edit")]
pub mod edit;
mod flags;
pub(crate) mod keys;
mod model;
mod operation;
pub(crate) mod parse;
mod placed;
#[cfg(feature = "edit")]
mod print;
mod rows;
#[cfg(feature = "schema")]
pub(crate) mod schema;
mod value;

pub use self::flags::{Flag, Flags};
pub use self::model::{Action, AllowedWarning, Condition, Entry, Fallbacks, Group, Policy};
pub use self::operation::Operation;
pub use self::placed::Placed;
pub use self::value::{Argument, Errno, Term, Value};
pub use crate::kernel::action::{ActionData, ActionKind, Promise};
