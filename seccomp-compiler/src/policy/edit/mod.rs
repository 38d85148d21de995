//! Changes to a policy that keep the rest of its author's file as it is, byte for byte.
//!
//! An [`Edit`] says what is to change in a [`Policy`](super::Policy). An [`Editor`] applies it to a file, in the style of
//! the text around it: block or flow, quoted or not. Comments stay with what they are about, and are removed only with it.
//! The edited text is then read again. Unless it reads as exactly the edited policy, the file stays as it was.
//!
//! What was done to the text is a [`Change`]. Undoing it gives back the same bytes, comments and spacing included.
//!
//! ```
//! use seccomp_compiler::SourceFile;
//! use seccomp_compiler::policy::Entry;
//! use seccomp_compiler::policy::edit::{Edit, Editor};
//!
//! let file = SourceFile::new("server.yaml", "
//! default_action: errno   # for now
//! syscalls:
//! - action: allow
//!   names:
//!   - read    # from the socket
//!   - write
//! ");
//! let mut editor = Editor::open(&file)?;
//! let edit = Edit::add_call(editor.policy(), 0, Entry::new("sendto"));
//! let change = editor.apply(&edit).expect("there is such a group");
//! assert_eq!(editor.text(), "
//! default_action: errno   # for now
//! syscalls:
//! - action: allow
//!   names:
//!   - read    # from the socket
//!   - sendto
//!   - write
//! ");
//! assert_eq!((&*change.old, &*change.new), ("", "  - sendto\n"));
//!
//! editor.undo(&change).expect("nothing else changed");
//! assert_eq!(editor.file(), &file);
//! # Ok::<(), seccomp_compiler::Diagnostics>(())
//! ```

mod allow;
mod block;
mod change;
mod collection;
mod editor;
mod edits;
mod flow;
mod splice;
mod target;

pub use self::allow::ways_to_allow;
pub use self::change::Change;
pub use self::editor::Editor;
pub use self::edits::{Edit, Unchanged};
