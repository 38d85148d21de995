//! Bytes to violations: the records in a line, the fields in a record, and what they say.

mod audit_names;
mod beginning;
mod calls;
mod decode;
mod fields;
mod form;
mod names;
mod number;
mod process;
mod violation;
mod when;

pub(crate) use audit_names::number as audit_number;
pub(crate) use beginning::MARKS;
pub(crate) use calls::name as call_name;
pub use decode::decode;
pub(crate) use decode::{decode_for, serial};
pub(crate) use fields::ADDED;
pub use fields::{Field, Record, Value, records};
pub use form::Form;
pub use names::Names;
pub(crate) use number::code as action;
pub use process::Process;
pub(crate) use process::{container, unit};
pub(crate) use violation::signal;
pub use violation::{Action, Gap, Identity, Time, Violation};
