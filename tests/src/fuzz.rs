//! The bodies of the fuzz targets in `fuzz/`: what must hold whatever bytes come. `tests/tests/fuzz.rs` runs each on
//! seeds that are damaged at random, so that a body that fails fails every test run, too.

use std::io::Cursor;

use oorandom::Rand32;
use seccomp_compiler::policy::Policy;
use seccomp_compiler::{
    Architecture, Compiled, Compiler, Instruction, Program, Refused, SourceFile, Verdict, opcode, verify,
};
use seccomp_observe::Reading;
use seccomp_observe::sink::{FORMATS, Style};
use seccomp_observe::source::Source;

use crate::edits::{edited, edits};
use crate::random::calls;

/// The text of a policy: it has problems, or a program that decides as its rules do, and is printed as it means.
pub fn parse(bytes: &[u8]) {
    const ARCHITECTURES: [&str; 4] = ["x86_64", "s390x", "arm", "mips64"];
    let architecture = architecture(ARCHITECTURES[bytes.len() % ARCHITECTURES.len()]);
    let file = SourceFile::new("fuzz.yaml", bytes);
    match Compiler::for_architecture(architecture).compile(&file) {
        Ok(compiled) => {
            let _worded = compiled.warnings().to_string();
            agree(&compiled);
        }
        Err(problems) => assert!(problems.iter().next().is_some() && !problems.to_string().is_empty()),
    }
    if let Ok(policy) = Policy::read(&file) {
        let printed = policy.to_string();
        assert_eq!(printed.parse::<Policy>().ok(), Some(policy), "{printed}");
    }
}

/// The text of a policy: each edit of it is refused, or means what it says, keeps what it is not about, and can be taken
/// back.
pub fn edit(bytes: &[u8]) {
    let file = SourceFile::new("fuzz.yaml", bytes);
    let Ok(policy) = Policy::read(&file) else { return };
    let all = edits(&policy);
    // As many as take little time, and others for each text.
    for edit in all.iter().cycle().skip(bytes.len() % all.len()).take(8) {
        let _refused = edited(&file, edit).err().map(|unchanged| unchanged.to_string());
    }
}

/// The interpreter, which has no part in the proof, answers as the rules decide.
fn agree(compiled: &Compiled) {
    let (rules, program) = (compiled.rules(), compiled.program());
    // The edges of conditions, for each condition on the same call, are too many elsewhere.
    if rules.abis.iter().map(|abi| abi.rules.len()).sum::<usize>() < 500 {
        for call in &calls(rules) {
            assert_eq!(answer(program, call), Some(rules.decide(call)), "{call:x?}");
        }
    }
}

/// Changes to the program of one of some policies: the proof finds a call that is answered otherwise, or there is none.
///
/// Each six bytes change an instruction: which, what of it, and to what.
pub fn prove(bytes: &[u8]) {
    let (first, changes) = bytes.split_first().unwrap_or((&0, &[]));
    let compiled = proved(usize::from(*first));
    let mut program = compiled.program().clone();
    for &[at, what, k0, k1, k2, k3] in changes.as_chunks::<6>().0 {
        let length = program.instructions.len();
        let Instruction { code, jt, jf, k } = &mut program.instructions[usize::from(at) % length];
        match what % 8 {
            // Also two that the kernel has and filters have not.
            0 => {
                *code =
                    *opcode::ALL.iter().chain(&[0x74, 0xffff]).nth(usize::from(k0) % 10).expect("one of ten")
            }
            1 => *jt = k0,
            2 => *jf = k0,
            3 => std::mem::swap(jt, jf),
            4 => *k = u32::from_le_bytes([k0, k1, k2, k3]),
            5 => *k = k.wrapping_add(1),
            6 => *k ^= 1 << (k0 % 32),
            _ => program.instructions.swap(usize::from(at) % length, usize::from(k0) % length),
        }
    }
    let rules = compiled.rules();
    match verify(rules.clone(), program.clone()) {
        Ok(_) => {
            for call in &calls(rules) {
                assert_eq!(answer(&program, call), Some(rules.decide(call)), "{call:x?}\n{program}");
            }
        }
        Err(Refused::Differs { call, rules: wanted, program: got, .. }) => {
            assert_ne!(wanted, got);
            assert_eq!(
                (rules.decide(&call), answer(&program, &call)),
                (wanted, Some(got)),
                "{call:x?}\n{program}"
            );
        }
        Err(_) => {}
    }
}

