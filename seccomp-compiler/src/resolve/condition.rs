//! Conditions to tests: which register, how many of its bits, and what they are compared with.

use super::{Context, Resolver};
use crate::diagnose::conditions::{ConditionProblem, Elsewhere};
use crate::diagnose::names::NameProblem;
use crate::diagnose::problem::Problem;
use crate::document::source::Place;
use crate::engine::rules::{ArgCondition, Comparison};
use crate::kernel::architecture::{Architecture, Width};
use crate::kernel::tables::{self, Constant, Syscall};
use crate::policy::{Argument, Condition, Group, Operation, Placed, Term, Value};

impl Resolver<'_> {
    /// One condition as a test of the bits that the kernel reads.
    pub(super) fn condition(
        &mut self,
        syscall: Option<Syscall>,
        condition: &Condition,
        context: Context<'_>,
    ) -> Option<Lowered> {
        let applies = context.applies;
        let register = self.register(syscall, condition, context);
        let width =
            self.width(syscall, register.unwrap_or_default(), condition, applies && register.is_some());
        let value = match &condition.value {
            Some(value) => self.value(value, width, applies),
            None => Some(0),
        };
        let mask = match &condition.mask {
            Some(mask) => self.value(mask, width, applies),
            None => Some(width.mask()),
        };
        let (value, mask) = (value?, mask?);
        let Placed { value: operation, place } = condition.operation;
        if operation == Operation::MaskedEqual && value & !mask != 0 {
            let place = condition.value.as_ref().map_or(place, |value| value.place);
            self.problems.report(place, ConditionProblem::ValueOutsideMask { value, mask });
            return None;
        }
        let lowered = lower(register?, operation, width, value, mask);
        match lowered {
            Lowered::Always if applies => {
                self.problems.report(place, ConditionProblem::AlwaysHolds { operation });
            }
            Lowered::Never if applies => {
                self.problems.report(place, ConditionProblem::NeverHolds { operation });
            }
            _ => {}
        }
        Some(lowered)
    }

    /// How many bits of an argument count: what the author says, or else what the kernel's signature of the call
    /// says, but never more than the architecture shows.
    fn width(
        &mut self,
        syscall: Option<Syscall>,
        register: u8,
        condition: &Condition,
        applies: bool,
    ) -> Width {
        let shown = self.architecture.register();
        if let Some(width) = &condition.width {
            if applies && width.value > shown {
                self.problems
                    .report(width.place, ConditionProblem::WidthTooWide { architecture: self.architecture });
            }
            return width.value;
        }
        let place = condition.argument.place;
        let Some(syscall) = syscall.filter(|_| applies) else { return Width::Bits64 };
        let name = syscall.name;
        match syscall.signature(self.architecture.table) {
            Some(arguments) => match arguments.get(usize::from(register)) {
                Some(tables::Argument { bits, .. }) => {
                    let declared = Width::from_bits(u64::from(*bits)).unwrap_or(Width::Bits64);
                    return declared.min(shown);
                }
                None => {
                    let (argument, count) = (register, arguments.len());
                    self.problems.report(place, ConditionProblem::PastLastArgument { name, argument, count });
                }
            },
            None => self.problems.report(place, ConditionProblem::UnknownSignature { name, width: shown }),
        }
        shown
    }

    /// The register of an argument that is given by number or by name.
    fn register(
        &mut self,
        syscall: Option<Syscall>,
        condition: &Condition,
        context: Context<'_>,
    ) -> Option<u8> {
        let Placed { value: argument, place } = &condition.argument;
        let name = match argument {
            Argument::Position(position) => {
                if let Some(syscall) = syscall.filter(|_| context.applies) {
                    self.same_everywhere(syscall, *position, *place, context.group);
                }
                return Some(*position);
            }
            Argument::Name(name) => name,
        };
        let syscall = syscall?;
        // Where the group does not apply, the name must be one of the call somewhere.
        let here = names(syscall, self.architecture);
        let found = here.as_deref().and_then(|names| position(syscall, name, names));
        if found.is_some() || !context.applies && is_argument(syscall, name) {
            return found.or(Some(0)).and_then(|at| u8::try_from(at).ok());
        }
        let problem = self.not_an_argument(syscall, name, here.unwrap_or_default());
        self.problems.report(*place, problem);
        None
    }

    /// Why a name is none of the registers of a call, whose names here are `known`.
    fn not_an_argument(&self, syscall: Syscall, name: &str, known: Vec<String>) -> Problem {
        let (name, architecture) = (name.to_owned(), self.architecture);
        let halves: Vec<String> = known.iter().filter(|of| is_half(of, syscall, &name)).cloned().collect();
        if !halves.is_empty() {
            return ConditionProblem::SplitArgument { name, architecture, halves }.into();
        }
        if is_argument(syscall, &name) {
            return ConditionProblem::HiddenArgument { syscall: syscall.name, name, architecture }.into();
        }
        NameProblem::UnknownArgument { syscall: syscall.name, name, known }.into()
    }

    /// A register may hold another argument on another ABI: an error where the filter covers both, a warning where
    /// the group does not say which architectures it is for.
    fn same_everywhere(&mut self, syscall: Syscall, position: u8, place: Place, group: &Group) {
        let ours = names(syscall, self.architecture);
        let differs = |other: &&'static Architecture| {
            let has = syscall.number(other.table).is_some();
            has && !same(ours.as_deref(), names(syscall, other).as_deref(), usize::from(position))
        };
        let found = |other: &'static Architecture| {
            let argument = names(syscall, other).and_then(|names| names.get(usize::from(position)).cloned());
            Elsewhere { architecture: other, argument }
        };
        // Seen from the target, so that it is said once.
        let is_native = self.covered.first() == Some(&self.architecture);
        let mut covered =
            self.covered.iter().copied().filter(|other| is_native && super::applies(group, other));
        if let Some(other) = covered.find(differs) {
            let (name, other) = (syscall.name, found(other));
            let architecture = self.architecture;
            let ambiguous = ConditionProblem::AmbiguousPosition { name, position, architecture, other };
            return self.problems.report(place, ambiguous);
        }
        if group.architectures.is_some() {
            return;
        }
        let meant = self.policy.architectures.as_ref();
        let is_meant =
            |other: &&Architecture| meant.is_none_or(|list| list.iter().any(|of| of.value == *other));
        if let Some(other) = Architecture::all().filter(is_meant).find(differs) {
            let (name, other) = (syscall.name, found(other));
            self.problems.report(place, ConditionProblem::PositionDiffers { name, position, other });
        }
    }

    /// The bits of a value at a width; none where it does not fit or is not known.
    fn value(&mut self, value: &Placed<Value>, width: Width, applies: bool) -> Option<u64> {
        let bits = value.value.terms.iter().map(|term| self.term(term, value.place, width, applies));
        // Every term is looked at before the first failure counts, so that each is reported.
        let bits: Vec<Option<u64>> = bits.collect();
        bits.into_iter().try_fold(0, |all, bits| Some(all | bits?))
    }

    fn term(&mut self, term: &Term, place: Place, width: Width, applies: bool) -> Option<u64> {
        let value = match term {
            Term::Number(number) => *number,
            Term::Constant(name) => self.constant(name, place, applies)?,
        };
        let bits = fit(value, width);
        if bits.is_none() && applies {
            let register = self.architecture.register();
            self.problems.report(place, ConditionProblem::ValueTooWide { value, width, register });
        }
        bits
    }

    fn constant(&mut self, name: &str, place: Place, applies: bool) -> Option<i128> {
        let problem = match tables::constant(name) {
            None => NameProblem::UnknownConstant { name: name.to_owned() },
            Some(constant) => match signed(constant, self.architecture) {
                Some(value) => return Some(value),
                None if !applies => return None,
                None => {
                    NameProblem::AbsentConstant { name: name.to_owned(), architecture: self.architecture }
                }
            },
        };
        self.problems.report(place, problem);
        None
    }
}

