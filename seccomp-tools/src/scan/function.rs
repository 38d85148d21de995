//! Finds out what one function does.
//!
//! The values of registers are followed through the function to a fixpoint. What other functions do to memory is not:
//! of the stack, only what this function keeps to itself is.

use std::collections::BTreeSet;

use super::blocks::{Block, blocks};
use super::elf::Object;
use super::machine::{Convention, Place, Pointer, REGISTERS, Register, Source, Step, Target};
use super::state::State;
use super::summary::{Call, Reference, Site, Summary};
use super::survey::Survey;
use super::value::{Known, Value, Values};

/// Blocks are visited this many times on average, at most; a function that takes more is taken for one whose values are
/// unknown.
const MOST_VISITS: usize = 50;

struct Walk<'a> {
    object: &'a Object,
    /// The addresses of the function.
    own: core::ops::Range<u64>,
    convention: &'static Convention,
    values: &'a mut Values,
    summary: Summary,
    /// Whether the summary is being written.
    is_final: bool,
}

/// Summarizes the function with this index.
pub(super) fn summarize(object: &Object, function: usize, survey: &Survey, values: &mut Values) -> Summary {
    let (start, end) = object.functions[function];
    let mut steps = Vec::new();
    object.decode(function, &mut |address, step| {
        steps.push((address, step));
        if matches!(step, Step::Call(Target::Address(target)) if survey.endless.contains(&target)) {
            steps.push((address, Step::Stop));
        }
    });
    let entered = &survey.entered;
    let blocks = blocks(&steps, start..end, entered);
    let convention = object.machine.convention();
    let summary = Summary::default();
    let mut walk = Walk { object, own: start..end, convention, values, summary, is_final: false };
    let entry = blocks.iter().map(|block| steps[block.steps.start].0);
    let open: Vec<bool> = entry.map(|address| address != start && entered.contains(&address)).collect();
    let mut states = walk.fixpoint(&steps, &blocks, &open);
    walk.is_final = true;
    for (index, block) in blocks.iter().enumerate() {
        let known = states[index].take();
        let is_known = known.is_some();
        let mut state = known.unwrap_or(State::unknown());
        walk.run(&steps, block, &mut state);
        if !is_known {
            walk.forget(&state);
        }
        // What follows the last instruction is in another function; after a call nothing does, as it does not return.
        let last = steps[block.steps.end - 1].1;
        let goes_on = last.goes_on() && !matches!(last, Step::Call(_));
        if index + 1 == blocks.len() && goes_on && object.memory.is_code(end) {
            walk.call(&[Known::Address(end)], &state, 0);
        }
    }
    walk.summary
}

