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
//! use seccomp_compiler::{Architecture, SourceFile, compile};
//!
//! let policy = SourceFile::new("no-exec.yaml", "
//! default_action: allow
//! syscalls:
//! - action: errno
//!   names: [execve, execveat]
//! ");
//! let x86_64 = Architecture::find("x86_64").expect("it is in the table");
//! let compiled = compile(&policy, x86_64)?;
//! assert_eq!(compiled.program.program().instructions.len(), 11);
//! # Ok::<(), seccomp_compiler::Diagnostics>(())
//! ```
#![forbid(unsafe_code)]

mod architecture;
mod assemble;
mod diagnostic;
mod diagram;
mod parse;
mod plan;
mod policy;
mod problem;
mod program;
mod resolve;
mod rules;
mod source;
mod spelling;
mod tables;
mod verify;
mod words;

pub use architecture::{Architecture, Endian, Width};
pub use diagnostic::{Diagnostic, Diagnostics, Label, Severity};
pub use policy::Flags;
pub use problem::Code;
pub use program::{Instruction, MAX_INSTRUCTIONS, Program, Word, opcode};
pub use rules::{ArgTest, Call, Comparison, Rule, RuleSet, Space, Verdict};
pub use source::{Place, SourceFile, Span};
pub use tables::VERSION as TABLE_VERSION;
pub use verify::{Proof, Refused, Verified, verify};

use diagnostic::Problems;
use plan::{Lowering, Weights};
use problem::Problem;

/// A policy compiled for one architecture.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// The proved program.
    pub program: Verified,
    /// The architecture that it is for.
    pub architecture: &'static Architecture,
    /// Whether it is to be installed at all.
    pub enabled: bool,
    /// Whether the installer sets no_new_privs first.
    pub no_new_privs: bool,
    /// The kernel's filter flags.
    pub flags: Flags,
    /// What compiles to what it says, but may not be what was meant.
    pub warnings: Diagnostics,
}

/// Compiles a policy for an architecture.
///
/// # Errors
///
/// Every problem of the policy at once, in the order of the file.
pub fn compile(file: &SourceFile, architecture: &'static Architecture) -> Result<Compiled, Diagnostics> {
    let mut problems = Problems::default();
    let policy = parse::parse(file, &mut problems);
    let rules = resolve::resolve(&policy, architecture, &mut problems);
    if problems.has_errors() {
        return Err(problems.locate(file));
    }
    match program(rules, &mut problems, architecture) {
        Some(program) => Ok(Compiled {
            program,
            architecture,
            enabled: policy.enabled,
            no_new_privs: policy.no_new_privs,
            flags: policy.flags,
            warnings: problems.locate(file),
        }),
        None => Err(problems.locate(file)),
    }
}

/// The proved program of these rules: the shorter way of testing arguments first, then the plain one, which is
/// longer but can always be followed by the proof.
fn program(rules: RuleSet, problems: &mut Problems, architecture: &'static Architecture) -> Option<Verified> {
    let attempt = |lowering| {
        let tree = plan::plan(&rules, lowering, Weights::default());
        let program = assemble::assemble(&tree)?;
        verify(rules.clone(), program).map_err(|refused| match refused {
            Refused::OverBudget { number, conditions, .. } => {
                let name = architecture.syscall_name(number).unwrap_or_default().to_owned();
                Problem::TooComplex { name, conditions }
            }
            refused => Problem::Unproved { refused, architecture },
        })
    };
    let outcome = attempt(Lowering::Searched).or_else(|problem| match problem {
        Problem::Unproved { .. } => Err(problem),
        _ => attempt(Lowering::Plain),
    });
    outcome.map_err(|problem| problems.report(place(&problem, &rules), problem)).ok()
}

/// The entry at fault where there is one, else the file as a whole.
fn place(problem: &Problem, rules: &RuleSet) -> Place {
    let named = |name: &str| {
        let rules = rules.spaces.iter().flat_map(|space| space.rules.iter().map(move |rule| (space, rule)));
        let mut named =
            rules.filter(|(space, rule)| space.architecture.syscall_number(name) == Some(rule.number));
        named.next().map(|(_, rule)| rule.origin)
    };
    match problem {
        Problem::TooComplex { name, .. } => named(name),
        _ => None,
    }
    .unwrap_or(Place::Span(Span::default()))
}

/// What is wrong with a policy whatever the architecture, for targets that have no filters.
///
/// # Errors
///
/// Every problem that can be found without an architecture, in the order of the file.
pub fn check_syntax(file: &SourceFile) -> Result<(), Diagnostics> {
    let mut problems = Problems::default();
    parse::parse(file, &mut problems);
    if problems.has_errors() { Err(problems.locate(file)) } else { Ok(()) }
}