/// Whether a condition names constants: two of them may have one value here and different ones elsewhere.
pub(super) fn names_constants(condition: &Condition) -> bool {
    let values = [&condition.value, &condition.mask].into_iter().flatten();
    values.flat_map(|value| &value.value.terms).any(|term| matches!(term, Term::Constant(_)))
}

/// The names of a call's registers on an architecture. Of an argument that is spread over two of them, the table has
/// the order of one byte order.
fn names(syscall: Syscall, architecture: &Architecture) -> Option<Vec<String>> {
    let swapped = architecture.swapped_halves;
    let name = |argument: &tables::Argument| match argument.name.rsplit_once('.') {
        Some((name, "lo")) if swapped => format!("{name}.hi"),
        Some((name, "hi")) if swapped => format!("{name}.lo"),
        _ => argument.name.to_owned(),
    };
    Some(syscall.signature(architecture.table)?.iter().map(name).collect())
}

/// Where among `names` an argument is that the kernel or the manual page calls `wanted`.
fn position(syscall: Syscall, wanted: &str, names: &[String]) -> Option<usize> {
    let exact = names.iter().position(|name| name == wanted);
    let by_manual = || {
        tables::kernel_names(syscall.name, wanted)
            .find_map(|kernel| names.iter().position(|name| name == kernel))
    };
    exact.or_else(by_manual)
}

