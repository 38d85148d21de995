//! Warnings about conditions that compare something else than their author may have had in mind.

use crate::diagnose::lints::{Confusion, LintProblem};
use crate::diagnose::problems::Problems;
use crate::document::source::Place;
use crate::kernel::architecture::{Architecture, Width};
use crate::kernel::effects::Effect;
use crate::kernel::tables;
use crate::kernel::values::{self, Family, Others};
use crate::policy::{Action, Argument, Condition, Entry, Group, Operation, Policy, Term, Value};
use crate::resolve::applies::applies;
use crate::resolve::arguments;

/// Reports conditions on flags, pointers and numbers with a sign that hold for other calls than they seem to.
pub(super) fn check(policy: &Policy, abi: &'static Architecture, problems: &mut Problems) {
    for group in policy.groups.iter().filter(|group| applies(group, abi)) {
        for entry in group.entries.iter().filter(|entry| entry.conditions.is_some()) {
            let Some(syscall) = tables::syscall(&entry.name.value) else { continue };
            let Some(registers) = arguments::names(syscall, abi) else { continue };
            let read = |name: &str| {
                let position = registers.iter().position(|register| register == name)?;
                Some(syscall.signature(abi.table)?.get(position)?.width.min(abi.register()))
            };
            let name = |condition: &Condition| match &condition.argument.value {
                Argument::Position(position) => registers.get(usize::from(*position)).cloned(),
                Argument::Name(name) => {
                    registers.get(arguments::position(syscall, name, &registers)?).cloned()
                }
            };
            for condition in entry.conditions.iter().flatten() {
                let Some(argument) = name(condition) else { continue };
                let call = syscall.name;
                let same = |other: &&Condition| name(other).as_ref() == Some(&argument);
                let same: Vec<&Condition> = entry.conditions.iter().flatten().filter(same).collect();
                let read = read(&argument);
                let found = Compared { call, argument: &argument, read, abi, condition, same, entry, group };
                found.check(problems);
            }
        }
    }
}

/// A condition with what it is about.
struct Compared<'a> {
    call: &'static str,
    argument: &'a str,
    /// How much of it the kernel reads, if that is known.
    read: Option<Width>,
    abi: &'static Architecture,
    condition: &'a Condition,
    /// The conditions of the entry on the same argument, this one among them.
    same: Vec<&'a Condition>,
    entry: &'a Entry,
    group: &'a Group,
}

