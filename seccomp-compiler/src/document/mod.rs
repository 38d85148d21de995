//! The text of a policy, the YAML document in it, and places in both.

pub(crate) mod load;
pub(crate) mod locate;
pub(crate) mod source;
pub(crate) mod visible;
pub(crate) mod yaml;
