//! Rules to a program: the meaning of a policy, the order in which it is tested, and the instructions that do so.

pub(crate) mod assemble;
pub(crate) mod plan;
pub(crate) mod profile;
pub(crate) mod program;
pub(crate) mod rules;
pub(crate) mod tree;
