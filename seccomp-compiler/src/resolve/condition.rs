//! Conditions to comparisons: which register, how many of its bits, and what they are compared with.

use super::applies::{applies, listed};
use super::arguments;
use super::resolver::Resolver;
use crate::diagnose::conditions::{ConditionProblem, Elsewhere};
use crate::diagnose::names::NameProblem;
use crate::document::source::Place;
use crate::engine::rules::{ArgCondition, Comparison};
use crate::kernel::architecture::{Architecture, Width};
use crate::kernel::tables::{self, Constant, Syscall};
use crate::policy::{Argument, Condition, Entry, Group, Operation, Placed, Term, Value};

impl Resolver<'_> {
    /// One condition as a comparison of the bits that the kernel reads; `None` once a problem was reported.
    pub(super) fn condition(
        &mut self,
        syscall: Syscall,
        condition: &Condition,
        entry: &Entry,
        group: &Group,
    ) -> Option<Lowered> {
        let register = self.register(syscall, condition, group);
        let (width, ignored) = self.read(syscall, register, condition, entry);
        let value = condition.value.as_ref().map_or(Some(0), |value| self.value(value, width));
        let mask = condition.mask.as_ref().map_or(Some(width.mask()), |mask| self.value(mask, width));
        let (value, mask) = (value?, mask?);
        let Placed { value: operation, place } = condition.operation;
        if operation == Operation::MaskedEqual && value & !mask != 0 {
            let place = condition.value.as_ref().map_or(place, |value| value.place);
            self.problems.report(place, ConditionProblem::ValueOutsideMask { value, mask });
            return None;
        }
        let lowered = lower(register?, operation, width.mask() & !ignored, value, mask);
        match lowered {
            Lowered::Always => self.problems.report(place, ConditionProblem::AlwaysHolds { operation }),
            Lowered::Never => self.problems.report(place, ConditionProblem::NeverHolds { operation }),
            Lowered::Test(_) => {}
        }
        Some(lowered)
    }

    /// How many bits of an argument count, and which of these the kernel ignores: what the author says, or else what the
    /// kernel reads, but never more than the architecture shows.
    fn read(
        &mut self,
        syscall: Syscall,
        register: Option<u8>,
        condition: &Condition,
        entry: &Entry,
    ) -> (Width, u64) {
        let shown = self.architecture.register();
        if let Some(Placed { value: width, place }) = condition.width {
            if width > shown {
                let architecture = self.architecture;
                self.problems.report(place, ConditionProblem::WidthTooWide { architecture });
            }
            return (width, 0);
        }
        let Some(argument) = register else { return (Width::BITS_64, 0) };
        let (place, name) = (condition.argument.place, syscall.name);
        match syscall.signature(self.architecture.table) {
            Some(arguments) => match arguments.get(usize::from(argument)) {
                Some(argument) => {
                    let narrowed = self.narrowed_by(syscall, argument, entry);
                    return (narrowed.unwrap_or(argument.width).min(shown), argument.ignored);
                }
                None => {
                    let count = arguments.len();
                    self.problems.report(place, ConditionProblem::PastLastArgument { name, argument, count });
                }
            },
            None => self.problems.report(place, ConditionProblem::UnknownSignature { name, width: shown }),
        }
        (shown, 0)
    }

    /// How many bits the kernel reads of an argument whose meaning depends on another one, such as a command, if the entry
    /// says what that is.
    fn narrowed_by(&self, syscall: Syscall, argument: &tables::Argument, entry: &Entry) -> Option<Width> {
        let table = self.architecture.table;
        let mut rows = tables::dependent(syscall.name, argument.name, table).peekable();
        rows.peek()?;
        let registers = arguments::names(syscall, self.architecture)?;
        let name = |condition: &Condition| match &condition.argument.value {
            Argument::Position(position) => registers.get(usize::from(*position)),
            Argument::Name(name) => registers.get(arguments::position(syscall, name, &registers)?),
        };
        let equal = entry.conditions.iter().flatten();
        let equal = equal.filter(|condition| condition.operation.value == Operation::Equal);
        let known: Vec<(&String, u64)> = equal
            .filter_map(|condition| Some((name(condition)?, self.sum(&condition.value.as_ref()?.value)?)))
            .collect();
        let is_selected = |row: &&tables::Dependent| {
            known.iter().any(|(name, value)| *name == row.selector && row.is_selected_by(*value, table))
        };
        rows.find(is_selected)?.width()
    }

    /// The value of terms that all exist here, as 32 bits, which is what a command has.
    fn sum(&self, value: &Value) -> Option<u64> {
        let term = |term: &Term| match term {
            Term::Number(number) => fit(*number, Width::BITS_32),
            Term::Constant(name) => tables::constant(name)?.value(self.architecture.table),
        };
        value.terms.iter().map(term).try_fold(0, |all, bits| Some(all | bits?))
    }

    /// The register of an argument that is given by number or by name.
    fn register(&mut self, syscall: Syscall, condition: &Condition, group: &Group) -> Option<u8> {
        let Placed { value: argument, place } = &condition.argument;
        match argument {
            Argument::Position(position) => {
                self.check_position(syscall, *position, *place, group);
                Some(*position)
            }
            Argument::Name(name) => {
                let registers = arguments::names(syscall, self.architecture).unwrap_or_default();
                let position = arguments::position(syscall, name, &registers);
                if position.is_none() && arguments::exists(syscall, name) {
                    let problem = self.out_of_sight(syscall, name.clone(), &registers);
                    self.problems.report(*place, problem);
                }
                position.and_then(|position| u8::try_from(position).ok())
            }
        }
    }

    /// Why a filter for this architecture cannot see an argument in one of a call's registers.
    fn out_of_sight(&self, syscall: Syscall, name: String, registers: &[String]) -> ConditionProblem {
        let architecture = self.architecture;
        let halves = registers.iter().filter(|register| arguments::is_half(register, syscall, &name));
        let halves: Vec<String> = halves.cloned().collect();
        if halves.is_empty() {
            ConditionProblem::HiddenArgument { syscall: syscall.name, name, architecture }
        } else {
            ConditionProblem::SplitArgument { name, architecture, halves }
        }
    }

    /// A register may hold another argument on another ABI: an error where the filter covers both, a warning where
    /// the group does not say which architectures it is for.
    fn check_position(&mut self, syscall: Syscall, position: u8, place: Place, group: &Group) {
        let (name, register) = (syscall.name, usize::from(position));
        let ours = arguments::names(syscall, self.architecture);
        let elsewhere = |architecture: &'static Architecture| {
            let theirs = arguments::names(syscall, architecture);
            let differs = syscall.number(architecture.table).is_some()
                && !arguments::is_same(ours.as_deref(), theirs.as_deref(), register);
            let argument = theirs.and_then(|names| names.get(register).cloned());
            differs.then_some(Elsewhere { architecture, argument })
        };
        // Seen from the target, so that it is reported once.
        let architecture = self.architecture;
        let is_native = self.covered.first() == Some(&architecture);
        let mut covered = self.covered.iter().filter(|other| is_native && applies(group, other));
        if let Some(other) = covered.find_map(|other| elsewhere(other)) {
            let ambiguous = ConditionProblem::AmbiguousPosition { name, position, architecture, other };
            return self.problems.report(place, ambiguous);
        }
        if group.architectures.is_none()
            && let Some(other) = listed(self.policy).find_map(elsewhere)
        {
            self.problems.report(place, ConditionProblem::PositionDiffers { name, position, other });
        }
    }

    /// The bits of a value at a width; `None` where it does not fit or does not exist.
    fn value(&mut self, value: &Placed<Value>, width: Width) -> Option<u64> {
        // Every term is looked at before the first failure counts, so that each is reported.
        let bits: Vec<Option<u64>> =
            value.value.terms.iter().map(|term| self.term(term, value.place, width)).collect();
        bits.into_iter().try_fold(0, |all, bits| Some(all | bits?))
    }

    fn term(&mut self, term: &Term, place: Place, width: Width) -> Option<u64> {
        let architecture = self.architecture;
        let value = match term {
            Term::Number(number) => *number,
            Term::Constant(name) => {
                let value = signed(tables::constant(name)?, architecture);
                if value.is_none() {
                    let name = name.clone();
                    self.problems.report(place, NameProblem::AbsentConstant { name, architecture });
                }
                value?
            }
        };
        let bits = fit(value, width);
        if bits.is_none() {
            let register = architecture.register();
            self.problems.report(place, ConditionProblem::ValueTooWide { value, width, register });
        }
        bits
    }
}

