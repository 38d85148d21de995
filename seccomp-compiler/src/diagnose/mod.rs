//! What can be wrong with a policy, and how it is said.
//!
//! Stages report facts: a variant of one area's enum, such as [`NameProblem`](names::NameProblem), with its place. The
//! area's file has everything else beside the facts: code, severity, message and help. [`Problems`](problems::Problems)
//! collects them, and draws up the [`Diagnostics`](diagnostic::Diagnostics) that users see.

pub(crate) mod architectures;
pub(crate) mod code;
pub(crate) mod conditions;
mod declare;
pub(crate) mod diagnostic;
pub(crate) mod document;
pub(crate) mod filter;
pub(crate) mod lints;
mod message;
pub(crate) mod names;
pub(crate) mod other_tools;
pub(crate) mod problem;
pub(crate) mod problems;
pub(crate) mod rules;
pub(crate) mod spelling;
