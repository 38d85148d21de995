//! What a running Linux kernel says about seccomp filters: its records of violations, from wherever they are kept to
//! whatever reads them. [`tracer`] sees the calls of a command as it runs.
//!
//! ```text
//! source ─event→ text ─record→ Violation ─unique→ filter ─sink→ table │ ecs │ json │ prometheus
//!                 └──────────────────────────┴───────┴─→ tally: read, understood, twice, left out, lost
//! ```
//!
//! A *violation* is a system call that a filter answered with an action that the kernel logs. A log may contain
//! anything, written by anyone: it is decoded as far as possible, in bounded memory, and whatever cannot be decoded or
//! never arrived is counted.
//!
//! [`Reading`] is the whole pipeline; its stages can be used on their own:
//!
//! ```
//! use seccomp_observe::{decode, records};
//!
//! let line = b"audit: type=1326 audit(1763888400.802:17): pid=4711 comm=\"server\" arch=c000003e syscall=41 code=0x50000";
//! let violation = records(line).map(|record| decode(&record)).next().expect("there is a record on this line");
//! assert_eq!(violation.syscall.as_deref(), Some("socket"));
//! assert_eq!(violation.action.map(|action| action.to_string()).as_deref(), Some("errno"));
//! ```
#![deny(unsafe_code)]
#![warn(clippy::disallowed_macros)]

mod event;
mod filter;
mod local;
mod reading;
mod reason;
mod record;
mod serials;
pub mod sink;
pub mod source;
mod tally;
mod text;
pub mod tracer;
mod unique;
pub mod why;

pub use event::{Event, Extent, LONGEST_LINE, Line};
pub use filter::Filter;
pub use reading::{Annotate, ReadError, Reading};
pub use reason::reason;
pub use record::{
    Action, Field, Form, Gap, Identity, Names, Process, Record, Time, Value, Violation, decode, records,
};
pub use tally::{Loss, Tally};
