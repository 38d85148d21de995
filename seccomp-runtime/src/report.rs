//! What a process says of a call that its filter trapped, in the handler of SIGSYS: no allocation, no lock, no table
//! but the one that the macro put into the binary, and three system calls.

use core::sync::atomic::{AtomicI32, Ordering};

use crate::filter::Instruction;
use crate::line::Line;
use crate::sys;

/// What a process needs to report the calls that its filter traps. The macros make it.
#[doc(hidden)]
#[derive(Debug)]
pub struct Report {
    locator: &'static [Instruction],
    lines: &'static str,
    calls: &'static [(u32, &'static str)],
    descriptor: Option<&'static AtomicI32>,
    then: Then,
}

/// What becomes of the process or the call once the line is written.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub enum Then {
    /// The process dies of SIGSYS, as without a reporter.
    KillProcess,
    /// It exits with this status.
    Exit(u8),
    /// The call fails with this error.
    Errno(u16),
}

/// A reporter; `locator` answers with the number of the line in `lines`, `calls` describes what can be trapped by audit
/// value, as `Report` of the compiler says.
#[doc(hidden)]
#[must_use]
pub const fn report(
    locator: &'static [Instruction],
    lines: &'static str,
    calls: &'static [(u32, &'static str)],
    descriptor: Option<&'static AtomicI32>,
    then: Then,
) -> Report {
    Report { locator, lines, calls, descriptor, then }
}

/// A call as its signal tells of it.
pub(crate) struct Trapped {
    pub(crate) arch: u32,
    pub(crate) number: u32,
    pub(crate) instruction_pointer: u64,
    /// Without those that the kernel has lost.
    pub(crate) arguments: [Option<u64>; 6],
}

impl Report {
    pub(crate) fn then(&self) -> Then {
        self.then
    }

    /// Writes the line about a call.
    #[cold]
    pub(crate) fn write(&self, trapped: &Trapped) {
        let mut line = Line::new();
        self.describe(&mut line, trapped);
        line.write_to_stderr();
        if let Some(descriptor) = self.descriptor.map(|of| of.load(Ordering::Relaxed)).filter(|of| *of >= 0) {
            sys::write(descriptor, line.bytes());
        }
    }

    fn describe(&self, line: &mut Line, trapped: &Trapped) {
        line.push("seccomp: ");
        match self.known(trapped) {
            Some(call) => call.describe(line, trapped),
            None => {
                line.push("call ");
                line.push_decimal(trapped.number);
                if !self.calls.iter().any(|(arch, _)| *arch == trapped.arch) {
                    line.push(" of architecture ");
                    line.push_hexadecimal(trapped.arch.into());
                }
            }
        }
        line.push(" refused by ");
        line.push(self.line(trapped).unwrap_or(if trapped.is_whole() {
            "another filter"
        } else {
            "a condition on the lost argument, or another filter"
        }));
        line.push(" (thread ");
        line.push_number(sys::thread());
        line.push(", ip ");
        line.push_hexadecimal(trapped.instruction_pointer);
        line.push(")\n");
    }

    /// Whether the filter of this report traps the call.
    pub(crate) fn traps(&self, trapped: &Trapped) -> bool {
        self.line(trapped).is_some()
    }

    /// The line of the policy that refused the call.
    fn line(&self, trapped: &Trapped) -> Option<&'static str> {
        const TRAP: u32 = 0x0003_0000;
        let answer = run(self.locator, &trapped.words())?;
        let line = usize::try_from(answer & 0xffff).ok()?;
        Parts(self.lines, b'\n').nth(line).filter(|_| answer & 0xffff_0000 == TRAP)
    }

    fn known(&self, trapped: &Trapped) -> Option<Known<'static>> {
        let (_, calls) = self.calls.iter().find(|(arch, _)| *arch == trapped.arch)?;
        let mut calls = Parts(calls, b'\n');
        calls.find_map(|call| Known::parse(call, trapped.number))
    }
}

/// The parts of a text between these bytes. The standard library's are faster and larger.
struct Parts<'a>(&'a str, u8);

impl<'a> Iterator for Parts<'a> {
    type Item = &'a str;

    #[inline(never)]
    fn next(&mut self) -> Option<&'a str> {
        if self.0.is_empty() {
            return None;
        }
        let end = self.0.bytes().position(|byte| byte == self.1).unwrap_or(self.0.len());
        let part = self.0.get(..end);
        self.0 = self.0.get(end + 1..).unwrap_or_default();
        part
    }
}

/// What the binary knows of a call.
struct Known<'a> {
    name: &'a str,
    /// One letter for each argument.
    widths: &'a str,
    /// The argument that is one of a family, and the names of its values.
    family: Option<(usize, &'a str)>,
}

