//! The kernel as an oracle: what it answers to any call under a program, without making the call.
//!
//! A wall below the program answers whatever that lets pass, as [`Walled`] tells. So each program is asked twice. First
//! with each of its answers replaced by an errno of its own, so that the kernel tells which of them a call came to;
//! then as it is, for what the kernel makes of the answers themselves.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::atomic::Ordering::SeqCst;

use seccomp_compiler::{Architecture, Call, Instruction, Program, RuleSet, Verdict, opcode};
use seccomp_runtime::Errno;

use crate::kernel::{EXEMPT, Ended, SigsysRecord, WALL, Walled, in_child, shared};
use crate::random;

/// How many answers that end the child are asked for of one program as it is: each takes a new child.
const DEATHS: usize = 12;

/// The errnos that stand for a program's answers are these, in order: none that a kernel gives, nor the wall's.
const STAND_INS: RangeInclusive<u16> = 0x400..=0xfff;

/// A call to which kernel, interpreter and rules do not answer the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The call.
    pub call: Call,
    /// The kernel's answer.
    pub kernel: String,
    /// What `Program::run` returns.
    pub interpreter: Option<u32>,
    /// What `RuleSet::decide` says.
    pub rules: Verdict,
}

/// Compares the kernel's answers to these calls under `program` with those of the interpreter and of the rules: how
/// many of the kernel's answers were compared.
///
/// # Errors
///
/// The first answers that differ.
///
/// # Panics
///
/// If the kernel does not take the program, or a child ends otherwise than a filter can end it.
pub fn compare(rules: &RuleSet, program: &Program, calls: &[Call]) -> Result<usize, Vec<Difference>> {
    let mut differences = which_answers(rules, program, calls);
    let (mild, deadly): (Vec<Call>, Vec<Call>) =
        calls.iter().copied().partition(|call| !is_deadly(Fate::of(rules.decide(call))));
    let spread = deadly.iter().copied().step_by(deadly.len().div_ceil(DEATHS).max(1));
    let asked: Vec<Call> = mild.into_iter().chain(spread).collect();
    // Of a program whose answers are others, any call could take a new child.
    if differences.is_empty() {
        differences = fates(rules, program, &asked);
    }
    if differences.is_empty() { Ok(calls.len() + asked.len()) } else { Err(differences) }
}

/// The calls to compare by: those at the boundaries of the rules' tests and mixtures of them, and every number that is
/// or may become one, with arguments of no and of all bits.
pub fn calls(rules: &RuleSet, host: &Architecture) -> Vec<Call> {
    let arch = host.audit();
    let mut calls = random::calls(rules);
    calls.retain(|call| call.arch == arch);
    calls.extend(mixtures(&calls));
    let marked = [0, 1, 2, 39, 59, 101, 334, 335, 512, 520, 547, 600].map(|number| 0x4000_0000 | number);
    let edges = [0x3fff_ffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, u32::MAX];
    for number in (0..=600).chain(marked).chain(edges) {
        let vectors = [[0; 6], [1, 2, 3, 4, 5, 6], [1 << 32; 6], [u64::MAX; 6]];
        calls.extend(vectors.map(|arguments| Call { arch, number, arguments, instruction_pointer: 0 }));
    }
    for call in &mut calls {
        call.arguments = call.arguments.map(|argument| argument & host.register().mask());
    }
    calls.retain(|call| !EXEMPT.contains(&call.number));
    calls
}

/// Calls whose arguments are taken, each half of its own, from several calls of the same number.
fn mixtures(calls: &[Call]) -> Vec<Call> {
    const LOW: u64 = 0xffff_ffff;
    let same_number = calls.chunk_by(|a, b| a.number == b.number);
    let mixtures = same_number.flat_map(|same| {
        let one_of = |at: usize| &same[at % same.len()].arguments;
        (0..same.len()).map(move |at| {
            let half = |n: usize, step: usize| one_of(at * step + 7 * n)[n];
            let argument = |n: usize| half(n, 2 * n + 3) & !LOW | half(n, n + 1) & LOW;
            Call { arguments: std::array::from_fn(argument), ..same[at] }
        })
    });
    mixtures.collect()
}

/// Compares which of its answers the program comes to.
fn which_answers(rules: &RuleSet, program: &Program, calls: &[Call]) -> Vec<Difference> {
    let (told_apart, answers) = tell_apart(program);
    let fates = ask(&told_apart, calls);
    let differences = calls.iter().zip(fates).filter_map(|(call, fate)| {
        let kernel = match fate {
            Fate::Errno(errno) => answers.get(usize::from(errno.wrapping_sub(*STAND_INS.start()))).copied(),
            _ => None,
        };
        let (interpreter, rules) = (program.run(call), rules.decide(call));
        let agree = kernel.is_some()
            && kernel == interpreter
            && kernel.map(Verdict::from_return_value) == Some(rules);
        let kernel = kernel.map_or(format!("{fate:?}"), |value| format!("answer {value:#x}"));
        (!agree).then_some(Difference { call: *call, kernel, interpreter, rules })
    });
    differences.take(10).collect()
}

