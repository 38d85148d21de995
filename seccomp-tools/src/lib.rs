//! Everything that can be said about seccomp policies and programs, without reading a file or printing a word.
//!
//! The compiler turns a policy into a proved program. This crate answers the questions around that: what is wrong on
//! which architectures ([`Check`]), also for other tools ([`Findings::to_json`], [`Sarif`]), what a code means
//! ([`explanation`]), what a recorded call means for a policy ([`advice`]), whether another program can start this one
//! under its filter ([`refused_at_launch`]), how a program is written down and read back ([`program`]), and which
//! policies there are to start from ([`ready`]). What a program was seen to call is a
//! [`recording`], and which lines of a policy it used is its [`coverage`].
//!
//! ```
//! use seccomp_compiler::{Architecture, Code};
//! use seccomp_tools::explanation;
//!
//! assert!(explanation(Code::UnknownSyscall).contains("names: [exceve]"));
//! ```
#![forbid(unsafe_code)]
#![warn(clippy::disallowed_macros)]

pub mod advice;
mod check;
pub mod coverage;
mod explanation;
mod findings;
mod launch;
pub mod program;
pub mod ready;
pub mod recording;
pub mod scan;

pub use check::{Check, Conclusion};
pub use explanation::{explanation, summary};
pub use findings::{Finding, Findings, Sarif};
pub use launch::refused_at_launch;
