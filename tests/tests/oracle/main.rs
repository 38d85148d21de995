//! The kernel, the interpreter and the rules answer every call that is asked of them alike, and without one being made.
//!
//! On x86_64 the numbers 335 and 336 are not asked: the kernel exempts uretprobe(2) and uprobe(2) from every filter.

mod cases;
mod errors;
mod policies;

use seccomp_compiler::{Architecture, Compiled, Compiler, SourceFile};
use seccomp_tests::oracle;

/// What a sweep over all numbers alone compares.
const SWEEP: usize = 4 * 600;

/// The architecture of this kernel.
fn host() -> &'static Architecture {
    Architecture::host().expect("the tests run where filters do")
}

/// A policy on it.
#[track_caller]
fn compiled(policy: &str) -> Compiled {
    let compiled = Compiler::for_architecture(host()).compile(&SourceFile::new("policy.yaml", policy));
    compiled.unwrap_or_else(|problems| panic!("{problems:#?}\n{policy}"))
}

/// Compares a policy on this kernel; how many answers.
#[track_caller]
fn agrees(compiled: &Compiled) -> usize {
    let (rules, program) = (compiled.rules(), compiled.program());
    let calls = oracle::calls(rules, compiled.architecture);
    let compared = oracle::compare(rules, program, &calls)
        .unwrap_or_else(|differences| panic!("{differences:#x?}\n{program}"));
    assert!(compared > SWEEP, "only {compared} answers were compared");
    compared
}
