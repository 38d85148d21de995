//! [`RuleSet`] × [`Program`] to [`Verified`]: the proof that the finished instructions answer every call as the rules
//! do.
//!
//! # Method
//!
//! A call is 512 bits: audit architecture, number, instruction pointer and six arguments. Rules and program are both
//! functions of these bits, and both are turned into reduced ordered binary decision diagrams ([`diagram`]), in which
//! equal functions are the same node:
//!
//! - [`rules`] follows the definition of a rule set. Its meaning is [`RuleSet::decide`].
//! - [`instructions`] runs the program on all calls at once. Its meaning is [`Program::run`], which is the kernel's.
//!
//! So one comparison of two numbers decides for all 2^512 inputs, and where the two differ, a walk down both finds a
//! call that shows it ([`Diagrams::witness`]).
//!
//! # Why a wrong program cannot pass
//!
//! A [`Verified`] is only made here, from a program whose diagram is the diagram of the rules. That both diagrams are
//! of the functions they stand for rests on [`Diagrams::branch`], [`Diagrams::or_else`] and [`Diagrams::pieces`], which
//! are tested against plain evaluation, and on the two translations, which share nothing but these three; the tests
//! replay both against the interpreter, the rules and the kernel, and let every mutant of a program be refused or
//! behave the same. How a program was planned or assembled plays no part, so nothing here imports either: they may be
//! wrong.
//!
//! # Which calls, and how many nodes
//!
//! - Any 64 bits can be in an argument, also on a 32-bit ABI: a 64-bit process that makes a 32-bit call shows the filter
//!   its whole registers.
//! - When the bits take more than the [`BUDGET`], each different test of an argument is made one bit of its own. That
//!   forgets how tests are related, so it can prove less but nothing false: every call gives these bits some values.
//!
//! [`cache`] shows one property more: what is always allowed is answered by the kernel from its cache.

mod cache;
pub(crate) mod diagram;
mod expect;
pub(crate) mod instructions;
mod ranges;
pub(crate) mod rules;
mod step;

pub(crate) use expect::{Broken, Expectation, Outcomes};

use core::fmt;
use std::collections::HashMap;

use crate::engine::program::{Instruction, Program, Word, opcode};
use crate::engine::rules::{InvalidRules, RuleSet, Verdict};
use crate::kernel::architecture::Architecture;
use crate::kernel::call::{Call, On, Written};
use crate::kernel::tables::ARCHITECTURES;
use crate::proof::diagram::{Budget, Diagrams, Leaf, OverBudget};

/// A program that was proved equal to its rules. Only [`verify`] makes one.
#[derive(Debug, Clone)]
pub struct Verified {
    rules: RuleSet,
    program: Program,
    proof: Proof,
}

/// What a proof took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Proof {
    /// Nodes of the diagrams.
    pub nodes: usize,
    /// Numbers that are allowed whatever the arguments, each of them answered by the kernel from its cache.
    pub cached: usize,
    /// The first instruction that is never reached, if there is one. No program of this compiler has any.
    pub unreachable: Option<usize>,
}

/// Why a program is not proved.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// The rules could not come from a policy.
    InvalidRules(InvalidRules),
    /// The kernel would not accept it.
    Malformed {
        /// The instruction.
        at: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// It gives this call another answer than the rules.
    Differs {
        /// The call.
        call: Box<Call>,
        /// What the rules say.
        rules: Verdict,
        /// What the program says.
        program: Verdict,
        /// How many of its arguments the two look at, from the first on.
        arguments: usize,
    },
    /// It allows this number whatever the arguments, but reads more than the number on the way: the kernel would run
    /// it for every call instead of answering from its cache.
    NotCached {
        /// The audit architecture.
        arch: u32,
        /// The number.
        number: u32,
    },
    /// The diagrams grow over the budget. This number has the most conditions.
    OverBudget {
        /// The audit architecture.
        arch: u32,
        /// The number.
        number: u32,
        /// How many conditions it has.
        conditions: usize,
    },
}

impl Refused {
    /// The reason, with calls as this architecture names them.
    pub fn display<'a>(&'a self, architecture: &'a Architecture) -> impl fmt::Display + 'a {
        On(self, architecture)
    }
}

impl fmt::Display for On<'_, Refused> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(refused, architecture) = *self;
        let call = |arch, number| Call { arch, number, ..Call::default() };
        match refused {
            Refused::InvalidRules(invalid) => invalid.fmt(f),
            Refused::Malformed { at, reason } => write!(f, "instruction {at}: {reason}"),
            Refused::Differs { call, rules, program, arguments } => write!(
                f,
                "for {} the policy says {}, the program {}",
                Written { call, arguments: *arguments, native: architecture },
                On(rules, architecture),
                On(program, architecture),
            ),
            Refused::NotCached { arch, number } => write!(
                f,
                "{} is always allowed, but the kernel cannot see that from its number",
                On(&call(*arch, *number), architecture),
            ),
            Refused::OverBudget { arch, number, conditions } => write!(
                f,
                "the proof exceeds its budget; {} has the most conditions ({conditions})",
                On(&call(*arch, *number), architecture),
            ),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (arch, number) = match self {
            Self::InvalidRules(_) | Self::Malformed { .. } => (0, 0),
            Self::Differs { call, .. } => (call.arch, call.number),
            Self::NotCached { arch, number } | Self::OverBudget { arch, number, .. } => (*arch, *number),
        };
        // A call of no known ABI is displayed as foreign to any.
        let architecture = Architecture::of_call(arch, number).unwrap_or(&ARCHITECTURES[0]);
        On(self, architecture).fmt(f)
    }
}

