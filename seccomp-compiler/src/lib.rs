//! Compiles a seccomp policy to a BPF program that is proved equal to it.
//!
//! ```text
//! text ─parse→ Policy ─resolve→ RuleSet ─plan→ DecisionTree ─assemble→ Program ─verify→ Verified
//! .yaml        names           numbers        order                   BPF              proved
//!                                 └───────────── the same verdict for every call ─────────┘
//! ```
//!
//! [`compile`] is that line. Nothing here reads a file, knows the machine that it runs on, or prints: the macros and
//! the command do.
//!
//! ```
//! use seccomp_compiler::{Architecture, Call, SourceFile, Verdict, compile};
//!
//! let policy = SourceFile::new("no-exec.yaml", "
//! default_action: allow
//! syscalls:
//! - action: errno
//!   names: [execve, execveat]
//! ");
//! let arm64 = Architecture::find("arm64").expect("it is in the table");
//! let compiled = compile(&policy, arm64)?;
//!
//! let number = arm64.syscall_number("execve").expect("it has the call");
//! let call = Call { arch: arm64.audit(), number, ..Call::default() };
//! let answer = compiled.program.program().run(&call).map(Verdict::from_return_value);
//! assert_eq!(answer, Some(Verdict::Errno(1)));
//! # Ok::<(), seccomp_compiler::Diagnostics>(())
//! ```
#![forbid(unsafe_code)]

mod diagnose;
mod document;
mod engine;
mod kernel;
mod lint;
mod policy;
mod proof;
mod resolve;
mod trace;

pub use diagnose::code::Code;
pub use diagnose::diagnostic::{Diagnostic, Diagnostics, Label, Severity};
pub use kernel::architecture::{Architecture, Endian, Width};
pub use kernel::call::Call;
pub use policy::Flags;
pub use policy::parse::Load;

pub use diagnose::spelling::nearest;
pub use document::source::{Place, SourceFile, Sources, Span};
pub use engine::program::{Instruction, MAX_INSTRUCTIONS, Program, Word, opcode};
pub use engine::rules::{AbiRules, ArgCondition, Comparison, Origin, Rule, RuleSet, Verdict};
pub use kernel::tables::{VERSION as TABLE_VERSION, sets};
#[cfg(feature = "schema")]
pub use policy::schema::schema;
pub use proof::{Proof, Refused, Verified, verify};
pub use trace::report::{Report, Reporter, Then};

use diagnose::diagnostic::Problems;
use diagnose::problem::Problem;
use engine::plan::{Lowering, Weights};
use policy::Policy;
use proof::{Broken, NeverFires, Outcomes, never_fires, never_match, simplified};
use resolve::Resolved;

/// A policy compiled for one architecture.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// The proved program.
    pub program: Verified,
    /// The architecture that it is for.
    pub architecture: &'static Architecture,
    /// The other ABIs of the kernel that the filter covers, which may be none; `None` without `compat: true`.
    pub compat: Option<Vec<&'static Architecture>>,
    /// Whether it is to be installed at all.
    pub enabled: bool,
    /// Whether the installer sets no_new_privs first.
    pub no_new_privs: bool,
    /// The kernel's filter flags.
    pub flags: Flags,
    /// What compiles to what it says, but may not be what was meant.
    warnings: Problems,
    /// The files that it was made of, the policy's own first.
    pub sources: Sources,
    /// Where the policy says what becomes of calls that no rule matches.
    pub fallbacks: Fallbacks,
    /// What the process needs to report what the filter traps, if it is to.
    pub report: Option<Report>,
}

impl Compiled {
    /// What compiles to what it says, but may not be what was meant. To find the places takes another walk through the
    /// files, so who has no use for them need not ask.
    pub fn warnings(&self) -> Diagnostics {
        self.warnings.clone().locate(&self.sources)
    }
}

/// Where a policy says what becomes of calls that no rule matches; none where it leaves the key out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fallbacks {
    /// `default_action`.
    pub default_action: Option<Place>,
    /// `newer_syscalls`.
    pub newer_syscalls: Option<Place>,
    /// `foreign_architecture`.
    pub foreign_architecture: Option<Place>,
}

/// Compiles a policy that includes no other file for an architecture.
///
/// # Errors
///
/// Every problem of the policy at once, in the order of the file.
pub fn compile(file: &SourceFile, architecture: &'static Architecture) -> Result<Compiled, Diagnostics> {
    compile_with(file, &|_| Err("files are not read here".to_owned()), architecture)
}

/// Compiles a policy for an architecture; `load` gives the files that it includes.
///
/// # Errors
///
/// Every problem of the policy at once, file after file, each in its order.
pub fn compile_with(
    file: &SourceFile,
    load: Load<'_>,
    architecture: &'static Architecture,
) -> Result<Compiled, Diagnostics> {
    compile_for(file, load, architecture, None)
}

/// Compiles a policy for a process that reports the calls that it traps.
///
/// # Errors
///
/// As of [`compile_with`]; and where the policy traps nothing, or refuses what the reporter itself calls.
pub fn compile_reporting(
    file: &SourceFile,
    load: Load<'_>,
    architecture: &'static Architecture,
    reporter: Reporter,
) -> Result<Compiled, Diagnostics> {
    compile_for(file, load, architecture, Some(reporter))
}

