//! Filters written as instructions, which owe nothing to the compiler: what someone else installed before, as a
//! container's would be.

use libc::c_long;
use seccomp_compiler::{Endian, Instruction, MAX_INSTRUCTIONS, Verdict, Word, opcode};

/// Answers `verdict` to one call and allows the others.
pub fn answering(call: c_long, verdict: Verdict) -> Vec<Instruction> {
    vec![load(Word::Number), jump(opcode::JUMP_EQUAL, number(call), 1), ret(verdict), ret(Verdict::Allow)]
}

/// Answers `verdict` to one call where an argument has any of these bits, and allows the others.
pub fn answering_bits(call: c_long, argument: u8, bits: u32, verdict: Verdict) -> Vec<Instruction> {
    vec![
        load(Word::Number),
        jump(opcode::JUMP_EQUAL, number(call), 3),
        load(Word::Low(argument)),
        jump(opcode::JUMP_ANY_BIT, bits, 1),
        ret(verdict),
        ret(Verdict::Allow),
    ]
}

/// Answers `verdict` to every number from `first` on and allows the others.
pub fn answering_from(first: u32, verdict: Verdict) -> Vec<Instruction> {
    vec![load(Word::Number), jump(opcode::JUMP_AT_LEAST, first, 1), ret(verdict), ret(Verdict::Allow)]
}

/// Answers `verdict` to everything but one call where an argument's low word is `key`.
pub fn answering_all_but(call: c_long, argument: u8, key: u32, verdict: Verdict) -> Vec<Instruction> {
    vec![
        load(Word::Number),
        jump(opcode::JUMP_EQUAL, number(call), 3),
        load(Word::Low(argument)),
        jump(opcode::JUMP_EQUAL, key, 1),
        ret(Verdict::Allow),
        ret(verdict),
    ]
}

/// Answers `verdict` to everything.
pub fn always(verdict: Verdict) -> Vec<Instruction> {
    vec![ret(verdict)]
}

/// As long as a program may be, and allows everything.
pub fn longest() -> Vec<Instruction> {
    let mut program = vec![load(Word::Number); MAX_INSTRUCTIONS - 1];
    program.push(ret(Verdict::Allow));
    program
}

/// A system call's number as a filter sees it.
///
/// # Panics
///
/// If it is negative, which none is.
pub fn number(call: c_long) -> u32 {
    call.try_into().expect("a system call's number")
}

fn load(word: Word) -> Instruction {
    let endian = if cfg!(target_endian = "big") { Endian::Big } else { Endian::Little };
    Instruction { code: opcode::LOAD, jt: 0, jf: 0, k: word.offset(endian) }
}

fn jump(code: u16, k: u32, jf: u8) -> Instruction {
    Instruction { code, jt: 0, jf, k }
}

fn ret(verdict: Verdict) -> Instruction {
    Instruction { code: opcode::RETURN, jt: 0, jf: 0, k: verdict.return_value() }
}
