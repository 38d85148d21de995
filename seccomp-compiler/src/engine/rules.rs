//! What a filter must do: the rules of each ABI, with calls by number. [`RuleSet::decide`] is the meaning against which
//! every program is proved.

use core::fmt;
use core::ops::RangeInclusive;

pub(crate) use crate::kernel::action::Verdict;
use crate::kernel::architecture::{Architecture, Endian, Width};
use crate::kernel::call::Call;

/// The rules of one target: an answer for every possible call.
///
/// Rule sets come from policies, but can be built as well:
///
/// ```
/// use seccomp_compiler::{AbiRules, Architecture, Call, Compiler, Rule, RuleSet, Verdict};
///
/// let architecture = Architecture::find("riscv64").expect("it is in the table");
/// let number = architecture.syscall_number("reboot").expect("it has the call");
/// let mut abi = AbiRules::new(architecture, Verdict::Allow);
/// abi.rules.push(Rule::new(number, Verdict::Errno(1)));
/// let rules = RuleSet::new(vec![abi], Verdict::KillProcess, architecture.endian());
/// let verified = Compiler::compile_rules(&rules)?;
/// let call = Call { arch: architecture.audit(), number, ..Call::default() };
/// assert_eq!(verified.program().run(&call), Some(Verdict::Errno(1).return_value()));
/// # Ok::<(), seccomp_compiler::NotCompiled>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RuleSet {
    /// The ABIs that the filter tells apart, each with its range of numbers under an audit architecture; no two
    /// overlap.
    pub abis: Vec<AbiRules>,
    /// The answer to calls of every other ABI.
    pub foreign: Verdict,
    /// The byte order of the target, which all of its ABIs share.
    pub endian: Endian,
}

/// What is wrong with a rule set that was built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidRules {
    /// It has no ABI.
    NoAbi,
    /// Two of its ABIs have a call in common.
    Overlap(&'static Architecture),
    /// The byte order of an ABI is not that of the rule set.
    Endian(&'static Architecture),
    /// A rule has a number that its ABI does not have.
    Number(&'static Architecture, u32),
    /// A rule of this number has a condition on an argument above 5, or with bits of the value outside the mask.
    Condition(&'static Architecture, u32),
}

impl fmt::Display for InvalidRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAbi => f.write_str("the rules are for no ABI"),
            Self::Overlap(abi) => write!(f, "the rules have calls of {abi} twice"),
            Self::Endian(abi) => write!(f, "the byte order of the rules is not that of {abi}"),
            Self::Number(abi, number) => write!(f, "the number {number:#x} is not one of {abi}"),
            Self::Condition(abi, number) => {
                write!(
                    f,
                    "a condition on call {number} of {abi} is on no argument, or on bits outside its mask"
                )
            }
        }
    }
}

impl core::error::Error for InvalidRules {}

/// The rules for the system calls of one ABI.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AbiRules {
    /// The ABI that numbers them.
    pub architecture: &'static Architecture,
    /// Tried in order; the first that matches decides.
    pub rules: Vec<Rule>,
    /// The answer to numbers below the table's end where no rule matches.
    pub default: Verdict,
    /// The answer to numbers from the table's end on where no rule matches.
    pub newer: Verdict,
}

/// One rule: a number, and conditions that must all hold.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// The call's number.
    pub number: u32,
    /// Conditions on its arguments; without any the rule always matches.
    pub conditions: Vec<ArgCondition>,
    /// The answer.
    pub verdict: Verdict,
    /// What it was made from.
    pub origin: Origin,
}

/// What a rule was made from: an index into whatever keeps that, such as the
/// [`Origins`](crate::Origins) of a compiled policy. It has no influence on the meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Origin(pub u32);

impl RuleSet {
    /// The rules of these ABIs, all of this byte order.
    pub const fn new(abis: Vec<AbiRules>, foreign: Verdict, endian: Endian) -> Self {
        Self { abis, foreign, endian }
    }

    /// The audit architectures of the ABIs, that of the native one first.
    pub(crate) fn audits(&self) -> Vec<u32> {
        let mut audits: Vec<u32> = Vec::new();
        for abi in &self.abis {
            let audit = abi.architecture.audit();
            if !audits.contains(&audit) {
                audits.push(audit);
            }
        }
        audits
    }

    /// The ABIs under an audit architecture, in the order of their numbers.
    pub(crate) fn under(&self, audit: u32) -> Vec<&AbiRules> {
        let under = self.abis.iter().filter(|abi| abi.architecture.audit() == audit);
        let mut abis: Vec<&AbiRules> = under.collect();
        abis.sort_by_key(|abi| *abi.numbers().start());
        abis
    }
}

impl RuleSet {
    /// Checks what the proof takes for granted. Rules that come of a policy always pass.
    pub(crate) fn check(&self) -> Result<(), InvalidRules> {
        if self.abis.is_empty() {
            return Err(InvalidRules::NoAbi);
        }
        for (index, abi) in self.abis.iter().enumerate() {
            let AbiRules { architecture, rules, .. } = abi;
            let numbers = abi.numbers();
            let overlaps = |other: &AbiRules| {
                let theirs = other.numbers();
                other.architecture.audit() == architecture.audit()
                    && numbers.start() <= theirs.end()
                    && theirs.start() <= numbers.end()
            };
            if self.abis[..index].iter().any(overlaps) {
                return Err(InvalidRules::Overlap(architecture));
            }
            if architecture.endian() != self.endian {
                return Err(InvalidRules::Endian(architecture));
            }
            for Rule { number, conditions, .. } in rules {
                if !numbers.contains(number) {
                    return Err(InvalidRules::Number(architecture, *number));
                }
                if conditions.iter().any(|it| it.argument > 5 || it.value & !it.mask != 0) {
                    return Err(InvalidRules::Condition(architecture, *number));
                }
            }
        }
        Ok(())
    }

