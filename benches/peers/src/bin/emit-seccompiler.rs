//! The program for the policy on standard input, as bytes.
use std::io::{Read as _, Write as _};

use peers::with_seccompiler::{has, program};
use seccompiler::TargetArch;

fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).expect("text");
    let (policy, architecture) = peers::read(&text);
    let all = policy.entries.iter().map(|entry| entry.action).chain([policy.default]);
    let architecture = TargetArch::try_from(architecture).ok().filter(|_| all.into_iter().all(has));
    let made = architecture.and_then(|architecture| program(&policy, architecture));
    let Some(program) = made else { std::process::exit(2) };
    for instruction in program {
        let mut bytes = instruction.code.to_le_bytes().to_vec();
        bytes.extend([instruction.jt, instruction.jf]);
        bytes.extend(instruction.k.to_le_bytes());
        std::io::stdout().write_all(&bytes).expect("standard output is there");
    }
}
