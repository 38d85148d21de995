//! The kernel reads as many bits of arguments as the tables say: `tests/widths/tries.txt`, tried.

use std::collections::BTreeSet;

use seccomp_compiler::Architecture;
use seccomp_tests::kernel::attempt::{Attempt, Door, Outcome, Stage, Value};
use seccomp_tests::widths::{Agreed, Given, Try, signature, tries};

#[test]
fn the_kernel_reads_the_bits_that_the_tables_say() {
    let architecture = Architecture::host().expect("the tests run where filters are");
    agree(architecture, Door::Native, usize::BITS);
}

/// A 64-bit process that makes a 32-bit call: what is in the upper halves of its registers makes no difference.
#[cfg(target_arch = "x86_64")]
#[test]
fn the_kernel_reads_the_bits_that_the_tables_say_through_int80() {
    let architecture = Architecture::find("i386").expect("it is in the table");
    agree(architecture, Door::Int80, 64);
}

/// The numbers of x32, from a program of x86_64.
#[cfg(target_arch = "x86_64")]
#[test]
fn the_kernel_reads_the_bits_that_the_tables_say_by_the_numbers_of_x32() {
    if seccomp_tests::kernel::getppid_of_x32().is_err() {
        seccomp_tests::skipped(format_args!("widths on x32: this kernel does not have it"));
        return;
    }
    let architecture = Architecture::find("x32").expect("it is in the table");
    agree(architecture, Door::Native, 64);
}

/// Tries all that is for an architecture, and says which of it disagrees.
fn agree(architecture: &Architecture, door: Door, register: u32) {
    let stage = Stage::new();
    let tester = Tester { architecture, door, register, stage };
    let mut wrong = Vec::new();
    let (mut agreed, mut skipped) = (BTreeSet::new(), Vec::new());
    for one in tries().filter(|one| one.is_for(architecture)) {
        match tester.run(&one) {
            Ok(()) => agreed.extend(one.arguments_tried()),
            Err(Failed::Skipped(why)) => skipped.push(format!("{}: {why}", one.call)),
            Err(Failed::Disagrees(why)) => wrong.push(format!("{}\n    {}", one.line, why.join("\n    "))),
        }
    }
    for skipped in &skipped {
        seccomp_tests::skipped(format_args!("widths on {architecture}: {skipped}"));
    }
    assert!(wrong.is_empty(), "{} lines disagree on {architecture}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(agreed.len() > 100, "only {} arguments could be tried on {architecture}", agreed.len());
    println!("widths agreed: {}", Agreed::here(architecture, register, &agreed));
}

struct Tester<'a> {
    architecture: &'a Architecture,
    door: Door,
    register: u32,
    stage: Stage,
}

enum Failed {
    Skipped(String),
    Disagrees(Vec<String>),
}

/// What is put into bits, apart from those that are told one by one.
const GARBAGE: [u64; 2] = [u64::MAX, 0xa5a5_5a5a_3c3c_c3c3];

