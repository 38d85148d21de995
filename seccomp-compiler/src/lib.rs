//! Compiles a seccomp policy to a BPF program that is proved equal to it.
//!
//! ```text
//! text ─parse→ Policy ─resolve→ RuleSet ─plan→ DecisionTree ─assemble→ Program ─verify→ Verified
//! .yaml        names           numbers        order                   BPF              proved
//!                                 └───────────── the same verdict for every call ─────────┘
//! ```
//!
//! [`Compiler`] is that line. Nothing here reads a file, knows the machine that it runs on, or prints: the macros and
//! the command do.
//!
//! ```
//! use seccomp_compiler::{Architecture, Call, Compiler, SourceFile, Verdict};
//!
//! let policy = SourceFile::new("no-exec.yaml", "
//! default_action: allow
//! syscalls:
//! - action: errno
//!   names: [execve, execveat]
//! ");
//! let arm64 = Architecture::find("arm64").expect("it is in the table");
//! let compiled = Compiler::for_architecture(arm64).compile(&policy)?;
//!
//! let number = arm64.syscall_number("execve").expect("it has the call");
//! let call = Call { arch: arm64.audit(), number, ..Call::default() };
//! let answer = compiled.program().run(&call).map(Verdict::from_return_value);
//! assert_eq!(answer, Some(Verdict::Errno(1)));
//! # Ok::<(), seccomp_compiler::Diagnostics>(())
//! ```
#![forbid(unsafe_code)]
#![warn(clippy::disallowed_macros)]

mod compiler;
mod diagnose;
mod document;
mod engine;
mod kernel;
mod lint;
mod lower;
pub mod policy;
mod proof;
mod resolve;
mod trace;

pub use compiler::{Compiled, Compiler, EffectUse};
pub use diagnose::code::{Code, Severity};
pub use diagnose::diagnostic::{Diagnostic, Diagnostics, Label, Suggestion};
pub use kernel::action::{Action, Promise, Verdict};
pub use kernel::architecture::{Architecture, Endian, Uncovered, Width};
pub use kernel::call::Call;
pub use kernel::effects::{Effect, Route};
pub use policy::{Fallbacks, Flags};

pub use diagnose::spelling::nearest;
pub use document::load::{LoadError, Loader};
pub use document::locate::Locator;
pub use document::source::{Place, SourceFile, Sources, Span};
pub use document::visible::{is_plain, shortened, visible};
pub use engine::profile::{Profile, UnknownCall};
pub use engine::program::{Instruction, MAX_INSTRUCTIONS, Program, Word, opcode};
pub use engine::refusals::Refusals;
pub use engine::rules::{AbiRules, ArgCondition, Comparison, InvalidRules, Must, Origin, Rule, RuleSet};
pub use kernel::related::{equivalents, essential_calls, panic_calls, restarted_calls};
pub use kernel::tables::{VERSION as TABLE_VERSION, set_purpose, sets};
pub use lower::NotCompiled;
#[cfg(feature = "schema")]
pub use policy::schema::schema;
pub use proof::diagram::OverBudget;
pub use proof::{Proof, Refused, Verified, verify};
pub use resolve::effects::routes_on;
pub use resolve::origins::{Origins, RuleSource};
pub use trace::Trace;
pub use trace::lines::ReportLine;
pub use trace::reporter::{Report, ReportTo, Reporter, Then};
