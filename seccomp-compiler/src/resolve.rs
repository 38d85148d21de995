//! [`Policy`] to [`RuleSet`]: names become the numbers of one architecture, values become words, and conditions
//! become tests of the bits that the kernel reads.

use crate::architecture::{Architecture, Width};
use crate::diagnostic::Problems;
use crate::policy::{Action, Condition, Entry, Errno, Group, Operation, Placed, Policy, Term, Value};
use crate::problem::Problem;
use crate::rules::{ArgTest, Comparison, Rule, RuleSet, Space, Verdict};
use crate::source::Place;
use crate::spelling::nearest;
use crate::tables::{self, Argument, Constant, Syscall};

/// The rules of `policy` on `architecture`. With problems reported they are incomplete and of no use.
pub(crate) fn resolve(
    policy: &Policy,
    architecture: &'static Architecture,
    problems: &mut Problems,
) -> RuleSet {
    let mut resolver = Resolver { architecture, problems };
    let foreign = resolver.action(policy.foreign_architecture.as_ref(), Verdict::KillProcess);
    let default = resolver.action(policy.default_action.as_ref(), Verdict::KillProcess);
    let newer = resolver.action(policy.newer_syscalls.as_ref(), default);
    let meant = resolver.is_meant(policy);
    let rules = policy.groups.iter().flat_map(|group| resolver.group(group, meant)).collect();
    resolver.some_group_applies(policy, meant);
    let mut spaces = vec![Space { architecture, rules, default, newer }];
    if let Some((other, verdict)) = architecture.shares_audit_with() {
        let all = verdict.unwrap_or(foreign);
        spaces.push(Space { architecture: other, rules: Vec::new(), default: all, newer: all });
    }
    RuleSet { spaces, foreign, endian: architecture.endian() }
}

impl Architecture {
    /// The ABI with the same audit value, if there is one, and the answer to its calls: to x32's on x86_64 what a
    /// kernel without x32 gives, to x86_64's on x32 that to foreign ones.
    fn shares_audit_with(&self) -> Option<(&'static Self, Option<Verdict>)> {
        const ENOSYS: u16 = 38;
        match self.name() {
            "x86_64" => Some((Self::find("x32")?, Some(Verdict::Errno(ENOSYS)))),
            "x32" => Some((Self::find("x86_64")?, None)),
            _ => None,
        }
    }
}

struct Resolver<'a> {
    architecture: &'static Architecture,
    problems: &'a mut Problems,
}

