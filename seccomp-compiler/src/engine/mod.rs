//! From rules to a program: what a policy means, the order in which a filter tests it, and the instructions that do so.

pub(crate) mod assemble;
pub(crate) mod plan;
pub(crate) mod profile;
pub(crate) mod program;
pub(crate) mod refusals;
pub(crate) mod rules;
pub(crate) mod tree;
