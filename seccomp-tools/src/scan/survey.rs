//! A first look at all the code of an object, before its functions are followed.

use core::ops::Range;
use std::collections::{BTreeSet, HashSet};

use super::elf::Object;
use super::machine::{Pointer, REGISTERS, Source, Step, Target};

/// What `adrp` counts in.
const PAGE: u64 = 4096;

/// What it tells.
#[derive(Default)]
pub(super) struct Survey {
    /// Addresses within functions to which others jump.
    pub(super) entered: HashSet<u64>,
    /// Where functions begin that never return, such as those that end the program with a message.
    pub(super) endless: HashSet<u64>,
    /// Where objects of data begin.
    pub(super) data: BTreeSet<u64>,
}

impl Survey {
    /// Looks at all the code of an object.
    pub(super) fn of(object: &Object) -> Self {
        let mut survey = Self::default();
        for function in 0..object.functions.len() {
            survey.look_at(object, function);
        }
        let starts = &object.functions;
        survey.entered.retain(|address| starts.binary_search_by_key(address, |(start, _)| *start).is_err());
        let pointers = object.pointers.values().filter_map(|pointer| match pointer {
            Pointer::Address(target) if object.memory.is_data(*target) => Some(*target),
            _ => None,
        });
        survey.data.extend(pointers);
        for (start, size) in &object.symbols.data {
            survey.data.extend([*start, start.saturating_add(*size)]);
        }
        survey
    }

    fn look_at(&mut self, object: &Object, function: usize) {
        let (start, end) = object.functions[function];
        let mut bases: [Option<u64>; REGISTERS] = [None; REGISTERS];
        let mut is_left = false;
        let mut last = None;
        object.decode(function, &mut |_, step| {
            is_left |= leaves(step, start..end);
            last = Some(step);
            let pointer = match step {
                Step::Branch(target)
                | Step::Jump(Target::Address(target))
                | Step::Call(Target::Address(target)) => {
                    if !(start..end).contains(&target) {
                        self.entered.insert(target);
                    }
                    None
                }
                Step::Set(to, Source::Address(place)) if place.base.is_none() && place.index.is_none() => {
                    bases[usize::from(to)] = Some(place.offset.cast_unsigned());
                    bases[usize::from(to)]
                }
                Step::Set(_, Source::Number(number)) if object.is_fixed => Some(number),
                // aarch64 adds to the address of a page; to any other, whoever goes through a table adds as well.
                Step::Add(_, from, number) => bases[usize::from(from)]
                    .filter(|base| base.is_multiple_of(PAGE))
                    .map(|base| base.wrapping_add_signed(number)),
                _ => None,
            };
            self.data.extend(pointer.filter(|address| object.memory.is_data(*address)));
        });
        // Compilers put nothing after the call of a function that does not return.
        let goes_on = last.is_none_or(|step| step.goes_on() && !matches!(step, Step::Call(_)));
        if !is_left && !goes_on {
            self.endless.insert(start);
        }
    }
}

/// Whether a step may lead out of a function other than by a call.
fn leaves(step: Step, own: Range<u64>) -> bool {
    match step {
        Step::Branch(target) | Step::Jump(Target::Address(target)) => !own.contains(&target),
        Step::Jump(_) | Step::Return => true,
        _ => false,
    }
}