    /// The ABI of a call with this audit architecture and number; `None` if it is a foreign one.
    pub fn abi(&self, arch: u32, number: u32) -> Option<&AbiRules> {
        self.abis.iter().find(|abi| abi.architecture.has_call(arch, number))
    }
}

impl AbiRules {
    /// An ABI on which every call gets this answer, known or newer.
    pub const fn new(architecture: &'static Architecture, default: Verdict) -> Self {
        Self { architecture, rules: Vec::new(), default, newer: default }
    }

    /// The rules of a number, in order.
    pub fn of_number(&self, number: u32) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| rule.number == number)
    }

    /// The rules of a number that can decide a call: in order, up to the first without conditions.
    pub fn reachable(&self, number: u32) -> Vec<&Rule> {
        let mut reachable = Vec::new();
        for rule in self.of_number(number) {
            reachable.push(rule);
            if rule.conditions.is_empty() {
                break;
            }
        }
        reachable
    }

    /// The rules in the order of their numbers; those of one number keep theirs.
    pub(crate) fn by_number(&self) -> Vec<&Rule> {
        let mut rules: Vec<&Rule> = self.rules.iter().collect();
        rules.sort_by_key(|rule| rule.number);
        rules
    }
}

/// One condition on one argument: `(argument & mask) comparison value` must hold, or must fail.
///
/// Widths are in the mask: a 32-bit argument is compared under the mask 0xffffffff.
///
/// ```
/// use seccomp_compiler::{ArgCondition, Comparison};
///
/// let at_least_ten = ArgCondition::new(1, 0xffff_ffff, Comparison::AtLeast, 10);
/// assert!(at_least_ten.holds(&[0, 12, 0, 0, 0, 0]));
/// assert!(at_least_ten.negated().holds(&[0, 9, 0, 0, 0, 0]));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ArgCondition {
    /// Which argument, 0 to 5.
    pub argument: u8,
    /// The bits that count.
    pub mask: u64,
    /// How they are compared.
    pub comparison: Comparison,
    /// What they are compared with; it has no bit outside the mask.
    pub value: u64,
    /// What the comparison must do.
    pub must: Must,
}

/// What a comparison must do for its condition to be met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Must {
    /// Hold.
    Hold,
    /// Fail.
    Fail,
}

/// How an argument is compared. All operations are made of these two, and of their negations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// Equal.
    Equal,
    /// Greater or equal, unsigned. The mask is one of the widths.
    AtLeast,
}

impl RuleSet {
    /// The answer to a call: that of the first rule that matches it, or the default of its ABI, or the answer to
    /// foreign ABIs.
    pub fn decide(&self, call: &Call) -> Verdict {
        let abi = self.abi(call.arch, call.number);
        abi.map_or(self.foreign, |abi| abi.decide(call))
    }
}

impl AbiRules {
    /// The numbers of this ABI under its audit architecture.
    pub fn numbers(&self) -> RangeInclusive<u32> {
        self.architecture.numbers()
    }

    /// The answer to a number where no rule matches.
    pub fn otherwise(&self, number: u32) -> Verdict {
        if number >= self.architecture.table_end() { self.newer } else { self.default }
    }

    pub(crate) fn decide(&self, call: &Call) -> Verdict {
        let rule = self.rules.iter().find(|rule| rule.matches(call));
        rule.map_or_else(|| self.otherwise(call.number), |rule| rule.verdict)
    }
}

impl Rule {
    /// A rule for a number, whatever the arguments; it comes from nowhere.
    pub fn new(number: u32, verdict: Verdict) -> Self {
        Self { number, conditions: Vec::new(), verdict, origin: Origin::default() }
    }

    /// Whether it matches a call of its ABI.
    pub fn matches(&self, call: &Call) -> bool {
        self.number == call.number && self.conditions.iter().all(|test| test.holds(&call.arguments))
    }
}

impl ArgCondition {
    /// The condition that `(argument & mask) comparison value` holds.
    pub const fn new(argument: u8, mask: u64, comparison: Comparison, value: u64) -> Self {
        Self { argument, mask, comparison, value, must: Must::Hold }
    }

    /// The opposite condition.
    #[must_use]
    pub const fn negated(self) -> Self {
        let must = match self.must {
            Must::Hold => Must::Fail,
            Must::Fail => Must::Hold,
        };
        Self { must, ..self }
    }

    /// Whether these arguments meet the condition.
    pub fn holds(&self, arguments: &[u64; 6]) -> bool {
        let argument = arguments.get(usize::from(self.argument)).copied().unwrap_or_default() & self.mask;
        let holds = match self.comparison {
            Comparison::Equal => argument == self.value,
            Comparison::AtLeast => argument >= self.value,
        };
        holds == (self.must == Must::Hold)
    }
}

/// The bits of an argument that a 32-bit register or an `int` has.
pub(crate) const LOW: u64 = Width::BITS_32.mask();