impl core::error::Error for Refused {}

/// More than ten times what hand-written policies need, and enough for as many values as a program can search.
pub(crate) const BUDGET: Budget = Budget { nodes: 200_000, steps: 1_000_000 };

impl Verified {
    /// The rules that it was proved equal to.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// The program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// What the proof took.
    pub fn proof(&self) -> Proof {
        self.proof
    }
}

/// Proves that `program` answers every call as `rules` do, and that the kernel can cache what is always allowed.
///
/// # Errors
///
/// [`Refused`] says what is wrong with the program, with a call that shows it where there is one.
pub fn verify(rules: RuleSet, program: Program) -> Result<Verified, Refused> {
    rules.check().map_err(Refused::InvalidRules)?;
    let unreachable = instructions::check(&program)?;
    let proof = match by_bits(&rules, &program) {
        Err(NoProof::OverBudget) => by_atoms(&rules, &program),
        decided => decided,
    };
    match proof {
        Ok(proof) => Ok(Verified { rules, program, proof: Proof { unreachable, ..proof } }),
        Err(NoProof::Refused(refused)) => Err(refused),
        Err(NoProof::OverBudget) => Err(over_budget(&rules)),
    }
}

/// Why there is no proof.
enum NoProof {
    Refused(Refused),
    OverBudget,
}

/// Decides, but the bits of the arguments may take more than the budget.
fn by_bits(rules: &RuleSet, program: &Program) -> Result<Proof, NoProof> {
    let mut diagrams = Diagrams::new(BUDGET);
    let meaning = rules::meaning(&mut diagrams, rules)?;
    let code = instructions::diagram(&mut diagrams, program)?;
    if let Some((call, wanted, got)) = diagrams.witness(meaning.function, code) {
        let arguments = arguments(rules, program, &call);
        let (rules, program) = (answer(wanted), answer(got));
        return Err(NoProof::Refused(Refused::Differs { call: Box::new(call), rules, program, arguments }));
    }
    let cached = cache::check(rules, program, &diagrams, &meaning).map_err(NoProof::Refused)?;
    Ok(Proof { nodes: diagrams.len(), cached, unreachable: None })
}

/// Proves programs that make the tests of the rules as they stand; what it cannot prove is left undecided.
fn by_atoms(rules: &RuleSet, program: &Program) -> Result<Proof, NoProof> {
    let mut diagrams = Diagrams::of_atoms(BUDGET);
    let meaning = rules::meaning(&mut diagrams, rules)?;
    let code = instructions::diagram(&mut diagrams, program)?;
    if meaning.function != code {
        return Err(NoProof::OverBudget);
    }
    let cached = cache::check(rules, program, &diagrams, &meaning).map_err(NoProof::Refused)?;
    Ok(Proof { nodes: diagrams.len(), cached, unreachable: None })
}

/// How many arguments of a call the rules for its number and the program on its way look at, from the first on.
fn arguments(rules: &RuleSet, program: &Program, call: &Call) -> usize {
    let mut count = 0;
    program.follow(call, |at| {
        let Instruction { code, k, .. } = program.instructions[at];
        if code == opcode::LOAD
            && let Some(Word::High(argument) | Word::Low(argument)) = Word::at(k, program.endian)
        {
            count = count.max(usize::from(argument) + 1);
        }
    });
    let abis = rules.abis.iter().filter(|abi| abi.architecture.has_call(call.arch, call.number));
    let conditions = abis.flat_map(|abi| abi.reachable(call.number)).flat_map(|rule| &rule.conditions);
    conditions.fold(count, |count, condition| count.max(usize::from(condition.argument) + 1))
}

fn over_budget(rules: &RuleSet) -> Refused {
    let mut conditions: HashMap<(u32, u32), usize> = HashMap::new();
    for abi in &rules.abis {
        for rule in &abi.rules {
            *conditions.entry((abi.architecture.audit(), rule.number)).or_default() += rule.conditions.len();
        }
    }
    let most = conditions.into_iter().max_by_key(|(call, conditions)| (*conditions, *call));
    let ((arch, number), conditions) = most.unwrap_or_default();
    Refused::OverBudget { arch, number, conditions }
}

impl From<OverBudget> for NoProof {
    fn from(OverBudget: OverBudget) -> Self {
        Self::OverBudget
    }
}

/// A leaf of a finished function is an answer; anything else would be a defect here, and must not pass for `allow`.
fn answer(leaf: Leaf) -> Verdict {
    match leaf {
        Leaf::Answer(verdict) => verdict,
        Leaf::Undecided => Verdict::KillProcess,
    }
}
