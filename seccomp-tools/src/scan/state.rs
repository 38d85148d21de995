//! What is known at one point of a function: the values of registers, and of the stack.

use core::ops::{Index, IndexMut};
use std::collections::BTreeMap;

use super::machine::{Convention, REGISTERS, Register, STACK_ARGUMENTS};
use super::value::{Known, Value, Values};

/// Values on the stack that are followed, at most.
const MOST_SLOTS: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State {
    pub(super) registers: [Value; REGISTERS],
    /// Values on the stack with their sizes, by their distance from where it was when the function was called.
    slots: BTreeMap<i64, (Value, u64)>,
    /// Whether others may have a pointer to the stack.
    pub(super) is_shared: bool,
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
        Self { registers: [Value::ANY; REGISTERS], slots: BTreeMap::new(), is_shared: true }
    }

    /// The state in which a function is called: everything is what its caller gives to it.
    pub(super) fn entry(convention: &Convention, values: &mut Values) -> Self {
        let mut state = Self::unknown();
        let mut given = (0..).map(|number| values.one(Known::Entry(number)));
        for (register, value) in state.registers.iter_mut().zip(&mut given) {
            *register = value;
        }
        for (offset, value) in argument_offsets().zip(given) {
            state.slots.insert(convention.return_address + offset, (value, 8));
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
            let slot = self.slots.get(&stack?.saturating_add(offset));
            slot.filter(|(_, size)| *size == 8).map(|(value, _)| *value)
        });
        let on_stack = on_stack.map(|value| value.unwrap_or(Value::ANY));
        self.registers.iter().copied().chain(on_stack).collect()
    }

    /// What is left of the stack where two ways meet.
    pub(super) fn join_stack(&mut self, other: &Self, values: &mut Values) {
        self.slots.retain(|at, (value, size)| match other.slots.get(at) {
            Some((joined, joined_size)) if joined_size == size => {
                *value = values.join(*value, *joined);
                true
            }
            _ => false,
        });
        self.is_shared |= other.is_shared;
    }

    /// What a load of this size from the stack gives.
    pub(super) fn loaded(&self, at: i64, size: u64, values: &mut Values) -> Value {
        match self.slots.get(&at) {
            Some((value, stored)) if *stored == size => *value,
            Some((value, stored)) if *stored > size && values.number(*value).is_some() => {
                values.map(*value, |known| known.narrowed(size))
            }
            _ => Value::ANY,
        }
    }

    /// Keeps a value on the stack.
    pub(super) fn keep(&mut self, at: i64, value: Value, size: u64) {
        if self.slots.len() < MOST_SLOTS {
            self.slots.insert(at, (value, size));
        }
    }

    /// Forgets what is on the stack in these bytes.
    pub(super) fn overwrite(&mut self, at: i64, size: u64) {
        let changed = at.saturating_sub(7)..at.saturating_add(size.cast_signed());
        self.slots.retain(|slot, _| !changed.contains(slot));
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
