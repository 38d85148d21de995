//! What authors write: the model of a policy, the tables of its language, and how it is read.

#[cfg(feature = "edit")]
pub mod edit;
mod flags;
pub(crate) mod keys;
mod model;
mod operation;
pub(crate) mod parse;
#[cfg(feature = "edit")]
mod print;
mod rows;
#[cfg(feature = "schema")]
pub(crate) mod schema;

pub use self::flags::{Flag, Flags};
pub use self::model::{
    Action, AllowedWarning, Argument, Condition, Entry, Errno, Fallbacks, Group, Placed, Policy, Term, Value,
};
pub use self::operation::Operation;
pub use crate::kernel::action::{ActionData, ActionKind};
