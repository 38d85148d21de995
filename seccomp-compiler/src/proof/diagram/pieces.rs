//! A function of one word, given in pieces: the value from which on each other function holds.

use super::{Diagrams, Id, OverBudget, Relation, WORD_BITS, index};
use crate::engine::program::Word;

/// The values of a word from 0 on, in pieces with one function each.
pub(crate) struct Pieces {
    pieces: Vec<(u32, Id)>,
}

impl Pieces {
    pub(crate) fn new(function: Id) -> Self {
        Self { pieces: vec![(0, function)] }
    }

    /// The function from `start` on. Of several with one start, the last one counts. A start past 2^32 is past the word.
    pub(crate) fn begin(&mut self, start: u64, function: Id) {
        let Ok(start) = u32::try_from(start) else { return };
        if let Some((last, _)) = self.pieces.last()
            && *last == start
        {
            self.pieces.pop();
        }
        match self.pieces.last() {
            Some((_, before)) if *before == function => {}
            _ => self.pieces.push((start, function)),
        }
    }

    /// The pieces, the first of which begins at 0.
    pub(crate) fn as_slice(&self) -> &[(u32, Id)] {
        &self.pieces
    }
}

impl Diagrams {
    /// The function that has, for each value of `word`, the function of the piece with that value.
    pub(crate) fn pieces(&mut self, word: Word, pieces: &Pieces) -> Result<Id, OverBudget> {
        let pieces = pieces.as_slice();
        let bit = index(word) * WORD_BITS;
        if pieces.iter().all(|(_, function)| self.nodes.get(function.0)[0] >= bit + WORD_BITS) {
            return self.pieces_from(bit, WORD_BITS, 0, pieces);
        }
        // Some piece depends on the word, or on what comes before it: compose them by tests.
        let mut function = pieces[pieces.len() - 1].1;
        for pair in pieces.windows(2).rev() {
            let [(_, before), (start, _)] = *pair else { continue };
            function = self.branch(word, u32::MAX, Relation::AtLeast, start, function, before)?;
        }
        Ok(function)
    }

    /// The function of the lowest `bits` of a word whose other bits are those of `start`.
    fn pieces_from(
        &mut self,
        word: u32,
        bits: u32,
        start: u32,
        pieces: &[(u32, Id)],
    ) -> Result<Id, OverBudget> {
        self.step()?;
        if pieces.len() == 1 {
            return Ok(pieces[0].1);
        }
        let middle = start + (1 << (bits - 1));
        // Words are mostly small, so few pieces are in the upper half.
        let mut upper = pieces.len();
        while pieces[upper - 1].0 >= middle {
            upper -= 1;
        }
        let zero = self.pieces_from(word, bits - 1, start, &pieces[..upper])?;
        // The piece with the middle extends into the upper half.
        if upper == pieces.len() || pieces[upper].0 > middle {
            upper -= 1;
        }
        let one = self.pieces_from(word, bits - 1, middle, &pieces[upper..])?;
        self.make(word + WORD_BITS - bits, zero, one)
    }
}
