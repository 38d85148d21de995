//! Conditions to comparisons: which register, how many of its bits, and what they are compared with.

use super::applies::{applies, listed};
use super::arguments;
use super::resolver::Resolver;
use super::values::{Lowered, fit, lower, signed};
use crate::diagnose::conditions::{ConditionProblem, Elsewhere};
use crate::diagnose::names::NameProblem;
use crate::document::source::Place;
use crate::kernel::architecture::{Architecture, Width};
use crate::kernel::tables::{self, Syscall};
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
        let is_selected = |row: &tables::Dependent| {
            known.iter().any(|(name, value)| *name == row.selector && row.is_selected_by(*value, table))
        };
        rows.find(is_selected).map(|row| row.width)
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
        if group.architectures.is_some() {
            return;
        }
        let on_listed = || listed(self.policy).find_map(elsewhere);
        let other = self.elsewhere.entry((name, position)).or_insert_with(on_listed).clone();
        if let Some(other) = other {
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
