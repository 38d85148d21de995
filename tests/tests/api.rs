//! What every public type can do: be sent to another thread, shared, shown to a developer, and, if it says why something
//! failed, be an error.

use std::error::Error;
use std::fmt::Debug;

use seccomp_compiler::policy::edit::Editor;
use seccomp_compiler::policy::{
    Action, ActionKind, AllowedWarning, Argument, Condition, Entry, Flag, Flags, Group, Operation, Policy,
    Promise, Term, Value,
};
use seccomp_compiler::{
    AbiRules, Architecture, ArgCondition, Call, Code, Comparison, Compiled, Compiler, Diagnostic,
    Diagnostics, Effect, EffectUse, Endian, Fallbacks, Instruction, InvalidRules, Label, LoadError, Locator,
    Must, NotCompiled, Origin, Origins, OverBudget, Place, Profile, Program, Proof, Refusals, Refused,
    Report, ReportTo, Reporter, Route, Rule, RuleSet, RuleSource, Severity, SourceFile, Sources, Span, Then,
    Trace, UnknownCall, Verdict, Verified, Width,
};
use seccomp_observe::source::{Choice, Note, Source, Unavailable};
use seccomp_observe::{Extent, Identity, Names, ReadError, Reading, Tally, Time, Violation, sink};
use seccomp_runtime::{Errno, Filter, InstallError, Refusal, ThreadId};
use seccomp_tools::advice::{Adviser, Decider, Deciders, Patch, RecordedCall};
use seccomp_tools::program::{self, Content, NotAProgram};
use seccomp_tools::{Check, Conclusion, Findings};

/// These compile where the types can do it.
const fn shared<T: Send + Sync + Debug>() {}
const fn sent<T: Send + Debug>() {}
const fn error<E: Error + Send + Sync + 'static>() {}

macro_rules! all {
    ($check:ident: $($type:ty),* $(,)?) => {
        $($check::<$type>();)*
    };
}

const _: () = {
    all!(shared: Action, ActionKind, AllowedWarning, Argument, Condition, Editor, Entry, Flag, Flags, Group,
        Operation, Policy, Promise, Term, Value);
    all!(shared: AbiRules, ArgCondition, Architecture, Call, Code, Comparison, Compiled, Compiler<'static>,
        Diagnostic, Effect, EffectUse, Endian, Fallbacks, Instruction, Label, Locator<'static>, Must, Origin,
        Origins, Place, Profile, Program, Proof, Refusals, Report, ReportTo, Reporter, Route, Rule, RuleSet,
        RuleSource, Severity, SourceFile, Sources, Span, Then, Trace, Verdict, Verified, Width);
    all!(shared: Choice, Note, Extent, Identity, Names, Tally, Time, Violation, sink::Format, sink::Groups);
    // What reads may be anything that reads.
    all!(sent: Reading, Source);
    all!(shared: Errno, Filter, seccomp_runtime::Flag, Refusal, ThreadId);
    all!(shared: Adviser, Check, Conclusion, Content, Decider, Deciders, Findings, Patch, RecordedCall,
        program::Format);
    all!(error: Diagnostics, InvalidRules, LoadError, NotCompiled, OverBudget, Refused, UnknownCall, ReadError,
        Unavailable, InstallError, NotAProgram);
};

/// A loader that is not a function, and a compiler on another thread.
#[test]
fn a_compiler_can_be_shared_between_threads() {
    let base = b"syscalls: [{action: errno, names: [reboot]}]".to_vec();
    let load = |_: &str| Ok(base.clone());
    let architecture = Architecture::find("x86_64").expect("an architecture");
    let compiler = Compiler::for_architecture(architecture).loader(&load);
    let file = SourceFile::new("policy.yaml", "{default_action: allow, include: [base.yaml]}");
    let lengths: Vec<usize> = std::thread::scope(|scope| {
        let compile = || compiler.compile(&file).map(|compiled| compiled.program().instructions.len());
        let threads = [scope.spawn(compile), scope.spawn(compile)];
        threads.into_iter().map(|thread| thread.join().expect("no panic").expect("it compiles")).collect()
    });
    assert_eq!(lengths[0], lengths[1]);
    let shown = format!("{compiler:?}");
    assert!(shown.starts_with("Compiler {") && shown.contains("x86_64"), "{shown}");
}

#[test]
fn rules_without_a_program_say_why() {
    let architecture = Architecture::find("riscv64").expect("an architecture");
    let mut abi = AbiRules::new(architecture, Verdict::Errno(1));
    // Every second number, each with an argument that has to be searched.
    abi.rules =
        (0..1500).map(|at| Rule::new(2 * at, Verdict::Errno(u16::try_from(at).unwrap_or(0)))).collect();
    for rule in &mut abi.rules {
        rule.conditions =
            vec![ArgCondition::new(0, u64::MAX, Comparison::Equal, u64::from(rule.number) << 32)];
    }
    let rules = RuleSet::new(vec![abi], Verdict::KillProcess, architecture.endian());
    let failure = Compiler::compile_rules(&rules).expect_err("it is too long");
    assert!(matches!(failure, NotCompiled::TooLong { instructions: 4097.. }), "{failure:?}");
    assert!(failure.to_string().ends_with("more than the kernel's limit of 4096"), "{failure}");
    let none = RuleSet::new(Vec::new(), Verdict::KillProcess, architecture.endian());
    let failure = Compiler::compile_rules(&none).expect_err("there is no ABI");
    assert_eq!(failure, NotCompiled::InvalidRules(InvalidRules::NoAbi));
}