/// Whether a call has an argument of this name on any architecture.
fn is_argument(syscall: Syscall, name: &str) -> bool {
    let named = |architecture: &'static Architecture| {
        let names = names(syscall, architecture).unwrap_or_default();
        position(syscall, name, &names).is_some() || names.iter().any(|of| is_half(of, syscall, name))
    };
    Architecture::all().any(named)
}

/// Whether a register holds half of the argument that is called `name`.
fn is_half(register: &str, syscall: Syscall, name: &str) -> bool {
    let whole = register.strip_suffix(".lo").or(register.strip_suffix(".hi"));
    whole.is_some_and(|whole| {
        whole == name || tables::kernel_names(syscall.name, name).any(|kernel| kernel == whole)
    })
}

/// Whether a register holds the same argument in two signatures. Names differ a little between entries of one call,
/// so another name alone is no other argument: it is, if the name is elsewhere, or the registers are others in number,
/// or the register is half of something or padding.
fn same(ours: Option<&[String]>, theirs: Option<&[String]>, at: usize) -> bool {
    let (Some(ours), Some(theirs)) = (ours, theirs) else { return true };
    match (ours.get(at), theirs.get(at)) {
        (Some(our), Some(their)) if our == their => true,
        (Some(our), Some(their)) => {
            let part = |name: &str| name == "-" || name.contains('.');
            let elsewhere = theirs.contains(our) || ours.contains(their);
            !elsewhere && part(our) == part(their) && ours.len() == theirs.len()
        }
        (None, None) => true,
        _ => false,
    }
}

/// A constant's value, negative where it is a negative `int`.
fn signed(constant: Constant, architecture: &Architecture) -> Option<i128> {
    let value = i128::from(constant.value(architecture.table)?);
    Some(if constant.is_negative(architecture.table) { value - (1 << 32) } else { value })
}

/// The low bits of `value`, if no other is needed to tell it: negative numbers are two's complement.
fn fit(value: i128, width: Width) -> Option<u64> {
    let range = -(1_i128 << (width.bits() - 1))..=i128::from(width.mask());
    let in_range = range.contains(&value);
    in_range.then(|| value.rem_euclid(1 << width.bits())).and_then(|bits| u64::try_from(bits).ok())
}

/// A condition once its value is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lowered {
    Test(ArgCondition),
    Always,
    Never,
}

/// An operation as one of the two comparisons, or as a constant.
fn lower(argument: u8, operation: Operation, width: Width, value: u64, mask: u64) -> Lowered {
    let all = width.mask();
    let test = |mask, comparison, value, expected| {
        Lowered::Test(ArgCondition { argument, mask, comparison, value, expected })
    };
    let equal = |mask, value, expected| match (mask, expected) {
        (0, true) => Lowered::Always,
        (0, false) => Lowered::Never,
        _ => test(mask, Comparison::Equal, value, expected),
    };
    let at_least = |value: Option<u64>, expected| match (value.filter(|value| *value <= all), expected) {
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
        for width in [Width::Bits16, Width::Bits32, Width::Bits64] {
            let all = width.mask();
            let edges = [0, 1, 2, 3, 0x7fff, 0x8000, 0xffff, 0x8000_0000, 0xffff_ffff, 1 << 32, 1 << 63];
            let edges: Vec<u64> =
                edges.iter().flat_map(|n: &u64| [*n, n.wrapping_sub(1), n.wrapping_add(1), !n]).collect();
            for operation in Operation::ALL.iter().copied() {
                for (value, mask) in edges.iter().flat_map(|v| [(v & all, all), (v & all & 0xf0, 0xf0)]) {
                    let lowered = lower(0, operation, width, value, mask);
                    for a in &edges {
                        let got = match lowered {
                            Lowered::Test(test) => test.holds(&[*a, 0, 0, 0, 0, 0]),
                            Lowered::Always => true,
                            Lowered::Never => false,
                        };
                        let wanted = means(operation, a & all, value, mask);
                        assert_eq!(got, wanted, "{operation:?} {width} {a:#x} {value:#x} {mask:#x}");
                    }
                }
            }
        }
    }

    #[test]
    fn negative_numbers_take_the_width_of_their_argument() {
        assert_eq!(fit(-1, Width::Bits16), Some(0xffff));
        assert_eq!(fit(-1, Width::Bits64), Some(u64::MAX));
        assert_eq!(fit(-100, Width::Bits32), Some(0xffff_ff9c));
        assert_eq!(fit(-32769, Width::Bits16), None);
        assert_eq!(fit(0x1_0000, Width::Bits16), None);
        assert_eq!(fit(u64::MAX.into(), Width::Bits64), Some(u64::MAX));
    }
}
