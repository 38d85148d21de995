//! A file of any content is scanned or refused, in bounded time.

use seccomp_compiler::LoadError;
use seccomp_tests::bounded;
use seccomp_tools::scan::Scanner;

use crate::hand_made;

/// Scans bytes, whatever they are; whether they were taken for a program.
fn is_scanned(bytes: &[u8]) -> bool {
    let load = |path: &str| if path == "program" { Ok(bytes.to_vec()) } else { Err(LoadError::NotFound) };
    Scanner::new(&load).scan("program").is_ok()
}

#[test]
fn damaged_programs_are_refused_or_scanned() {
    let mut random = oorandom::Rand32::new(5);
    let mut scanned = 0;
    for seed in [hand_made::x86_64().bytes(), hand_made::aarch64().bytes()] {
        assert!(is_scanned(&seed));
        let size = u32::try_from(seed.len()).expect("it is small");
        for _ in 0..4000 {
            let mut bytes = seed.clone();
            for _ in 0..random.rand_range(1..6) {
                let at = random.rand_range(0..size) as usize;
                bytes[at] = match random.rand_range(0..4) {
                    0 => 0xff,
                    1 => 0,
                    _ => random.rand_u32().to_le_bytes()[0],
                };
            }
            bytes.truncate(if random.rand_range(0..8) == 0 {
                random.rand_range(0..size) as usize
            } else {
                bytes.len()
            });
            scanned += u32::from(is_scanned(&bytes));
        }
    }
    assert!(scanned > 1000, "only {scanned} of the damaged programs were scanned");
}

#[test]
fn any_code_is_scanned() {
    let mut random = oorandom::Rand32::new(9);
    for round in 0..60 {
        let code: Vec<u32> = (0..2000).map(|_| random.rand_u32()).collect();
        let bytes: Vec<u8> = code.iter().flat_map(|word| word.to_le_bytes()).collect();
        let aarch64 = seccomp_tests::elf::Elf::aarch64(&code).function("_start", 0);
        let x86_64 = seccomp_tests::elf::Elf::x86_64(&bytes).function("_start", 0);
        for elf in [aarch64, x86_64] {
            assert!(is_scanned(&elf.bytes()), "{round}");
        }
    }
}

/// Each block of a long run jumps to the first one, so that values meet in all of them.
#[test]
fn a_function_of_a_hundred_thousand_jumps_is_scanned() {
    let mut code = Vec::new();
    for number in 0..100_000_i32 {
        code.extend([0xb8]);
        code.extend(number.to_le_bytes());
        code.extend([0x0f, 0x84]);
        let next = i32::try_from(code.len() + 4).expect("it is small");
        code.extend((-next).to_le_bytes());
    }
    code.extend([0x0f, 0x05, 0xc3]);
    let elf = seccomp_tests::elf::Elf::x86_64(&code).function("_start", 0).bytes();
    assert!(bounded("jumps", || is_scanned(&elf)));
}

#[test]
fn what_is_no_program_is_refused_with_the_reason() {
    let refusal = |bytes: &[u8]| {
        let load = |_: &str| Ok(bytes.to_vec());
        Scanner::new(&load).scan("program").expect_err("it is no program").to_string()
    };
    assert_eq!(refusal(b""), "cannot scan `program`: it is not an ELF file");
    assert_eq!(refusal(b"#!/bin/sh"), "cannot scan `program`: it is a script: name the program that runs it");
    let cut = refusal(&hand_made::x86_64().bytes()[..200]);
    assert!(cut.starts_with("cannot scan `program`: it is damaged or cut off: "), "{cut}");
    assert_eq!(
        refusal(b"\x7fELF\x01\x01"),
        "cannot scan `program`: only 64-bit little-endian ELF files can be scanned"
    );
    let mut other = hand_made::x86_64().bytes();
    other[18] = 243;
    assert_eq!(refusal(&other), "cannot scan `program`: only programs for x86_64 and aarch64 can be scanned");
    let none = |_: &str| Err(LoadError::NotFound);
    let error = Scanner::new(&none).scan("program").expect_err("it is not there");
    assert!(error.to_string().starts_with("cannot read `program`: "), "{error}");
}
