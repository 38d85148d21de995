//! Functions of one word as pieces: where each function of what comes after the word begins.

use super::{Diagrams, Id, OverBudget, Relation, WORD_BITS, index};
use crate::engine::program::Word;

/// The values of a word from 0 on, as pieces of one function each.
pub(crate) struct Pieces {
    pieces: Vec<(u32, Id)>,
}

impl Pieces {
    pub(crate) fn new(function: Id) -> Self {
        Self { pieces: vec![(0, function)] }
    }

    /// From here on the function is another; of several with one start, the last said is meant. Words end before 2^32.
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
    /// The function that for a value of `word` is that of the piece that it is in.
    pub(crate) fn pieces(&mut self, word: Word, pieces: &Pieces) -> Result<Id, OverBudget> {
        let pieces = pieces.as_slice();
        let bit = index(word) * WORD_BITS;
        if pieces.iter().all(|(_, function)| self.nodes.get(function.0)[0] >= bit + WORD_BITS) {
            return self.pieces_from(bit, WORD_BITS, 0, pieces);
        }
        // The bits of the word go into those functions that look at them, or at what comes before, themselves.
        let mut function = pieces[pieces.len() - 1].1;
        for pair in pieces.windows(2).rev() {
            let [(_, before), (start, _)] = *pair else { continue };
            function = self.branch(word, u32::MAX, Relation::AtLeast, start, function, before)?;
        }
        Ok(function)
    }

    /// The function of the lowest `bits` of a word, whose others are those of `start`.
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
        // Words mostly are small, so that few pieces are in the upper half.
        let mut upper = pieces.len();
        while pieces[upper - 1].0 >= middle {
            upper -= 1;
        }
        let zero = self.pieces_from(word, bits - 1, start, &pieces[..upper])?;
        // The piece that the middle is in reaches into the upper half.
        if upper == pieces.len() || pieces[upper].0 > middle {
            upper -= 1;
        }
        let one = self.pieces_from(word, bits - 1, middle, &pieces[upper..])?;
        self.make(word + WORD_BITS - bits, zero, one)
    }
}