/// Whether a condition names constants: two of them may have one value here and different ones elsewhere.
pub(super) fn names_constants(condition: &Condition) -> bool {
    let values = [&condition.value, &condition.mask].into_iter().flatten();
    values.flat_map(|value| &value.value.terms).any(|term| matches!(term, Term::Constant(_)))
}

/// A constant's value, negative where it is a negative `int`.
pub(super) fn signed(constant: Constant, architecture: &Architecture) -> Option<i128> {
    let value = i128::from(constant.value(architecture.table)?);
    Some(if constant.is_negative(architecture.table) { value - (1 << 32) } else { value })
}

/// A value at a width, negative numbers as two's complement; `None` if it does not fit.
pub(super) fn fit(value: i128, width: Width) -> Option<u64> {
    if width.bits() == 0 {
        return (value == 0).then_some(0);
    }
    let range = -(1_i128 << (width.bits() - 1))..=i128::from(width.mask());
    let in_range = range.contains(&value);
    in_range.then(|| value.rem_euclid(1 << width.bits())).and_then(|bits| u64::try_from(bits).ok())
}

/// A condition whose value is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lowered {
    Test(ArgCondition),
    Always,
    Never,
}

/// An operation on some bits of an argument as one of the two comparisons, or as a constant.
pub(super) fn lower(argument: u8, operation: Operation, all: u64, value: u64, mask: u64) -> Lowered {
    let (value, mask) = (value & all, mask & all);
    let test = |mask, comparison, value, expected| {
        Lowered::Test(ArgCondition { argument, mask, comparison, value, expected })
    };
    let equal = |mask, value, expected| match (mask, expected) {
        (0, true) => Lowered::Always,
        (0, false) => Lowered::Never,
        _ => test(mask, Comparison::Equal, value, expected),
    };
    let at_least =
        |value: Option<u64>, expected| match (value.and_then(|value| round_up(value, all)), expected) {
            (Some(0), true) | (None, false) => Lowered::Always,
            (Some(0), false) | (None, true) => Lowered::Never,
            (Some(value), _) => test(all, Comparison::AtLeast, value, expected),
        };
    match operation {
        Operation::Equal => equal(all, value, true),
        Operation::NotEqual => equal(all, value, false),
        Operation::GreaterOrEqual => at_least(Some(value), true),
        Operation::LessThan => at_least(Some(value), false),
        Operation::GreaterThan => at_least(value.checked_add(1), true),
        Operation::LessOrEqual => at_least(value.checked_add(1), false),
        Operation::BitsSet => equal(value, 0, false),
        Operation::BitsNotSet => equal(value, 0, true),
        Operation::MaskedEqual => equal(mask, value, true),
    }
}

