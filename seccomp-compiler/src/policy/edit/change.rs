//! A change to a text, which can be undone.

use core::ops::Range;

use crate::policy::Policy;

/// What an [`Editor`](super::Editor) did to its text: some bytes in one place became others. Undoing it gives back the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// The first byte that changed.
    pub start: usize,
    /// What was there.
    pub old: String,
    /// What is there now.
    pub new: String,
    /// The policy that the text stood for.
    pub(super) before: Policy,
}

impl Change {
    /// The bytes of the new text that are not those of the old one.
    pub fn range(&self) -> Range<usize> {
        self.start..self.start + self.new.len()
    }
}
