//! The text of a policy, the YAML document in it, and places in both.

pub(crate) mod source;
pub(crate) mod yaml;