impl<'a> Known<'a> {
    /// What a line of text says, if it is about this number.
    fn parse(text: &'a str, number: u32) -> Option<Self> {
        let mut parts = Parts(text, b' ');
        parts.next().and_then(parse).filter(|found| *found == number)?;
        let (name, widths) = (parts.next()?, parts.next().unwrap_or_default());
        let mut family = Parts(parts.next().unwrap_or_default(), b':');
        let at = family.next().and_then(parse).and_then(|at| usize::try_from(at).ok());
        let widths = if widths == "?" { "dddddd" } else { widths };
        Some(Self { name, widths, family: at.zip(family.next()) })
    }

    fn describe(&self, line: &mut Line, trapped: &Trapped) {
        line.push(self.name);
        line.push("(");
        for (at, (width, value)) in self.widths.bytes().zip(trapped.arguments).enumerate() {
            if at != 0 {
                line.push(", ");
            }
            let bits = match width {
                b'h' => 16,
                b'w' => 32,
                _ => 64,
            };
            let Some(value) = value.map(|value| value & u64::MAX >> (64 - bits)) else {
                line.push("lost");
                continue;
            };
            if let Some(name) = self.name_of(at, value) {
                line.push(name);
                line.push(" = ");
            }
            push(line, value, bits);
        }
        line.push(")");
    }

    fn name_of(&self, at: usize, value: u64) -> Option<&'a str> {
        let (_, values) = self.family.filter(|(argument, _)| *argument == at)?;
        Parts(values, b',').find_map(|named| {
            let mut parts = Parts(named, b'=');
            let name = parts.next()?;
            parts.next().and_then(parse).filter(|of| u64::from(*of) == value).map(|_| name)
        })
    }
}

/// Small numbers and errors as numbers, all else, as addresses and sets of flags, in hexadecimal.
fn push(line: &mut Line, value: u64, bits: u32) {
    let from_top = (u64::MAX >> (64 - bits)) - value;
    match (u32::try_from(value), i32::try_from(from_top)) {
        (Ok(small), _) if small < 0x1_0000 => line.push_decimal(small),
        (_, Ok(negative)) if negative < 4096 => line.push_number(-1 - negative),
        _ => line.push_hexadecimal(value),
    }
}

/// A decimal number; the compiler writes no other.
#[inline(never)]
fn parse(text: &str) -> Option<u32> {
    let digit = |byte: u8| char::from(byte).to_digit(10);
    text.bytes().try_fold(0_u32, |number, byte| number.checked_mul(10)?.checked_add(digit(byte)?))
}

/// What a program answers to a call, as the kernel runs it; none where it asks for a word that is lost, and for a program
/// that the kernel would not take.
fn run(program: &[Instruction], words: &[Option<u32>; 16]) -> Option<u32> {
    let mut accumulator = 0;
    let mut rest = program;
    loop {
        let (Instruction { code, jt, jf, k }, after) = rest.split_first()?;
        let holds = match code {
            0x06 => return Some(*k),
            0x20 => {
                accumulator = (*words.get(usize::try_from(k / 4).ok()?)?)?;
                None
            }
            0x54 => {
                accumulator &= k;
                None
            }
            0x05 => {
                rest = after.get(usize::try_from(*k).ok()?..)?;
                continue;
            }
            0x15 => Some(accumulator == *k),
            0x25 => Some(accumulator > *k),
            0x35 => Some(accumulator >= *k),
            0x45 => Some(accumulator & k != 0),
            _ => return None,
        };
        let skip = match holds {
            None => 0,
            Some(true) => usize::from(*jt),
            Some(false) => usize::from(*jf),
        };
        rest = after.get(skip..)?;
    }
}

impl Trapped {
    /// Whether nothing of it is lost.
    pub(crate) fn is_whole(&self) -> bool {
        self.arguments.iter().all(Option::is_some)
    }

    /// The words of `struct seccomp_data`, in this machine's order.
    fn words(&self) -> [Option<u32>; 16] {
        let mut words = [None; 16];
        let halves = |value: Option<u64>| {
            let half = |shift: u32| value.and_then(|value| u32::try_from(value >> shift & 0xffff_ffff).ok());
            if cfg!(target_endian = "big") { [half(32), half(0)] } else { [half(0), half(32)] }
        };
        let values = core::iter::once(Some(self.instruction_pointer)).chain(self.arguments);
        let all = [Some(self.number), Some(self.arch)].into_iter().chain(values.flat_map(halves));
        for (word, value) in words.iter_mut().zip(all) {
            *word = value;
        }
        words
    }
}
