//! Reads finished diagrams: where two differ, and which answers go together.

use std::collections::HashSet;

use super::{Diagrams, Id, LEAF, Leaf, OverBudget, WORD_BITS};
use crate::kernel::call::Call;

impl Diagrams {
    /// A call on which two functions differ, and the answer of each. `None` where they are equal.
    pub(crate) fn witness(&self, a: Id, b: Id) -> Option<(Call, Leaf, Leaf)> {
        let (mut a, mut b) = (a, b);
        let mut words = [0_u32; 16];
        while a != b {
            let (of_a, of_b) = (self.node(a), self.node(b));
            let top = of_a.bit.min(of_b.bit);
            if top == LEAF {
                return Some((call(&words), self.as_leaf(a)?, self.as_leaf(b)?));
            }
            let (a0, a1) = (of_a.zero_at(top, a), of_a.one_at(top, a));
            let (b0, b1) = (of_b.zero_at(top, b), of_b.one_at(top, b));
            // Different nodes are different functions, so they differ in one of the two halves.
            if a0 != b0 {
                (a, b) = (a0, b0);
            } else {
                words[(top / WORD_BITS) as usize] |= 1 << (WORD_BITS - 1 - top % WORD_BITS);
                (a, b) = (a1, b1);
            }
        }
        None
    }
}

impl Diagrams {
    /// Each pair of answers that two functions give to the same call.
    pub(crate) fn pairs(&mut self, a: Id, b: Id) -> Result<Vec<(Leaf, Leaf)>, OverBudget> {
        let mut pairs = Vec::new();
        let mut seen = HashSet::new();
        let mut pending = vec![(a, b)];
        while let Some((a, b)) = pending.pop() {
            if !seen.insert((a, b)) {
                continue;
            }
            self.spend(1)?;
            let (of_a, of_b) = (self.node(a), self.node(b));
            match (self.as_leaf(a), self.as_leaf(b)) {
                (Some(a), Some(b)) => pairs.push((a, b)),
                _ => {
                    let top = of_a.bit.min(of_b.bit);
                    pending.push((of_a.zero_at(top, a), of_b.zero_at(top, b)));
                    pending.push((of_a.one_at(top, a), of_b.one_at(top, b)));
                }
            }
        }
        Ok(pairs)
    }
}

fn call(words: &[u32; 16]) -> Call {
    let double = |high: usize| u64::from(words[high]) << 32 | u64::from(words[high + 1]);
    Call {
        arch: words[0],
        number: words[1],
        instruction_pointer: double(2),
        arguments: [4, 6, 8, 10, 12, 14].map(double),
    }
}
