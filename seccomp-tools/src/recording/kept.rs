//! Which bits of a call's arguments are kept, and the bounded set of their values.
//!
//! With these bounds, what is left does not depend on the order in which calls come, so merging two recordings gives what
//! one recording of both would have.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};

use seccomp_compiler::Architecture;

/// How many values of one argument are kept. An argument with more is no longer told apart.
pub const MAX_VALUES: usize = 32;

/// How many combinations of values are kept for one call. With more, its arguments are no longer told apart.
pub const MAX_TUPLES: usize = 4096;

/// The values of the arguments that are kept; the others are 0.
pub(super) type Tuple = [u64; 6];

/// The bits of each argument that are kept, and whatever was seen of each combination of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept<T> {
    masks: Tuple,
    /// The values of each argument.
    values: [BTreeSet<u64>; 6],
    tuples: BTreeMap<Tuple, T>,
}

/// What can be combined when combinations of values are no longer told apart.
pub(super) trait Combine {
    fn combine(&mut self, other: Self);
}

/// The bits of a call's arguments that are kept: those that the kernel reads, of the arguments that take constants.
pub(crate) fn constants(audit: u32, number: u32) -> Tuple {
    let mut masks = [0; 6];
    let architecture = Architecture::of_call(audit, number);
    let known = architecture.and_then(|abi| Some((abi, abi.syscall_name(number)?)));
    for (at, mask) in known.map(|(abi, name)| abi.constant_arguments(name)).unwrap_or_default() {
        if let Some(kept) = masks.get_mut(at) {
            *kept = mask;
        }
    }
    masks
}

impl<T: Combine> Kept<T> {
    pub(super) const fn new(masks: Tuple) -> Self {
        Self { masks, values: [const { BTreeSet::new() }; 6], tuples: BTreeMap::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.tuples.len()
    }

    /// The bits of each argument that are kept; none of those that have too many values.
    pub(super) const fn masks(&self) -> Tuple {
        self.masks
    }

    pub(super) fn tuples(&self) -> impl Iterator<Item = (&Tuple, &T)> {
        self.tuples.iter()
    }

    pub(super) fn for_each(&mut self, change: impl FnMut(&mut T)) {
        self.tuples.values_mut().for_each(change);
    }

    pub(super) fn masked(&self, arguments: &Tuple) -> Tuple {
        masked(arguments, &self.masks)
    }

    pub(super) fn get_mut(&mut self, tuple: &Tuple) -> Option<&mut T> {
        self.tuples.get_mut(tuple)
    }

    /// Adds what was seen with these arguments.
    pub(super) fn insert(&mut self, arguments: &Tuple, value: T) {
        self.put(self.masked(arguments), value);
        self.widen();
    }

    /// Adds all that another has; only what both keep is still told apart.
    pub(super) fn merge(&mut self, other: Self) {
        let mut masks = self.masks;
        for (mask, other) in masks.iter_mut().zip(other.masks) {
            *mask &= other;
        }
        self.reduce_to(masks);
        for (tuple, value) in other.tuples {
            self.put(masked(&tuple, &masks), value);
        }
        self.widen();
    }

    /// The values of an argument in order; none if it is not kept.
    pub(super) fn values(&self, at: usize) -> Option<Vec<u64>> {
        let is_kept = *self.masks.get(at)? != 0;
        is_kept.then(|| self.values[at].iter().copied().collect())
    }

    fn put(&mut self, tuple: Tuple, value: T) {
        match self.tuples.entry(tuple) {
            Entry::Occupied(mut occupied) => occupied.get_mut().combine(value),
            Entry::Vacant(vacant) => {
                vacant.insert(value);
                for (values, value) in self.values.iter_mut().zip(tuple) {
                    values.insert(value);
                }
            }
        }
    }

    /// Stops telling apart the values of an argument that has too many, or all of them if there are too many combinations.
    fn widen(&mut self) {
        let has_few = |at: usize| self.values[at].len() <= MAX_VALUES;
        let masks = core::array::from_fn(|at| if has_few(at) { self.masks[at] } else { 0 });
        if masks != self.masks {
            self.reduce_to(masks);
        }
        if self.tuples.len() > MAX_TUPLES {
            self.reduce_to([0; 6]);
        }
    }

    fn reduce_to(&mut self, masks: Tuple) {
        let tuples = core::mem::replace(self, Self::new(masks)).tuples;
        for (tuple, value) in tuples {
            self.put(masked(&tuple, &masks), value);
        }
    }
}

fn masked(arguments: &Tuple, masks: &Tuple) -> Tuple {
    core::array::from_fn(|at| arguments[at] & masks[at])
}
