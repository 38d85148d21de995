//! Problems with a policy: their facts, codes, severity and words, and how they become diagnostics with places.

pub(crate) mod code;
pub(crate) mod diagnostic;
pub(crate) mod problem;
pub(crate) mod spelling;
pub(crate) mod words;
