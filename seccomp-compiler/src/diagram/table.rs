//! Hash tables of small numbers. The standard ones hash with care against attackers, which costs several times the
//! whole proof where optimisation is off, as it is in macros.

use super::Id;

pub(super) fn hash(a: u32, b: u32, c: u32) -> u64 {
    let mixed = (u64::from(a) << 40) ^ (u64::from(b) << 20) ^ u64::from(c);
    let mixed = mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 29)
}

/// An open table of numbers that stand for something kept elsewhere.
pub(super) struct Slots {
    slots: Vec<u32>,
    filled: usize,
}

const FREE: u32 = u32::MAX;

impl Slots {
    pub(super) fn new(size: usize) -> Self {
        Self { slots: vec![FREE; size], filled: 0 }
    }

    /// The number that `matches`, or the slot where it would go.
    pub(super) fn find(&self, hash: u64, matches: impl Fn(u32) -> bool) -> Result<u32, usize> {
        let last = self.slots.len() - 1;
        let mut slot = usize::try_from(hash >> 8).unwrap_or_default() & last;
        loop {
            match self.slots[slot] {
                FREE => return Err(slot),
                id if matches(id) => return Ok(id),
                _ => slot = (slot + 1) & last,
            }
        }
    }

    /// Puts a number in a free slot; `hash` is asked again for all of them when the table grows.
    pub(super) fn fill(&mut self, slot: usize, id: u32, hash: impl Fn(u32) -> u64) {
        self.slots[slot] = id;
        self.filled += 1;
        if self.filled * 2 > self.slots.len() {
            let mut larger = Self::new(self.slots.len() * 2);
            for id in self.slots.iter().copied().filter(|id| *id != FREE) {
                if let Err(slot) = larger.find(hash(id), |_| false) {
                    larger.slots[slot] = id;
                }
            }
            larger.filled = self.filled;
            *self = larger;
        }
    }
}

/// Results of the operation under way.
pub(super) struct Memo {
    entries: Vec<((u32, u32, u32), Id)>,
    slots: Slots,
}

impl Default for Memo {
    fn default() -> Self {
        Self { entries: Vec::new(), slots: Slots::new(64) }
    }
}

impl Memo {
    pub(super) fn clear(&mut self) {
        if !self.entries.is_empty() {
            *self = Self::default();
        }
    }

    pub(super) fn get(&self, key: (u32, u32, u32)) -> Option<Id> {
        let found = self.slots.find(hash(key.0, key.1, key.2), |at| self.entries[at as usize].0 == key);
        found.ok().map(|at| self.entries[at as usize].1)
    }

    pub(super) fn insert(&mut self, key: (u32, u32, u32), value: Id) {
        let hash = |(a, b, c)| hash(a, b, c);
        let Err(slot) = self.slots.find(hash(key), |at| self.entries[at as usize].0 == key) else { return };
        let at = u32::try_from(self.entries.len()).unwrap_or(FREE);
        self.entries.push((key, value));
        let entries = &self.entries;
        self.slots.fill(slot, at, |at| hash(entries[at as usize].0));
    }
}