/// One of the policies whose programs are changed.
fn proved(at: usize) -> Compiled {
    const POLICIES: [&str; 3] = [
        "{default_action: errno, syscalls: [{action: allow, names: ['@rust-std']}]}",
        "{default_action: allow, newer_syscalls: errno(ENOSYS), syscalls: [{action: log, names: [read, write]}, \
         {action: trap(3), names_with_args: [\
         {name: socket, arguments: [{argument: 0, operation: GreaterThan, value: 9}, \
         {argument: 1, operation: BitsSet, value: 6}]}, \
         {name: personality, arguments: [{argument: 0, operation: MaskedEqual, mask: 0xff0f, value: 0x1203}]}]}]}",
        "{default_action: kill_process, syscalls: [{action: allow, names_with_args: [\
         {name: kill, arguments: [{argument: 0, operation: LessThan, value: 5, width: 32}]}, \
         {name: madvise, arguments: [{argument: 2, operation: NotEqual, value: 8}]}]}]}",
    ];
    const ARCHITECTURES: [&str; 5] = ["x86_64", "aarch64", "s390x", "i386", "mips"];
    let file = SourceFile::new("fuzz.yaml", POLICIES[at % POLICIES.len()]);
    let architecture = architecture(ARCHITECTURES[at / POLICIES.len() % ARCHITECTURES.len()]);
    Compiler::for_architecture(architecture).compile(&file).expect("the policy compiles")
}

/// A log of anything, maybe compressed: it is read to its end or to where it is damaged, each record becomes one line of
/// JSON, and what is written has no control characters and is read back.
pub fn decode(bytes: &[u8]) {
    for format in FORMATS {
        let (output, records) = written(bytes, *format);
        assert!(output.chars().all(|c| c == '\n' || !c.is_control()), "{output:?}");
        if !matches!(format.name, "json" | "ecs") {
            continue;
        }
        let objects = output.lines().map(|line| serde_json::from_str(line).expect("a line is an object"));
        let times = |object: serde_json::Value| {
            object["times"].as_u64().or(object["seccomp"]["times"].as_u64()).unwrap_or(1)
        };
        assert_eq!(objects.map(times).sum::<u64>(), records);
        assert_eq!(written(output.as_bytes(), *format).0, output);
    }
}

/// What is written about a log, and the number of records in it.
fn written(bytes: &[u8], format: seccomp_observe::sink::Format) -> (String, u64) {
    let source = Source::text("memory", Cursor::new(bytes.to_vec()));
    let mut reading = Reading::new(source, format.sink(Style::Summary));
    let mut output = Vec::new();
    // A compressed log may be damaged.
    let _damaged = reading.run(&mut output).err();
    (String::from_utf8(output).expect("what is written is text"), reading.tally().records())
}

fn architecture(name: &str) -> &'static Architecture {
    Architecture::find(name).expect("it is in the table")
}

fn answer(program: &Program, call: &seccomp_compiler::Call) -> Option<Verdict> {
    program.run(call).map(Verdict::from_return_value)
}

/// One of the seeds with some of its bytes lost, doubled, changed or replaced by those of another.
pub fn damaged(seeds: &[Vec<u8>], random: &mut Rand32) -> Vec<u8> {
    let mut below =
        |end: usize| random.rand_range(0..u32::try_from(end.max(1)).expect("a seed is small")) as usize;
    let mut bytes = seeds[below(seeds.len())].clone();
    for _ in 0..=below(6) {
        let from = below(bytes.len() + 1);
        let to = (from + below(24)).min(bytes.len());
        match below(4) {
            0 => drop(bytes.drain(from..to)),
            1 => bytes.extend_from_within(from..to),
            2 => bytes[from..to].iter_mut().for_each(|byte| *byte ^= 1 << below(8)),
            _ => {
                let other = &seeds[below(seeds.len())];
                let start = below(other.len());
                let piece = other[start..(start + below(40)).min(other.len())].to_vec();
                bytes.splice(from..to, piece);
            }
        }
    }
    bytes
}