impl Walk<'_> {
    /// The state in which each block begins, where some way leads to it.
    fn fixpoint(&mut self, steps: &[(u64, Step)], blocks: &[Block], open: &[bool]) -> Vec<Option<State>> {
        let mut states: Vec<Option<State>> = vec![None; blocks.len()];
        let mut pending: BTreeSet<usize> = BTreeSet::new();
        if !blocks.is_empty() {
            states[0] = Some(State::entry(self.convention, self.values));
            pending.insert(0);
        }
        let mut visits = blocks.len().saturating_mul(MOST_VISITS);
        loop {
            while let Some(index) = pending.pop_first() {
                visits = match visits.checked_sub(1) {
                    Some(left) => left,
                    None => return vec![None; blocks.len()],
                };
                let Some(mut state) = states[index].clone() else { continue };
                self.run(steps, &blocks[index], &mut state);
                for next in &blocks[index].next {
                    if open[*next] {
                        self.forget(&state);
                    }
                    let is_changed = match &mut states[*next] {
                        Some(_) if open[*next] => false,
                        Some(old) => self.join(old, &state),
                        empty => {
                            *empty = Some(if open[*next] { State::unknown() } else { state.clone() });
                            true
                        }
                    };
                    if is_changed {
                        pending.insert(*next);
                    }
                }
            }
            // The rest is reached by jumps through tables, or by exceptions.
            let Some(rest) = states.iter().position(Option::is_none) else { return states };
            states[rest] = Some(State::unknown());
            pending.insert(rest);
        }
    }

    /// Joins a state into an old one; whether that changes it.
    fn join(&mut self, old: &mut State, new: &State) -> bool {
        let mut is_changed = false;
        for (value, other) in old.registers.iter_mut().zip(&new.registers) {
            let both = self.values.join(*value, *other);
            if both == Value::ANY {
                // What is forgotten may still be used.
                self.escape(*value);
                self.escape(*other);
            }
            is_changed |= both != *value;
            *value = both;
        }
        old.join_stack(new, self.values) || is_changed
    }

    fn run(&mut self, steps: &[(u64, Step)], block: &Block, state: &mut State) {
        for (address, step) in &steps[block.steps.clone()] {
            self.step(*address, *step, state);
        }
    }

    fn step(&mut self, address: u64, step: Step, state: &mut State) {
        match step {
            Step::Set(to, source) => state[to] = self.source(source, state),
            Step::MaySet(to, source) => {
                let value = self.source(source, state);
                let old = state[to];
                state[to] = self.values.join(old, value);
            }
            Step::Add(to, from, number) => {
                let value = state[from];
                state[to] = self.values.map(value, |known| known.plus(number));
            }
            Step::Insert(to, number, mask) => {
                let value = state[to];
                state[to] = self.values.map(value, |known| match known {
                    Known::Number(old) => Some(Known::Number(old & !mask | number)),
                    _ => None,
                });
            }
            Step::Load(to, place, size) => state[to] = self.load(place, size, state),
            Step::Store(place, source, size) => self.store(place, source, size, state),
            Step::Touch(place, size) => self.touch(place, size, state),
            Step::Use(register) => {
                let value = state[register];
                self.share(value, state);
            }
            Step::Lose(register) => state[register] = Value::ANY,
            Step::System | Step::OtherSystem => self.system(address, step == Step::OtherSystem, state),
            Step::Branch(target) => self.leave(Target::Address(target), state),
            Step::Jump(target) => self.leave(target, state),
            Step::Call(target) => self.called(target, state),
            Step::Return => self.share_all(self.convention.results, state),
            Step::Stop => {}
        }
    }

    fn source(&mut self, source: Source, state: &mut State) -> Value {
        match source {
            Source::Number(number) => self.values.one(Known::Number(number)),
            Source::Register(register) => state[register],
            Source::Low(register) => self.values.map(state[register], |known| match known {
                Known::Number(number) => Some(Known::Number(number & u64::from(u32::MAX))),
                Known::Entry(_) => Some(known),
                Known::Address(address) if u32::try_from(address).is_ok() => Some(known),
                _ => None,
            }),
            Source::Address(place) => self.address(place, state),
            Source::Unknown => Value::ANY,
        }
    }

    /// The address of a place. With an index it is anything, and may be anywhere in what the base points to.
    fn address(&mut self, place: Place, state: &mut State) -> Value {
        let value = match place.base {
            None => {
                let address = place.offset.cast_unsigned();
                self.values.one(Known::Address(address))
            }
            Some(base) => self.values.map(state[base], |known| known.plus(place.offset)),
        };
        let table = place.offset.cast_unsigned();
        if self.object.is_fixed && place.base.is_some() && self.object.memory.is_data(table) {
            // The register is the index.
            self.refer(Reference::Whole(Known::Address(table)));
        }
        let Some(index) = place.index else { return value };
        let index = state[index];
        self.share(value, state);
        self.share(index, state);
        Value::ANY
    }

    fn load(&mut self, place: Place, size: u64, state: &mut State) -> Value {
        let address = self.address(place, state);
        let mut loaded = if self.values.is_open(address) { Value::ANY } else { Value::NONE };
        for known in self.values.known(address).to_vec() {
            let value = match known {
                Known::Stack(at) => state.loaded(at, size, self.values),
                Known::Address(at) => self.load_from(at, size),
                Known::Number(at) if self.object.is_fixed => self.load_from(at, size),
                Known::Symbol(..) => {
                    self.refer(Reference::Slot(known, size));
                    Value::ANY
                }
                _ => Value::ANY,
            };
            loaded = self.values.join(loaded, value);
        }
        loaded
    }

    /// What is in memory when the program starts, and also something else if that can change.
    fn load_from(&mut self, address: u64, size: u64) -> Value {
        let known = match self.object.pointers.get(&address) {
            _ if size > 8 => None,
            Some(Pointer::Address(target)) if size == 8 => Some(Known::Address(*target)),
            Some(Pointer::Symbol(symbol, addend)) if size == 8 => Some(Known::Symbol(*symbol, *addend)),
            Some(_) => None,
            None if self.object.memory.is_writable(address) || self.object.memory.is_code(address) => None,
            None => {
                let bytes =
                    self.object.memory.bytes(address).get(..usize::try_from(size).unwrap_or_default());
                let number =
                    |bytes: &[u8]| bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte));
                bytes.map(|bytes| Known::Number(number(bytes)))
            }
        };
        let Some(known) = known else {
            self.refer(Reference::Slot(Known::Address(address), size));
            return Value::ANY;
        };
        let value = self.values.one(known);
        if self.object.memory.is_writable(address) { self.values.opened(value) } else { value }
    }

    fn store(&mut self, place: Place, source: Source, size: u64, state: &mut State) {
        let value = self.source(source, state);
        self.share(value, state);
        let address = self.address(place, state);
        let known = self.values.known(address).to_vec();
        for target in &known {
            match target {
                Known::Stack(at) => {
                    state.overwrite(*at, size);
                    if known.len() == 1 {
                        state.keep(*at, value, size);
                    }
                }
                Known::Symbol(..) | Known::Address(_) => self.refer(Reference::Slot(*target, size)),
                _ => {}
            }
        }
        // It may be anywhere.
        if self.values.is_open(address) {
            state.forget_shared();
        }
    }

    fn touch(&mut self, place: Place, size: u64, state: &mut State) {
        let address = self.address(place, state);
        for known in self.values.known(address).to_vec() {
            match known {
                Known::Address(_) | Known::Symbol(..) => self.refer(Reference::Slot(known, size)),
                Known::Number(at) if self.object.is_fixed => {
                    self.refer(Reference::Slot(Known::Address(at), size));
                }
                Known::Stack(at) => state.overwrite(at, size),
                _ => {}
            }
        }
    }

    fn system(&mut self, address: u64, is_foreign: bool, state: &mut State) {
        let of = |register: Register| state[register];
        let (number, arguments) = (of(self.convention.number), self.convention.call_arguments.map(of));
        for argument in arguments {
            self.share(argument, state);
        }
        if self.is_final {
            self.summary.sites.push(Site { address, number, arguments, is_foreign });
        }
        for register in self.convention.changed {
            state[*register] = Value::ANY;
        }
    }

    fn called(&mut self, target: Target, state: &mut State) {
        let targets = self.targets(target, state);
        self.share_all(self.convention.arguments, state);
        self.call(&targets, state, 0);
        let old = state.registers;
        state.registers = [Value::ANY; REGISTERS];
        for register in self.convention.preserved {
            state[*register] = old[usize::from(*register)];
        }
        state.forget_shared();
    }

    /// A jump, which may be the last call.
    fn leave(&mut self, target: Target, state: &mut State) {
        if matches!(target, Target::Address(address) if !self.is_final || self.own.contains(&address)) {
            return;
        }
        let targets = self.targets(target, state);
        self.share_all(self.convention.arguments, state);
        self.call(&targets, state, self.convention.return_address);
    }

    fn targets(&mut self, target: Target, state: &mut State) -> Vec<Known> {
        match target {
            Target::Address(address) => vec![Known::Address(address)],
            Target::Register(register) => self.values.known(state[register]).to_vec(),
            Target::Memory(place) => {
                let value = self.load(place, 8, state);
                self.values.known(value).to_vec()
            }
        }
    }

    fn call(&mut self, targets: &[Known], state: &State, skipped: i64) {
        if !self.is_final {
            return;
        }
        let values = state.passed(self.convention, skipped, self.values);
        for target in targets {
            if matches!(target, Known::Address(_) | Known::Symbol(..) | Known::Number(_)) {
                self.summary.calls.push(Call { target: *target, values: values.clone() });
            }
        }
    }

    fn share_all(&mut self, registers: &[Register], state: &mut State) {
        for register in registers {
            self.share(state[*register], state);
        }
    }

    /// Others get to know a value.
    fn share(&mut self, value: Value, state: &mut State) {
        state.is_shared |= self.values.known(value).iter().any(|known| matches!(known, Known::Stack(_)));
        self.escape(value);
    }

    fn escape(&mut self, value: Value) {
        if value == Value::ANY {
            return;
        }
        for known in self.values.known(value) {
            let pointer = match known {
                Known::Address(_) | Known::Symbol(..) => *known,
                Known::Number(number) if self.object.is_fixed => Known::Address(*number),
                _ => continue,
            };
            self.summary.references.insert(Reference::Whole(pointer));
        }
    }

    /// What the registers hold is no longer followed.
    fn forget(&mut self, state: &State) {
        for value in state.registers {
            self.escape(value);
        }
    }

    fn refer(&mut self, reference: Reference) {
        self.summary.references.insert(reference);
    }
}