impl Resolver<'_> {
    /// Whether the policy is for this architecture at all.
    fn is_meant(&mut self, policy: &Policy) -> bool {
        let Some(meant) = &policy.architectures else { return true };
        let listed = meant.iter().any(|listed| listed.value == self.architecture);
        if let (false, Some(first)) = (listed, meant.first()) {
            let meant = meant.iter().map(|listed| listed.value.name()).collect();
            let problem = Problem::OtherArchitecture { architecture: self.architecture, meant };
            self.problems.report(first.place, problem);
        }
        listed
    }

    fn some_group_applies(&mut self, policy: &Policy, meant: bool) {
        let left = policy.groups.iter().any(|group| self.applies(group));
        if meant && !left && !policy.groups.is_empty() {
            let limits = policy.groups[0].architectures.as_ref().and_then(|listed| listed.first());
            let place = limits.map(|first| first.place).or(policy.place);
            let place = place.unwrap_or(Place::POLICY);
            self.problems.report(place, Problem::NoGroupLeft { architecture: self.architecture });
        }
    }

    fn applies(&self, group: &Group) -> bool {
        group
            .architectures
            .as_ref()
            .is_none_or(|on| on.iter().any(|listed| listed.value == self.architecture))
    }

    /// The rules of a group. One that does not apply here has none, but its names must exist somewhere.
    fn group(&mut self, group: &Group, meant: bool) -> Vec<Rule> {
        let applies = meant && self.applies(group);
        let verdict = self.action_if(applies, group.action.as_ref(), Verdict::KillProcess);
        let entries = group.entries.iter();
        entries
            .filter_map(|entry| self.entry(entry, verdict, applies && !self.leaves_out(group, entry)))
            .collect()
    }

    fn entry(&mut self, entry: &Entry, verdict: Verdict, applies: bool) -> Option<Rule> {
        let syscall = self.syscall(&entry.name, applies);
        let conditions = entry.conditions.as_deref().unwrap_or_default();
        let mut tests = Vec::new();
        let mut never = false;
        for condition in conditions {
            match self.condition(syscall, condition, applies) {
                Some(Lowered::Test(test)) => tests.push(test),
                Some(Lowered::Never) => never = true,
                Some(Lowered::Always) | None => {}
            }
        }
        let number = syscall?.number(self.architecture.table).filter(|_| applies && !never)?;
        Some(Rule { number, tests, verdict, origin: entry.name.place })
    }

    /// Whether a name of an `optional` group is one that the target lacks.
    fn leaves_out(&self, group: &Group, entry: &Entry) -> bool {
        let exists = tables::syscall(&entry.name.value).is_some();
        group.optional && exists && self.architecture.syscall_number(&entry.name.value).is_none()
    }

    /// The call of this name; it stays useful for its conditions where the target lacks it.
    fn syscall(&mut self, name: &Placed<String>, applies: bool) -> Option<&'static Syscall> {
        let Some(syscall) = tables::syscall(&name.value) else {
            let nearest = nearest(&name.value, tables::syscalls().iter().map(|syscall| syscall.name));
            self.problems.report(name.place, Problem::UnknownSyscall { name: name.value.clone(), nearest });
            return None;
        };
        if applies && syscall.number(self.architecture.table).is_none() {
            let here = |name: &&&str| self.architecture.syscall_number(name).is_some();
            let replacements = tables::replacements(syscall.name).iter().filter(here).copied().collect();
            let architecture = self.architecture;
            let absent = Problem::AbsentSyscall { name: name.value.clone(), architecture, replacements };
            self.problems.report(name.place, absent);
        }
        Some(syscall)
    }

    fn action(&mut self, action: Option<&Placed<Action>>, otherwise: Verdict) -> Verdict {
        self.action_if(true, action, otherwise)
    }

    /// The verdict of an action; one of a group that does not apply here need only exist somewhere.
    fn action_if(&mut self, applies: bool, action: Option<&Placed<Action>>, otherwise: Verdict) -> Verdict {
        let Some(Placed { value: action, place }) = action else { return otherwise };
        match action {
            Action::Allow => Verdict::Allow,
            Action::Log => Verdict::Log,
            Action::Trace(data) => Verdict::Trace(*data),
            Action::UserNotif => Verdict::UserNotif,
            Action::Trap(data) => Verdict::Trap(*data),
            Action::KillThread => Verdict::KillThread,
            Action::KillProcess => Verdict::KillProcess,
            Action::Errno(Errno::Number(number)) => Verdict::Errno(*number),
            Action::Errno(Errno::Name(name)) => {
                self.errno(name, *place, applies).map_or(otherwise, Verdict::Errno)
            }
        }
    }

    fn errno(&mut self, name: &str, place: Place, applies: bool) -> Option<u16> {
        let problem = match tables::errno(name) {
            None => {
                let nearest = nearest(name, tables::errnos().iter().map(|errno| errno.name));
                Problem::UnknownErrno { name: name.to_owned(), nearest }
            }
            Some(errno) => match errno.value(self.architecture.table) {
                Some(number) => return u16::try_from(number).ok(),
                None if !applies => return None,
                None => Problem::AbsentErrno { name: name.to_owned(), architecture: self.architecture },
            },
        };
        self.problems.report(place, problem);
        None
    }

    /// One condition as a test of the bits that the kernel reads.
    fn condition(
        &mut self,
        syscall: Option<&'static Syscall>,
        condition: &Condition,
        applies: bool,
    ) -> Option<Lowered> {
        let width = self.width(syscall, condition, applies);
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
            self.problems.report(place, Problem::ValueOutsideMask { value, mask });
            return None;
        }
        let lowered = lower(condition.argument.value, operation, width, value, mask);
        match lowered {
            Lowered::Always if applies => {
                self.problems.report(place, Problem::AlwaysHolds { operation: operation.name() });
            }
            Lowered::Never if applies => {
                self.problems.report(place, Problem::NeverHolds { operation: operation.name() });
            }
            _ => {}
        }
        Some(lowered)
    }

    /// How many bits of an argument count: what the author says, or else what the kernel's signature of the call
    /// says, but never more than the architecture shows.
    fn width(&mut self, syscall: Option<&'static Syscall>, condition: &Condition, applies: bool) -> Width {
        let register = self.architecture.register();
        if let Some(width) = &condition.width {
            if applies && width.value > register {
                self.problems.report(width.place, Problem::WidthTooWide { architecture: self.architecture });
            }
            return width.value;
        }
        let Placed { value: argument, place } = condition.argument;
        let Some(syscall) = syscall.filter(|_| applies) else { return Width::Bits64 };
        let name = || syscall.name.to_owned();
        match syscall.signature(self.architecture.table) {
            Some(arguments) => match arguments.get(usize::from(argument)) {
                Some(Argument { bits, .. }) => {
                    let declared = Width::from_bits(u64::from(*bits)).unwrap_or(Width::Bits64);
                    return declared.min(register);
                }
                None => {
                    let count = arguments.len();
                    self.problems.report(place, Problem::PastLastArgument { name: name(), argument, count });
                }
            },
            None => self.problems.report(place, Problem::UnknownSignature { name: name(), width: register }),
        }
        register
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
            // Where the registers are the narrow part, another architecture may well hold the value.
            let whole = width == self.architecture.register() && width == Width::Bits32;
            self.problems.report(place, Problem::ValueTooWide { value, width, whole });
        }
        bits
    }

    fn constant(&mut self, name: &str, place: Place, applies: bool) -> Option<i128> {
        let problem = match tables::constant(name) {
            None => {
                let nearest = nearest(name, tables::constants().iter().map(|constant| constant.name));
                Problem::UnknownConstant { name: name.to_owned(), nearest }
            }
            Some(constant) => match signed(constant, self.architecture) {
                Some(value) => return Some(value),
                None if !applies => return None,
                None => Problem::AbsentConstant { name: name.to_owned(), architecture: self.architecture },
            },
        };
        self.problems.report(place, problem);
        None
    }
}

/// A constant's value, negative where it is a negative `int`.
fn signed(constant: &Constant, architecture: &Architecture) -> Option<i128> {
    let value = i128::from(constant.value(architecture.table)?);
    Some(if constant.negative { value - (1 << 32) } else { value })
}

/// The low bits of `value`, if no other is needed to tell it: negative numbers are two's complement.
fn fit(value: i128, width: Width) -> Option<u64> {
    let range = -(1_i128 << (width.bits() - 1))..=i128::from(width.mask());
    let in_range = range.contains(&value);
    in_range.then(|| value.rem_euclid(1 << width.bits())).and_then(|bits| u64::try_from(bits).ok())
}

/// A condition once its value is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lowered {
    Test(ArgTest),
    Always,
    Never,
}

/// An operation as one of the two comparisons, or as a constant.
fn lower(argument: u8, operation: Operation, width: Width, value: u64, mask: u64) -> Lowered {
    let all = width.mask();
    let test = |mask, comparison, value, expected| {
        Lowered::Test(ArgTest { argument, mask, comparison, value, expected })
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
    use crate::architecture::Width;
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
            for operation in Operation::ALL {
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
