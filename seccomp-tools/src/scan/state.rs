//! What is known at one point of a function: the values of registers, and of the stack.

use super::machine::{Convention, REGISTERS, Register, STACK_ARGUMENTS};
use super::value::{Known, Value, Values};
use core::ops::{Index, IndexMut};

/// Values on the stack that are followed, at most.
const MOST_SLOTS: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State {
    pub(super) registers: [Value; REGISTERS],
    /// Values on the stack, in the order of their places.
    slots: Vec<Slot>,
    /// Whether others may have a pointer to the stack.
    pub(super) is_shared: bool,
}

/// A value on the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Slot {
    /// The distance from where the stack was when the function was called.
    place: i64,
    value: Value,
    size: u64,
}

impl Index<Register> for State {
    type Output = Value;

    fn index(&self, register: Register) -> &Value {
        &self.registers[usize::from(register)]
    }
}

impl IndexMut<Register> for State {
    fn index_mut(&mut self, register: Register) -> &mut Value {
        &mut self.registers[usize::from(register)]
    }
}

impl State {
    pub(super) const fn unknown() -> Self {
        Self { registers: [Value::ANY; REGISTERS], slots: Vec::new(), is_shared: true }
    }

    /// The state in which a function is called: everything is what its caller gives to it.
    pub(super) fn entry(convention: &Convention, values: &mut Values) -> Self {
        let mut state = Self::unknown();
        let mut given = (0..).map(|number| values.one(Known::Entry(number)));
        for (register, value) in state.registers.iter_mut().zip(&mut given) {
            *register = value;
        }
        for (offset, value) in argument_offsets().zip(given) {
            state.slots.push(Slot { place: convention.return_address + offset, value, size: 8 });
        }
        state[convention.stack] = values.one(Known::Stack(0));
        state.is_shared = false;
        state
    }

    /// What a function finds that is called in this state: registers, then arguments on the stack. `skipped` is the size
    /// of the return address, if it is there already.
    pub(super) fn passed(&self, convention: &Convention, skipped: i64, values: &Values) -> Box<[Value]> {
        let stack = match values.known(self[convention.stack]) {
            [Known::Stack(at)] => Some(at.saturating_add(skipped)),
            _ => None,
        };
        let on_stack = argument_offsets().map(|offset| {
            let slot = self.slot(stack?.saturating_add(offset));
            slot.filter(|slot| slot.size == 8).map(|slot| slot.value)
        });
        let on_stack = on_stack.map(|value| value.unwrap_or(Value::ANY));
        self.registers.iter().copied().chain(on_stack).collect()
    }

    /// What is left of the stack where two ways meet; whether that is a change.
    pub(super) fn join_stack(&mut self, other: &Self, values: &mut Values) -> bool {
        let before = self.slots.len();
        let mut is_changed = other.is_shared && !self.is_shared;
        self.slots.retain_mut(|slot| match other.slot(slot.place) {
            Some(joined) if joined.size == slot.size => {
                let both = values.join(slot.value, joined.value);
                is_changed |= both != slot.value;
                slot.value = both;
                true
            }
            _ => false,
        });
        self.is_shared |= other.is_shared;
        is_changed || self.slots.len() != before
    }

    /// What a load of this size from the stack gives.
    pub(super) fn loaded(&self, at: i64, size: u64, values: &mut Values) -> Value {
        match self.slot(at) {
            Some(slot) if slot.size == size => slot.value,
            Some(slot) if slot.size > size && values.number(slot.value).is_some() => {
                values.map(slot.value, |known| known.narrowed(size))
            }
            _ => Value::ANY,
        }
    }

    fn slot(&self, place: i64) -> Option<&Slot> {
        let index = self.slots.binary_search_by_key(&place, |slot| slot.place).ok()?;
        self.slots.get(index)
    }

    /// Keeps a value on the stack, where nothing is known to be.
    pub(super) fn keep(&mut self, place: i64, value: Value, size: u64) {
        if self.slots.len() < MOST_SLOTS
            && let Err(index) = self.slots.binary_search_by_key(&place, |slot| slot.place)
        {
            self.slots.insert(index, Slot { place, value, size });
        }
    }

    /// Forgets what is on the stack in these bytes.
    pub(super) fn overwrite(&mut self, at: i64, size: u64) {
        let changed = at.saturating_sub(7)..at.saturating_add(size.cast_signed());
        self.slots.retain(|slot| !changed.contains(&slot.place));
    }

    /// Forgets what others may change through a pointer to the stack.
    pub(super) fn forget_shared(&mut self) {
        if self.is_shared {
            self.slots.clear();
        }
    }
}

/// Where arguments are on the stack, from its top when they are given.
fn argument_offsets() -> impl Iterator<Item = i64> {
    (0_i64..).step_by(8).take(STACK_ARGUMENTS)
}
