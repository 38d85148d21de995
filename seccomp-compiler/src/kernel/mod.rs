//! What Linux is: its architectures, its system calls, and the facts about both as tables.

pub(crate) mod action;
pub(crate) mod architecture;
pub(crate) mod call;
pub(crate) mod effects;
pub(crate) mod related;
pub(crate) mod tables;
pub(crate) mod values;
