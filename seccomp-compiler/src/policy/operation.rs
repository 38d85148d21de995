//! The operations of conditions, as rows.

use super::rows::rows;

rows! {
    /// A comparison of the argument `a` with the value `v`, unsigned.
    pub enum Operation: &'static str {
        /// a = v
        Equal = "Equal",
        /// a ≠ v
        NotEqual = "NotEqual",
        /// a > v
        GreaterThan = "GreaterThan",
        /// a < v
        LessThan = "LessThan",
        /// a ≥ v
        GreaterOrEqual = "GreaterOrEqual",
        /// a ≤ v
        LessOrEqual = "LessOrEqual",
        /// a & v ≠ 0
        BitsSet = "BitsSet",
        /// a & v = 0
        BitsNotSet = "BitsNotSet",
        /// a & mask = v
        MaskedEqual = "MaskedEqual",
    }
}

impl Operation {
    /// Its name in a policy.
    pub const fn name(self) -> &'static str {
        self.row()
    }

    /// The operation of this name; letter case does not matter.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|operation| operation.name().eq_ignore_ascii_case(name))
    }
}
