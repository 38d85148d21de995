//! Changes to a policy that keep the rest of its author's file as it is, byte for byte.
//!
//! An [`Edit`] is a change to a [`Policy`](super::Policy). An [`Editor`] applies it to a file, in the style of the text
//! around it: block or flow, quoted or not, with every comment in its place. The edited text is then read again. Unless it
//! stands for exactly the edited policy, the file stays as it was.
//!
//! ```
//! use seccomp_compiler::SourceFile;
//! use seccomp_compiler::policy::Entry;
//! use seccomp_compiler::policy::edit::{Edit, Editor};
//!
//! let mut editor = Editor::open(&SourceFile::new("server.yaml", "
//! default_action: errno   # for now
//! syscalls:
//! - action: allow
//!   names:
//!   - read    # from the socket
//!   - write
//! "))?;
//! let edit = Edit::add_call(editor.policy(), 0, Entry::new("sendto"));
//! editor.apply(&edit).expect("there is such a group");
//! assert_eq!(editor.text(), "
//! default_action: errno   # for now
//! syscalls:
//! - action: allow
//!   names:
//!   - read    # from the socket
//!   - sendto
//!   - write
//! ");
//! # Ok::<(), seccomp_compiler::Diagnostics>(())
//! ```

mod allow;
mod change;
mod collection;
mod editor;
mod target;

pub use self::allow::ways_to_allow;
pub use self::change::{Edit, Unchanged};
pub use self::editor::Editor;
