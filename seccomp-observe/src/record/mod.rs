//! Bytes to violations: the records in a line, the fields in a record, and what they say.

mod decode;
mod fields;
mod form;
mod names;
mod violation;

pub use decode::decode;
pub(crate) use decode::serial;
pub use fields::{Field, Record, Value, records};
pub use form::Form;
pub use names::Names;
pub use violation::{Action, Gap, Identity, Time, Violation};
