//! A hash table of triples of numbers, which is all that diagrams keep. Macros are not optimised, and there the standard
//! table, even with a cheap hasher, costs 5 to 20 % more of a whole compilation; so this one is made of boxed slices and
//! plain loops.

/// Triples, each kept once; equal ones have the same index, from 1 on.
pub(super) struct Triples {
    triples: Box<[[u32; 3]]>,
    last: u32,
    /// Open addressing: indices, or 0 for an empty slot. The system provides zeros, so they need not be written.
    slots: Box<[u32]>,
}

impl Triples {
    /// A table with room for fewer than `room` triples, a power of two; it grows when they are more.
    pub(super) fn new(room: usize) -> Self {
        let (triples, slots) = (vec![[0; 3]; room], vec![0; 2 * room]);
        Self { triples: triples.into_boxed_slice(), last: 0, slots: slots.into_boxed_slice() }
    }

    pub(super) fn len(&self) -> usize {
        self.last as usize
    }

    pub(super) fn get(&self, index: u32) -> [u32; 3] {
        self.triples[index as usize]
    }

    /// The index of a triple, or the slot where it would go.
    pub(super) fn find(&self, triple: [u32; 3]) -> Result<u32, usize> {
        let end = self.slots.len() - 1;
        let mut slot = hash(triple) as usize & end;
        loop {
            let index = self.slots[slot];
            if index == 0 {
                return Err(slot);
            }
            let known = &self.triples[index as usize];
            if known[0] == triple[0] && known[1] == triple[1] && known[2] == triple[2] {
                return Ok(index);
            }
            slot = (slot + 1) & end;
        }
    }

    /// Puts a triple into the slot that [`find`](Self::find) returned for it; returns its index.
    pub(super) fn add(&mut self, slot: usize, triple: [u32; 3]) -> u32 {
        let index = self.last + 1;
        self.last = index;
        self.slots[slot] = index;
        self.triples[index as usize] = triple;
        if index as usize + 1 == self.triples.len() {
            self.grow();
        }
        index
    }

    fn grow(&mut self) {
        let mut larger = Self::new(2 * self.triples.len());
        let mut index = 1;
        while index <= self.last {
            let triple = self.get(index);
            if let Err(slot) = larger.find(triple) {
                larger.add(slot, triple);
            }
            index += 1;
        }
        *self = larger;
    }
}

fn hash(triple: [u32; 3]) -> u32 {
    let mixed = triple[0].wrapping_mul(0x9e37_79b1)
        ^ triple[1].wrapping_mul(0x85eb_ca6b)
        ^ triple[2].wrapping_mul(0xc2b2_ae35);
    mixed ^ mixed >> 15
}

/// The memoised results of operations.
pub(super) struct Memo {
    keys: Triples,
    results: Vec<u32>,
}

impl Memo {
    pub(super) fn new(room: usize) -> Self {
        Self { keys: Triples::new(room), results: Vec::with_capacity(room) }
    }

    pub(super) fn get(&self, key: [u32; 3]) -> Option<u32> {
        match self.keys.find(key) {
            Ok(index) => Some(self.results[index as usize - 1]),
            Err(_) => None,
        }
    }

    pub(super) fn insert(&mut self, key: [u32; 3], result: u32) {
        // Its slot may have been taken since it was looked for.
        if let Err(slot) = self.keys.find(key) {
            self.keys.add(slot, key);
            self.results.push(result);
        }
    }
}
