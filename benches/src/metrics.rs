//! What can be counted without a clock: a program's length, and the instructions that it executes.

use std::collections::BTreeMap;

use seccomp_compiler::{Call, Program, Word, opcode};

use crate::calls::Class;

/// Executed instructions of a class of calls.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Executed {
    sum: f64,
    weight: f64,
    worst: usize,
}

/// What a number counts that is always allowed, that is always answered otherwise, and whose arguments decide: about what
/// `plan` weighs them by, as the kernel answers the first kind from its cache.
pub(crate) const WEIGHTS: [u32; 3] = [4, 6, 500];

/// The figures of one program.
#[derive(Debug, Clone, Default)]
pub(crate) struct Metrics {
    pub(crate) length: usize,
    pub(crate) allowed: Executed,
    pub(crate) refused: Executed,
    /// The arguments were tested and the call is allowed: the mean over numbers of the mean over their calls.
    pub(crate) checked: Executed,
    /// Numbers as often as real programs made them.
    pub(crate) histogram: Executed,
    /// The steps of the kernel's run over all numbers of the table when the filter is installed.
    pub(crate) at_install: usize,
    /// Each number once, its arguments at every boundary.
    pub(crate) all_numbers: Executed,
    /// The same, weighed by [`WEIGHTS`].
    pub(crate) weighted: Executed,
}

impl Executed {
    fn add(&mut self, steps: f64, weight: f64, worst: usize) {
        self.sum += steps * weight;
        self.weight += weight;
        self.worst = self.worst.max(worst);
    }

    pub(crate) fn mean(&self) -> f64 {
        if self.weight == 0.0 { 0.0 } else { self.sum / self.weight }
    }

    pub(crate) fn worst(&self) -> usize {
        self.worst
    }
}

impl Metrics {
    pub(crate) fn of(
        program: &Program,
        classes: &BTreeMap<u32, Class>,
        histogram: &BTreeMap<u32, u64>,
    ) -> Self {
        let mut metrics = Self { length: program.instructions.len(), ..Self::default() };
        for (number, class) in classes {
            let [allowed, refused, tested] = WEIGHTS.map(f64::from);
            let (mean, typical, weight) = match class {
                Class::Allowed(call) => {
                    let steps = metrics.allowed.several(program, core::slice::from_ref(call));
                    (steps, steps, allowed)
                }
                Class::Refused(call) => {
                    let steps = metrics.refused.several(program, core::slice::from_ref(call));
                    (steps, steps, refused)
                }
                Class::Checked { allowed, refused } => {
                    let typical = metrics.checked.several(program, allowed);
                    let all = [allowed.as_slice(), refused].concat();
                    (Executed::default().several(program, &all), typical, tested)
                }
            };
            metrics.all_numbers.add(mean.0, 1.0, mean.1);
            metrics.weighted.add(mean.0, weight, mean.1);
            if let Some(count) = histogram.get(number) {
                metrics.histogram.add(typical.0, *count as f64, typical.1);
            }
            metrics.at_install += steps_at_install(program, class);
        }
        metrics
    }
}

impl Executed {
    /// Adds the mean of these calls as one; returns their mean and worst.
    fn several(&mut self, program: &Program, calls: &[Call]) -> (f64, usize) {
        let steps: Vec<usize> = calls.iter().map(|call| steps(program, call)).collect();
        let mean = steps.iter().sum::<usize>() as f64 / steps.len().max(1) as f64;
        let worst = steps.iter().copied().max().unwrap_or_default();
        if !calls.is_empty() {
            self.add(mean, 1.0, worst);
        }
        (mean, worst)
    }
}

/// How many instructions run for a call.
pub(crate) fn steps(program: &Program, call: &Call) -> usize {
    run(program, call, |_| true)
}

/// How many the kernel follows, which knows the number alone.
fn steps_at_install(program: &Program, class: &Class) -> usize {
    let call = match class {
        Class::Allowed(call) | Class::Refused(call) => *call,
        Class::Checked { allowed, refused } => match allowed.iter().chain(refused).next() {
            Some(call) => *call,
            None => return 0,
        },
    };
    run(program, &call, |word| matches!(word, Word::Arch | Word::Number))
}

fn run(program: &Program, call: &Call, may_load: impl Fn(Word) -> bool) -> usize {
    let (mut accumulator, mut index, mut at, mut steps) = (0_u32, 0_u32, 0_usize, 0);
    let mut memory = [0_u32; 16];
    while let Some(instruction) = program.instructions.get(at) {
        let k = instruction.k;
        at += 1;
        steps += 1;
        let taken = |holds: bool| usize::from(if holds { instruction.jt } else { instruction.jf });
        match instruction.code {
            opcode::LOAD => match Word::at(k, program.endian) {
                Some(word) if may_load(word) => accumulator = word.of(call),
                _ => return steps,
            },
            opcode::AND => accumulator &= k,
            opcode::JUMP => at += k as usize,
            opcode::JUMP_EQUAL => at += taken(accumulator == k),
            opcode::JUMP_ABOVE => at += taken(accumulator > k),
            opcode::JUMP_AT_LEAST => at += taken(accumulator >= k),
            opcode::JUMP_ANY_BIT => at += taken(accumulator & k != 0),
            // What peers' programs keep beside the accumulator.
            STORE => memory[k as usize & 15] = accumulator,
            LOAD_MEMORY => accumulator = memory[k as usize & 15],
            TO_INDEX => index = accumulator,
            FROM_INDEX => accumulator = index,
            _ => return steps,
        }
    }
    steps
}

/// `BPF_ST`, `BPF_LD | BPF_MEM`, `BPF_MISC | BPF_TAX` and `BPF_MISC | BPF_TXA` of `linux/filter.h`.
const STORE: u16 = 0x02;
const LOAD_MEMORY: u16 = 0x60;
const TO_INDEX: u16 = 0x07;
const FROM_INDEX: u16 = 0x87;