/// The least value from this one on that has no bit outside the mask.
fn round_up(mut value: u64, mask: u64) -> Option<u64> {
    while let Some(highest) = (value & !mask).checked_ilog2() {
        value = (value >> highest).checked_add(1)?.checked_shl(highest).filter(|raised| *raised != 0)?;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::{Lowered, fit, lower};
    use crate::kernel::architecture::Width;
    use crate::policy::Operation;

    /// The meaning of the operations, straight from the language's definition.
    fn means(operation: Operation, a: u64, v: u64, mask: u64) -> bool {
        match operation {
            Operation::Equal => a == v,
            Operation::NotEqual => a != v,
            Operation::GreaterThan => a > v,
            Operation::LessThan => a < v,
            Operation::GreaterOrEqual => a >= v,
            Operation::LessOrEqual => a <= v,
            Operation::BitsSet => a & v != 0,
            Operation::BitsNotSet => a & v == 0,
            Operation::MaskedEqual => a & mask == v,
        }
    }

    #[test]
    fn lowering_keeps_the_meaning_of_every_operation() {
        for all in [9, 12, 16, 32, 64].map(|bits| u64::MAX >> (64 - bits)).into_iter().chain([0xffff_feff]) {
            let edges = [0, 1, 2, 3, 0x7fff, 0x8000, 0xffff, 0x8000_0000, 0xffff_ffff, 1 << 32, 1 << 63];
            let edges: Vec<u64> =
                edges.iter().flat_map(|n: &u64| [*n, n.wrapping_sub(1), n.wrapping_add(1), !n]).collect();
            for operation in Operation::ALL.iter().copied() {
                for (value, mask) in edges.iter().flat_map(|v| [(v & all, all), (v & all & 0xf0, 0xf0)]) {
                    let lowered = lower(0, operation, all, value, mask);
                    for a in &edges {
                        let got = match lowered {
                            Lowered::Test(test) => test.holds(&[*a, 0, 0, 0, 0, 0]),
                            Lowered::Always => true,
                            Lowered::Never => false,
                        };
                        let wanted = means(operation, a & all, value, mask);
                        assert_eq!(got, wanted, "{operation:?} {all:#x} {a:#x} {value:#x} {mask:#x}");
                    }
                }
            }
        }
    }

    #[test]
    fn negative_numbers_take_the_width_of_their_argument() {
        assert_eq!(fit(-1, Width::BITS_16), Some(0xffff));
        assert_eq!(fit(-1, Width::BITS_64), Some(u64::MAX));
        assert_eq!(fit(-100, Width::BITS_32), Some(0xffff_ff9c));
        assert_eq!(fit(-32769, Width::BITS_16), None);
        assert_eq!(fit(0x1_0000, Width::BITS_16), None);
        assert_eq!(fit(u64::MAX.into(), Width::BITS_64), Some(u64::MAX));
    }
}
