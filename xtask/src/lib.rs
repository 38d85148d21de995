//! What is made by programs, and how: the compiler's tables from `seccomp-compiler/data`, and those of the data files
//! that describe a kernel from its source. Nothing here is part of a published crate.
//!
//! A broken data file or an unexpected kernel source stops the program with a panic that says where.

pub mod data;
pub mod kernel;
pub mod tables;
pub mod update;
