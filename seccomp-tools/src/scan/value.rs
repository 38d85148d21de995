//! What a register can hold: a few values that are known, or also others.

use core::hash::{BuildHasherDefault, Hasher};
use std::collections::HashMap;

/// A value that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Known {
    Number(u64),
    /// An address of the object itself.
    Address(u64),
    /// The address of a dynamic symbol, plus an offset.
    Symbol(u32, i64),
    /// What a register held when the function was called; the arguments on the stack come after the registers.
    Entry(u8),
    /// The stack pointer at that time, plus an offset.
    Stack(i64),
}

impl Known {
    /// The sum with a number, if that is known too.
    pub(super) fn plus(self, number: i64) -> Option<Self> {
        match self {
            Self::Number(old) => Some(Self::Number(old.wrapping_add_signed(number))),
            Self::Address(old) => Some(Self::Address(old.wrapping_add_signed(number))),
            Self::Symbol(symbol, old) => Some(Self::Symbol(symbol, old.wrapping_add(number))),
            Self::Stack(old) => Some(Self::Stack(old.wrapping_add(number))),
            Self::Entry(_) => (number == 0).then_some(self),
        }
    }

    /// The lowest bytes of a number.
    pub(super) fn narrowed(self, size: u64) -> Option<Self> {
        match self {
            Self::Number(number) if size < 8 => Some(Self::Number(number & ((1 << (8 * size)) - 1))),
            _ => None,
        }
    }
}

/// A set of values, by its place in [`Values`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Value(u32);

impl Value {
    /// Anything.
    pub(super) const ANY: Self = Self(0);
    /// Nothing: no way leads here.
    pub(super) const NONE: Self = Self(1);
}

/// What a [`Value`] stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Set {
    known: Vec<Known>,
    /// Whether it can also be something else.
    is_open: bool,
}

/// More than this, and a set is only open.
const MOST_VALUES: usize = 12;

/// More sets than this, and all others are open.
const MOST_SETS: usize = 1 << 20;

/// A map that is quick.
pub(super) type Map<K, V> = HashMap<K, V, BuildHasherDefault<Mixer>>;

/// The sets of values that a scan has met, each once.
pub(super) struct Values {
    sets: Vec<Set>,
    numbers: Map<Set, u32>,
    /// The sets of one value, which most are.
    singles: Map<Known, Value>,
    joined: Map<(u32, u32), u32>,
}

/// For what is looked up for almost every instruction. How much there is, is bounded, whatever the program.
#[derive(Default)]
pub(super) struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 ^= self.0 >> 29;
    }
}

impl Values {
    pub(super) fn new() -> Self {
        let mut values = Self {
            sets: Vec::new(),
            numbers: Map::default(),
            singles: Map::default(),
            joined: Map::default(),
        };
        values.intern(Set { known: Vec::new(), is_open: true });
        values.intern(Set { known: Vec::new(), is_open: false });
        values
    }

    pub(super) fn known(&self, value: Value) -> &[Known] {
        &self.sets[value.0 as usize].known
    }

    pub(super) fn is_open(&self, value: Value) -> bool {
        self.sets[value.0 as usize].is_open
    }

    pub(super) fn one(&mut self, known: Known) -> Value {
        if let Some(value) = self.singles.get(&known) {
            return *value;
        }
        let value = self.intern(Set { known: vec![known], is_open: false });
        if value != Value::ANY {
            self.singles.insert(known, value);
        }
        value
    }

    /// What is known, or also something else.
    pub(super) fn opened(&mut self, value: Value) -> Value {
        self.join(value, Value::ANY)
    }

    /// The one number that a value is.
    pub(super) fn number(&self, value: Value) -> Option<u64> {
        match self.known(value) {
            [Known::Number(number)] if !self.is_open(value) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn map(&mut self, value: Value, change: impl Fn(Known) -> Option<Known>) -> Value {
        let set = &self.sets[value.0 as usize];
        match set.known.as_slice() {
            [] => return value,
            [known] if !set.is_open => {
                let changed = change(*known);
                return changed.map_or(Value::ANY, |known| self.one(known));
            }
            _ => {}
        }
        let mut is_open = set.is_open;
        let mut known: Vec<Known> = Vec::with_capacity(set.known.len());
        for old in &set.known {
            match change(*old) {
                Some(new) => known.push(new),
                None => is_open = true,
            }
        }
        known.sort_unstable();
        known.dedup();
        self.intern(Set { known, is_open })
    }

    pub(super) fn join(&mut self, one: Value, other: Value) -> Value {
        let key = (one.0.min(other.0), one.0.max(other.0));
        if key.0 == key.1 || one == Value::NONE {
            return other;
        }
        if other == Value::NONE {
            return one;
        }
        if let Some(joined) = self.joined.get(&key) {
            return Value(*joined);
        }
        let [one, other] = [&self.sets[key.0 as usize], &self.sets[key.1 as usize]];
        let mut known = [one.known.as_slice(), &other.known].concat();
        let is_open = one.is_open || other.is_open;
        known.sort_unstable();
        known.dedup();
        let joined = self.intern(Set { known, is_open });
        self.joined.insert(key, joined.0);
        joined
    }

    fn intern(&mut self, mut set: Set) -> Value {
        if let Some(number) = self.numbers.get(&set) {
            return Value(*number);
        }
        if set.known.len() > MOST_VALUES || self.sets.len() >= MOST_SETS {
            set = Set { known: Vec::new(), is_open: true };
            if !self.sets.is_empty() {
                return Value::ANY;
            }
        }
        let number = u32::try_from(self.sets.len()).unwrap_or_default();
        self.sets.push(set.clone());
        self.numbers.insert(set, number);
        Value(number)
    }
}
