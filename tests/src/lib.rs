//! What the end to end tests share.

pub mod documents;
pub mod kernel;
pub mod oracle;
pub mod predicate;
pub mod programs;
pub mod random;
pub mod scratch;
pub mod tables;
pub mod ui;
