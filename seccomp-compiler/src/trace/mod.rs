//! Which lines of a policy are behind a verdict.

pub(crate) mod report;
