//! The program for the policy on standard input, as bytes.
use std::io::{Read as _, Write as _};

fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).expect("text");
    let (policy, architecture) = peers::read(&text);
    let Some(program) = peers::with_seccompiler::program(&policy, architecture) else { std::process::exit(2) };
    for instruction in program {
        let mut bytes = instruction.code.to_le_bytes().to_vec();
        bytes.extend([instruction.jt, instruction.jf]);
        bytes.extend(instruction.k.to_le_bytes());
        std::io::stdout().write_all(&bytes).expect("standard output is there");
    }
}
