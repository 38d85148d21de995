//! The proof as its adversaries see it: random policies, mutants of real programs, policies that entangle it, and
//! programs of other hands.

mod entangled;
mod mutants;
mod other_hands;
mod random_policies;

use seccomp_compiler::{Architecture, Call, Compiled, Compiler, Program, SourceFile, Verdict};

fn compiled(text: &str, architecture: &'static Architecture) -> Compiled {
    let compiled = Compiler::for_architecture(architecture).compile(&SourceFile::new("random.yaml", text));
    compiled.unwrap_or_else(|problems| panic!("{architecture}: {problems}\n{text}"))
}

fn answers(program: &Program, call: &Call) -> Verdict {
    Verdict::from_return_value(program.run(call).expect("a proved program runs"))
}