/// Compares what becomes of calls under the program as it is.
fn fates(rules: &RuleSet, program: &Program, calls: &[Call]) -> Vec<Difference> {
    let fates = ask(&program.instructions, calls);
    let differences = calls.iter().zip(fates).filter_map(|(call, kernel)| {
        let (interpreter, rules) = (program.run(call), rules.decide(call));
        let agree = kernel == Fate::of(rules)
            && interpreter.map(|value| Fate::of(Verdict::from_return_value(value))) == Some(kernel);
        (!agree).then(|| Difference { call: *call, kernel: format!("{kernel:?}"), interpreter, rules })
    });
    differences.take(10).collect()
}

/// The program with a stand-in for each of its answers, and the answers in the order of their stand-ins.
fn tell_apart(program: &Program) -> (Vec<Instruction>, Vec<u32>) {
    let returns = program.instructions.iter().filter(|instruction| instruction.code == opcode::RETURN);
    let answers: Vec<u32> =
        returns.map(|instruction| instruction.k).collect::<BTreeSet<_>>().into_iter().collect();
    assert!(answers.len() <= STAND_INS.len(), "{} answers cannot be told apart", answers.len());
    let stand_in = |instruction: &Instruction| {
        let answer = answers.binary_search(&instruction.k);
        let errno =
            answer.ok().and_then(|at| STAND_INS.clone().nth(at)).expect("every answer has a stand-in");
        Instruction { k: Verdict::Errno(errno).return_value(), ..*instruction }
    };
    let told_apart = program.instructions.iter().map(|instruction| match instruction.code {
        opcode::RETURN => stand_in(instruction),
        _ => *instruction,
    });
    (told_apart.collect(), answers)
}

/// What becomes of a call before a wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The program lets it pass, in one of the ways in which a call passes.
    Passed,
    /// It fails with this error.
    Errno(u16),
    /// It raises SIGSYS with this value.
    Trapped(u16),
    /// It ends the thread, and here with it the process.
    Killed,
    /// It returned what no filter answers.
    Returned,
}

impl Fate {
    fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Allow | Verdict::Log | Verdict::Trace(_) | Verdict::UserNotif => Self::Passed,
            Verdict::Errno(errno) => Self::Errno(errno),
            Verdict::Trap(data) => Self::Trapped(data),
            Verdict::KillThread | Verdict::KillProcess => Self::Killed,
        }
    }

    /// As a word of shared memory, which is 0 where the call did not come back.
    fn encode(result: Result<libc::c_long, Errno>) -> u32 {
        match result {
            Ok(0) => 1,
            Err(Errno(errno)) => u32::try_from(errno).map_or(u32::MAX, |errno| errno + 1),
            Ok(_) => u32::MAX,
        }
    }

    fn decode(word: u32) -> Option<Self> {
        let errno = word.checked_sub(1)?;
        Some(match u16::try_from(errno) {
            Ok(WALL) => Self::Passed,
            Ok(errno) => Self::Errno(errno),
            Err(_) => Self::Returned,
        })
    }
}

fn is_deadly(fate: Fate) -> bool {
    matches!(fate, Fate::Trapped(_) | Fate::Killed)
}

/// Asks the kernel what becomes of each call under `program`. A call that ends the child is the last of that child;
/// the next one goes on behind it.
///
/// # Panics
///
/// If a child ends for another reason.
pub fn ask(program: &[Instruction], calls: &[Call]) -> Vec<Fate> {
    let words = shared(calls.len());
    let record = SigsysRecord::new(true);
    let mut fates = Vec::with_capacity(calls.len());
    while let Some((call, _)) = calls[fates.len()..].split_first() {
        let _of_another_call = record.take();
        let (before, rest) = (fates.len(), &calls[fates.len()..]);
        let (ended, panic) = in_child(|| {
            record.catch();
            let walled = Walled::new(program).expect("the kernel takes the program");
            for (word, call) in words[before..].iter().zip(rest) {
                let result = walled.call(call.number, call.arguments.map(register));
                word.store(Fate::encode(result), SeqCst);
            }
            // exit_group(2) would run into the wall.
            std::process::abort();
        });
        let answered = words[before..].iter().map(|word| Fate::decode(word.load(SeqCst)));
        fates.extend(answered.map_while(|fate| fate));
        let Some(last) = calls.get(fates.len()) else { break };
        fates.push(match (record.take(), ended) {
            (Some(told), _) if (told.syscall, told.arch) == (last.number, last.arch) => {
                Fate::Trapped(told.errno.try_into().expect("16 bits of data"))
            }
            (None, Ended::Killed(libc::SIGSYS)) => Fate::Killed,
            told => panic!("{last:?} after {call:?} ended a child: {told:?} {panic}"),
        });
    }
    fates
}

fn register(argument: u64) -> usize {
    argument.try_into().expect("arguments are cut to the register")
}