impl Compared<'_> {
    fn check(&self, problems: &mut Problems) {
        let (call, argument) = (self.call, self.argument.to_owned());
        if let Some(confusion) = self.confusion() {
            let place = self.value_place();
            problems.report(place, LintProblem::WrongConstant { call, argument, confusion });
        } else if let Some(sum) = self.joined() {
            let (place, value) = (self.value_place(), self.written());
            problems.report(place, LintProblem::JoinedNumbers { call, argument, value, sum });
        } else if let Some(effect) = self.effect_of_each() {
            let (place, value) = (self.condition.operation.place, self.written());
            problems.report(place, LintProblem::AllOfFlags { call, value, effect });
        } else if tables::is_pointer(call, self.argument) && !self.is_zero() {
            problems.report(self.value_place(), LintProblem::PointerCompared { call, argument });
        } else if self.is_order() && self.is_signed() && self.same.len() == 1 {
            let place = self.condition.operation.place;
            let operation = self.operation();
            problems.report(place, LintProblem::SignedOrder { call, argument, operation });
        } else if let Some((place, read)) = self.ignored_bits() {
            problems.report(place, LintProblem::IgnoredBits { call, argument, read });
        } else if self.tests_bits_of_a_number() {
            let (place, operation) = (self.condition.operation.place, self.operation());
            problems.report(place, LintProblem::BitsOfNumber { call, argument, operation });
        } else if let Some(mask) = self.passing_mask() {
            let place = self.condition.operation.place;
            let (value, operation) = (self.written(), self.operation());
            problems.report(place, LintProblem::ExactFlags { call, argument, operation, value, mask });
        }
    }

    /// The width that the condition asks for, and how many bits the kernel reads, if a caller can get past the rule with
    /// the others: past a refusal of some values, or of all but some that it must not have.
    fn ignored_bits(&self) -> Option<(Place, u32)> {
        let (width, read) = (self.condition.width.as_ref()?, self.read?);
        let is_exact = match self.operation() {
            Operation::NotEqual => self.is_let_through(),
            Operation::Equal => !self.is_let_through(),
            _ => self.is_order(),
        };
        (is_exact && width.value.bits() > read.bits()).then(|| (width.place, read.bits()))
    }

    fn is_of_bits(&self) -> bool {
        matches!(self.operation(), Operation::BitsSet | Operation::BitsNotSet)
    }

    fn tests_bits_of_a_number(&self) -> bool {
        let is_number = |term: &Term| self.number(term) & self.numbers() != 0;
        self.is_of_bits()
            && self.terms().iter().any(is_number)
            && self.value().is_some_and(|(others, _)| others != Others::Bits)
    }

    fn number(&self, term: &Term) -> u64 {
        match term {
            Term::Number(number) => u64::try_from(*number).unwrap_or_default(),
            Term::Constant(name) => self.abi.constant(name).unwrap_or_default(),
        }
    }

    /// The bits of the argument that are one number.
    fn numbers(&self) -> u64 {
        match self.value() {
            None => 0,
            Some((Others::None, _)) => u64::MAX,
            Some((Others::Outside(mask), _)) => mask,
            // Of flags, some bits may be a number: the access mode of open(2).
            Some((Others::Bits, _)) => {
                let family = Family::of(self.call, self.argument);
                family.map_or(0, |family| if family.mask == u64::MAX { 0 } else { family.mask })
            }
        }
    }

    /// What several numbers joined by `|` come to.
    fn joined(&self) -> Option<String> {
        if self.terms().len() < 2 || self.is_of_bits() {
            return None;
        }
        let numbers = self.numbers();
        let is_number = |number: &u64| *number != 0 && number & !numbers == 0;
        let mut joined: Vec<u64> =
            self.terms().iter().map(|term| self.number(term)).filter(is_number).collect();
        joined.dedup();
        let sum = joined.iter().fold(0, |sum, number| sum | number);
        let name = || match Family::of(self.call, self.argument) {
            Some(family) => family.named(sum, self.abi.table),
            None => format!("{sum:#x}"),
        };
        (joined.len() > 1).then(name)
    }

    /// The effect that each of some flags has, if a rule refuses only calls with all of them.
    fn effect_of_each(&self) -> Option<&'static str> {
        let Condition { value, mask, .. } = self.condition;
        let is_all = self.operation() == Operation::MaskedEqual && value == mask;
        if self.terms().len() < 2 || !is_all || self.is_let_through() {
            return None;
        }
        let names: Vec<&str> = self.terms().iter().filter_map(constant).collect();
        let has = |effect: &Effect| {
            let tests =
                effect.routes().filter(|route| route.call == self.call).flat_map(|route| route.tests());
            let mut of_bits =
                tests.filter(|test| test.operation == "BitsSet" && test.argument == self.argument);
            of_bits.any(|test| test.value.split('|').filter(|name| names.contains(name)).count() > 1)
        };
        Effect::all().find(has).map(|effect| effect.name)
    }

    fn is_let_through(&self) -> bool {
        matches!(self.group.action.value, Action::Allow | Action::Log)
    }

    fn operation(&self) -> Operation {
        self.condition.operation.value
    }

    fn value_place(&self) -> Place {
        let value = self.condition.value.as_ref();
        value.map_or(self.condition.operation.place, |value| value.place)
    }

    fn terms(&self) -> &[Term] {
        self.condition.value.as_ref().map_or(&[], |value: &crate::policy::Placed<Value>| &value.value.terms)
    }

    fn is_zero(&self) -> bool {
        self.terms().iter().all(|term| *term == Term::Number(0))
    }

    fn is_order(&self) -> bool {
        use Operation::{GreaterOrEqual, GreaterThan, LessOrEqual, LessThan};
        matches!(self.operation(), GreaterThan | GreaterOrEqual | LessThan | LessOrEqual)
    }

    /// Whether the argument may be negative. A negative descriptor, unless it is AT_FDCWD, is only refused, and so is a
    /// number that must be one of some constants.
    fn is_signed(&self) -> bool {
        let is_descriptor = self.argument.ends_with("fd") && !self.argument.ends_with("dfd");
        tables::is_signed(self.call, self.argument) && !is_descriptor && self.value().is_none()
    }

    /// The constants that the argument takes, as the names begin, if one of the condition's is none of them.
    fn confusion(&self) -> Option<Confusion> {
        let (_, begins) = self.value()?;
        let is_other = |name: &&str| !begins.iter().any(|begin| name.starts_with(*begin));
        let mut constants = self.terms().iter().filter_map(constant);
        let constant = constants.find(is_other).filter(|_| !begins.is_empty())?.to_owned();
        Some(Confusion { constant, begins })
    }

    fn value(&self) -> Option<(Others, Vec<&'static str>)> {
        values::of_argument(self.call, self.argument)
    }

    /// The mask that is missing, if another bit in the argument lets a refused call through.
    fn passing_mask(&self) -> Option<String> {
        let is_let_through = self.is_let_through();
        let passes = match self.operation() {
            Operation::Equal => !is_let_through,
            Operation::NotEqual => is_let_through && self.entry.conditions.iter().flatten().count() == 1,
            _ => false,
        };
        if !passes || self.is_zero() {
            return None;
        }
        match self.value()?.0 {
            Others::None => None,
            // The access mode of open(2) is a number of two bits, of which read-only has none.
            Others::Bits if self.written() == "O_RDONLY" => Some("O_ACCMODE".to_owned()),
            Others::Bits => Some(self.written()),
            Others::Outside(mask) => Some(format!("{mask:#x}")),
        }
    }

    /// The value as the author wrote it.
    fn written(&self) -> String {
        let term = |term: &Term| match term {
            Term::Number(number) => number.to_string(),
            Term::Constant(name) => name.clone(),
        };
        self.terms().iter().map(term).collect::<Vec<_>>().join(" | ")
    }
}

fn constant(term: &Term) -> Option<&str> {
    match term {
        Term::Constant(name) => Some(name),
        Term::Number(_) => None,
    }
}