impl Tester<'_> {
    /// Tries each argument of a line that has another value.
    fn run(&self, one: &Try<'_>) -> Result<(), Failed> {
        if one.privileged && !is_root() {
            return Err(Failed::Skipped("only root can try it".to_owned()));
        }
        let base = self.outcome(one, None);
        if let Outcome::Returned([-38, _], _) = base {
            return Err(Failed::Skipped("this kernel does not have it".to_owned()));
        }
        let mut wrong = Vec::new();
        for given in one.arguments.iter().filter(|given| given.other.is_some()) {
            self.argument(one, given, base, &mut wrong);
        }
        if wrong.is_empty() { Ok(()) } else { Err(Failed::Disagrees(wrong)) }
    }

    fn argument(&self, one: &Try<'_>, given: &Given<'_>, base: Outcome, wrong: &mut Vec<String>) {
        let name = given.name;
        let read = self.read(one.call, given);
        let register = u64::MAX >> (64 - self.register);
        let other = self.outcome(one, Some((name, Change::Other)));
        if read == 0 {
            if other != base {
                wrong.push(format!("{name} is read: {base:?}, with another value {other:?}"));
            }
        } else if other == base {
            wrong.push(format!("{name} tells nothing: {base:?} with either value"));
        }
        let bits = |bits: u64| Some((name, Change::Bits(bits)));
        let ignored = register & !read;
        let mut single = (0..64).map(|bit| 1_u64 << bit).filter(|bit| bit & ignored != 0);
        let lowest_and_highest = [single.next(), single.next_back()].into_iter().flatten();
        for garbage in GARBAGE.map(|garbage| garbage & ignored).into_iter().chain(lowest_and_highest) {
            let with = self.outcome(one, bits(garbage));
            if with != base {
                wrong.push(format!("{name} with {garbage:#x}: {with:?}, without {base:?}"));
                break;
            }
        }
        // Of the bits that are read, the upper half is what a wrong width would miss.
        let bits_read = 64 - read.leading_zeros();
        let upper = read & (u64::MAX << (bits_read / 2));
        if bits_read > 16 && !given.has_gaps {
            let single = [1 << (bits_read / 2), 1 << (bits_read - 1)];
            let patterns = GARBAGE.map(|garbage| garbage & upper).into_iter().chain(single);
            if patterns.into_iter().all(|pattern| self.outcome(one, bits(pattern)) == base) {
                wrong.push(format!("{name}: nothing in its upper half makes a difference: {base:?}"));
            }
        }
    }

    /// The bits that are read of an argument.
    fn read(&self, call: &str, given: &Given<'_>) -> u64 {
        let signature = signature(call, self.architecture).expect("the call is known");
        let argument = signature.iter().find(|argument| argument.name == given.name);
        let read = argument.expect("the argument is known").read;
        given.bits.map_or(read, |bits| read & (u64::MAX >> (64 - bits)))
    }

    /// What comes of a line, with a change to one argument.
    fn outcome(&self, one: &Try<'_>, change: Option<(&str, Change)>) -> Outcome {
        let mut calls = vec![self.attempt(one.call, &one.arguments, change)];
        calls.extend(one.probe.iter().map(|(call, given)| self.attempt(call, given, None)));
        self.stage.attempt(self.door, &calls, one.offset)
    }

    fn attempt(&self, call: &str, given: &[Given<'_>], change: Option<(&str, Change)>) -> Attempt {
        let number = self.architecture.syscall_number(call).expect("the call is known");
        let mut arguments = [Value::Bits(0); 6];
        let signature = signature(call, self.architecture).expect("the call is known");
        for (register, argument) in arguments.iter_mut().zip(&signature) {
            let Some(given) = given.iter().find(|given| given.name == argument.name) else { continue };
            let change = change.filter(|(name, _)| *name == given.name).map(|(_, change)| change);
            let text = if let Some(Change::Other) = change { given.other } else { None };
            let read = self.read(call, given);
            let bits = if let Some(Change::Bits(bits)) = change { bits } else { 0 };
            *register = match text.unwrap_or(given.value) {
                "self" => Value::OwnProcess(bits),
                // A pointer's or a number's own bits, so that what is not read is zero without garbage.
                text => Value::Bits(self.value(text) & if read == 0 { u64::MAX } else { read } ^ bits),
            };
        }
        Attempt { number, arguments }
    }

    fn value(&self, text: &str) -> u64 {
        let is_wide = self.architecture.register().bits() == 64 && self.architecture.name() != "x32";
        let number = || match text.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16).ok(),
            None => text.parse::<i64>().ok().map(i64::cast_unsigned),
        };
        let value = self.stage.named(text, is_wide).or_else(number);
        value.unwrap_or_else(|| panic!("`{text}` is neither a name nor a number"))
    }
}

#[derive(Debug, Clone, Copy)]
enum Change {
    /// The other value.
    Other,
    /// These bits the other way round.
    Bits(u64),
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}