fn compile_for(
    file: &SourceFile,
    load: Load<'_>,
    architecture: &'static Architecture,
    reporter: Option<Reporter>,
) -> Result<Compiled, Diagnostics> {
    let mut problems = Problems::default();
    let (policy, sources) = policy::parse::parse(file.clone(), load, &mut problems);
    let resolved = resolve::resolve(&policy, architecture, &mut problems);
    let fallbacks = policy.fallbacks();
    if let Some(reporter) = reporter {
        trace::report::check(reporter, &policy, &resolved.rules, &mut problems);
    }
    check(&policy, &resolved, &sources, &mut problems);
    if problems.has_errors() {
        return Err(problems.locate(&sources));
    }
    let covered = policy.covered(architecture);
    let report = reporter.and_then(|reporter| {
        Report::new(reporter, &resolved.rules, fallbacks, &sources, &covered, &mut problems)
    });
    let Some(program) =
        program(resolved.rules, &mut problems, architecture).filter(|_| !problems.has_errors())
    else {
        return Err(problems.locate(&sources));
    };
    problems.allow(&policy.allowed_warnings);
    Ok(Compiled {
        program,
        architecture,
        compat: policy.compat.then(|| architecture.compat().collect()),
        enabled: policy.enabled,
        no_new_privs: policy.no_new_privs,
        flags: policy.flags,
        warnings: problems,
        sources,
        fallbacks,
        report,
    })
}

/// What can be said of the rules as a whole, once there are no errors in the parts.
fn check(policy: &Policy, resolved: &Resolved, sources: &Sources, problems: &mut Problems) {
    if problems.has_errors() {
        return;
    }
    let Resolved { rules, expectations } = resolved;
    resolve::all_apply_somewhere(policy, sources, problems);
    for NeverFires { place, name, deciding } in never_fires(rules, sources) {
        problems.report(place, Problem::NeverFires { name: name.to_owned(), deciding });
    }
    let conditioned = rules.abis.iter().flat_map(|abi| &abi.rules);
    for Rule { origin, .. } in never_match(conditioned.chain(expectations.iter().map(|of| &of.rule))) {
        let name = origin.name.to_owned();
        problems.report(origin.place, Problem::ContradictoryConditions { name });
    }
    let mut outcomes = None;
    for expectation in expectations {
        let outcomes = outcomes.get_or_insert_with(|| Outcomes::of(rules));
        let Ok(broken) = outcomes.broken(expectation) else {
            let (name, conditions) =
                (expectation.rule.origin.name.to_owned(), expectation.rule.conditions.len());
            problems.report(expectation.rule.origin.place, Problem::TooComplex { name, conditions });
            break;
        };
        if let Some(Broken { place, call, expected, found, deciding }) = broken {
            problems.report(place, Problem::BrokenExpectation { call, expected, found, deciding });
        }
    }
    lint::lint(policy, &rules.abis, problems);
}

/// The proved program of rules that need not come from a policy: what a benchmark asks of several compilers, say. `None`
/// where there are no abis, or no program that can be proved within the budget and the kernel's length.
pub fn compile_rules(rules: &RuleSet) -> Option<Verified> {
    let architecture = rules.abis.first()?.architecture;
    proved(rules, architecture).ok()
}

fn program(rules: RuleSet, problems: &mut Problems, architecture: &'static Architecture) -> Option<Verified> {
    let outcome = proved(&rules, architecture);
    outcome.map_err(|problem| problems.report(place(&problem, &rules), problem)).ok()
}

/// The shorter way of testing arguments first, then the plain one, which is longer but can always be followed by the
/// proof.
fn proved(rules: &RuleSet, architecture: &'static Architecture) -> Result<Verified, Problem> {
    let attempt = |planned: &RuleSet, lowering| {
        let tree = engine::plan::plan(planned, lowering, Weights::default());
        let program = engine::assemble::assemble(&tree)?;
        verify(rules.clone(), program).map_err(|refused| match refused {
            Refused::OverBudget { arch, number, conditions } => {
                // It may be a call of another ABI.
                let of = rules.under(arch).into_iter().find(|abi| abi.numbers().contains(&number));
                let name = of.and_then(|abi| abi.architecture.syscall_name(number)).unwrap_or_default();
                Problem::TooComplex { name: name.to_owned(), conditions }
            }
            refused => Problem::Unproved { refused, architecture },
        })
    };
    let outcome = attempt(rules, Lowering::Searched).or_else(|problem| match problem {
        // A call whose conditions leave nothing to decide is planned without them, and proved with them.
        Problem::Unproved { refused: Refused::NotCached { .. }, .. } => {
            attempt(&simplified(rules), Lowering::Searched)
        }
        problem => Err(problem),
    });
    outcome.or_else(|problem| match problem {
        Problem::Unproved { .. } => Err(problem),
        _ => attempt(&simplified(rules), Lowering::Plain),
    })
}

/// The entry at fault where there is one, else the file as a whole.
fn place(problem: &Problem, rules: &RuleSet) -> Place {
    let named = |name: &str| {
        let rules = rules.abis.iter().flat_map(|abi| abi.rules.iter().map(move |rule| (abi, rule)));
        let mut named =
            rules.filter(|(abi, rule)| abi.architecture.syscall_number(name) == Some(rule.number));
        named.next().map(|(_, rule)| rule.origin.place)
    };
    match problem {
        Problem::TooComplex { name, .. } => named(name),
        _ => None,
    }
    .unwrap_or(Place::POLICY)
}

/// The files of a policy that is right as far as it can be known without an architecture, for targets that have no filters.
///
/// # Errors
///
/// Every problem that can be found without an architecture, in the order of the file.
pub fn check_syntax(file: &SourceFile, load: Load<'_>) -> Result<Sources, Diagnostics> {
    let mut problems = Problems::default();
    let (_, sources) = policy::parse::parse(file.clone(), load, &mut problems);
    if problems.has_errors() { Err(problems.locate(&sources)) } else { Ok(sources) }
}
