//! The line that a process writes about a trapped call. It is written in the handler of SIGSYS: without allocating or
//! locking, from what the macro put into the binary, and with three system calls.

use core::sync::atomic::Ordering;

use crate::error::SEE;
use crate::interpreter::run;
use crate::line::Line;
use crate::report::Report;
use crate::sys;

/// A call as its signal describes it.
pub(crate) struct Trapped {
    pub(crate) arch: u32,
    pub(crate) number: u32,
    pub(crate) instruction_pointer: u64,
    /// `None` for an argument that the kernel has overwritten.
    pub(crate) arguments: [Option<u64>; 6],
}

/// An address as one in a file, where that is known.
fn push_address(line: &mut Line, address: u64) {
    match sys::module(address) {
        Some((name, offset)) => {
            name.for_each(|byte| line.push_byte(byte));
            line.push("+");
            line.push_hexadecimal(offset);
        }
        None => line.push_hexadecimal(address),
    }
}

impl Report {
    /// Writes the line about a call.
    #[cold]
    pub(crate) fn write(&self, trapped: &Trapped) {
        let mut line = Line::new();
        self.describe(&mut line, trapped);
        line.write_to_stderr();
        if let Some(descriptor) = self.descriptor.map(|descriptor| descriptor.load(Ordering::Relaxed))
            && descriptor >= 0
        {
            sys::write(descriptor, line.bytes());
        }
    }

    fn describe(&self, line: &mut Line, trapped: &Trapped) {
        line.push("seccomp: ");
        let signature = self.signature(trapped);
        match &signature {
            Some(signature) => signature.describe(line, trapped, self.families),
            None => self.describe_unknown(line, trapped),
        }
        line.push(" refused by ");
        let mut decider = Parts(self.line(trapped).unwrap_or_default(), b'\t');
        line.push(decider.next().unwrap_or(if trapped.is_whole() {
            "another filter"
        } else {
            "a condition on the lost argument, or another filter"
        }));
        line.push(" (thread ");
        line.push_number(sys::thread());
        line.push(", ip ");
        push_address(line, trapped.instruction_pointer);
        line.push(")");
        match decider.next() {
            Some(why) => {
                line.push(": ");
                line.push(why);
            }
            None => line.push(SEE),
        }
        if let (Some(before), Some(after), Some(signature)) = (decider.next(), decider.next(), signature) {
            line.push("; ");
            line.push(before);
            line.push(signature.name);
            line.push(after);
        }
        line.push("\n");
    }

    fn describe_unknown(&self, line: &mut Line, trapped: &Trapped) {
        line.push("call ");
        line.push_decimal(trapped.number);
        if !self.calls.iter().any(|(arch, _)| *arch == trapped.arch) {
            line.push(" of architecture ");
            line.push_hexadecimal(trapped.arch.into());
        }
    }

    /// Whether the filter of this report traps the call.
    pub(crate) fn traps(&self, trapped: &Trapped) -> bool {
        self.line(trapped).is_some()
    }

    /// The line of the policy that refuses the call.
    fn line(&self, trapped: &Trapped) -> Option<&'static str> {
        /// `SECCOMP_RET_ACTION_FULL` and `SECCOMP_RET_DATA` of `linux/seccomp.h`.
        const ACTION: u32 = 0xffff_0000;
        const DATA: u32 = 0x0000_ffff;
        /// `SECCOMP_RET_TRAP`.
        const TRAP: u32 = 0x0003_0000;
        let verdict = run(self.line_finder, &trapped.data())?;
        let line = usize::try_from(verdict & DATA).ok()?;
        Parts(self.lines, b'\n').nth(line).filter(|_| verdict & ACTION == TRAP)
    }

    fn signature(&self, trapped: &Trapped) -> Option<Signature<'static>> {
        let (_, calls) = self.calls.iter().find(|(arch, _)| *arch == trapped.arch)?;
        let mut calls = Parts(calls, b'\n');
        calls.find_map(|call| Signature::parse(call, trapped.number))
    }
}

/// The parts of a text between separators. `str::split` is faster, and larger.
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

/// The name of a call and what is known of its arguments.
struct Signature<'a> {
    name: &'a str,
    /// One letter for each argument.
    widths: &'a str,
    /// The positions of arguments that take constants, each with the number of a family.
    families: &'a str,
}

impl<'a> Signature<'a> {
    /// The signature in a line of `Report::calls`, if the line is about the call with this number.
    fn parse(text: &'a str, number: u32) -> Option<Self> {
        let mut parts = Parts(text, b' ');
        parts.next().and_then(parse).filter(|parsed| *parsed == u64::from(number))?;
        let (name, widths) = (parts.next()?, parts.next().unwrap_or_default());
        let widths = if widths == "?" { "dddddd" } else { widths };
        Some(Self { name, widths, families: parts.0 })
    }

    fn describe(&self, line: &mut Line, trapped: &Trapped, families: &str) {
        line.push(self.name);
        line.push("(");
        for (position, (letter, value)) in self.widths.bytes().zip(trapped.arguments).enumerate() {
            if position != 0 {
                line.push(", ");
            }
            let bits = match letter {
                b'h' | b'o' => 16,
                b'w' | b'a' => 32,
                _ => 64,
            };
            let Some(value) = value.map(|value| value & u64::MAX >> (64 - bits)) else {
                line.push("lost");
                continue;
            };
            match self.family(position).and_then(|family| Parts(families, b'\n').nth(family)) {
                Some(family) => push_named(line, value, bits, family),
                None if letter == b'o' => line.push_octal(value),
                None if letter == b'a' && value == FOLDER => line.push("AT_FDCWD"),
                None => push(line, value, bits),
            }
        }
        line.push(")");
    }

    /// The number of the family that the argument at this position takes constants of.
    fn family(&self, position: usize) -> Option<usize> {
        Parts(self.families, b' ').find_map(|family| {
            let mut numbers = Parts(family, b':').filter_map(parse).map(usize::try_from);
            let (Some(Ok(of)), Some(Ok(family))) = (numbers.next(), numbers.next()) else { return None };
            (of == position).then_some(family)
        })
    }
}

/// `AT_FDCWD` of `linux/fcntl.h`, the current folder, as an int.
const FOLDER: u64 = (-100_i32).cast_unsigned() as u64;

/// Writes a value with the names of its constants, which a line of `Report::families` has, and the rest as a number.
fn push_named(line: &mut Line, value: u64, bits: u32, family: &str) {
    let mut parts = Parts(family, b' ');
    let mask = parts.next().and_then(parse).unwrap_or(u64::MAX);
    let start = parts.next().unwrap_or_default();
    let (mut rest, mut next, mut is_first) = (value, 0_u64, true);
    for constant in Parts(parts.next().unwrap_or_default(), b',') {
        let mut parts = Parts(constant, b'=');
        let name = parts.next().unwrap_or_default();
        let constant = parts.next().and_then(parse).unwrap_or(next);
        let is_flag = constant & !mask != 0;
        next = if is_flag { constant << 1 } else { constant.wrapping_add(1) };
        // A name for nothing, such as PROT_NONE, is not beside others.
        let is_one = constant == value & mask && (mask != 0 || value == 0);
        if if is_flag { rest & constant == constant } else { is_one } {
            rest &= !(if is_flag { constant } else { mask });
            separate(line, &mut is_first);
            line.push(start);
            line.push(name);
        }
    }
    if rest != 0 || is_first {
        separate(line, &mut is_first);
        push(line, rest, bits);
    }
}

fn separate(line: &mut Line, is_first: &mut bool) {
    if !core::mem::replace(is_first, false) {
        line.push("|");
    }
}

/// Writes small numbers and errors in decimal, and everything else, such as addresses and flags, in hexadecimal.
fn push(line: &mut Line, value: u64, bits: u32) {
    let below_zero = (u64::MAX >> (64 - bits)) - value;
    match (u32::try_from(value), i32::try_from(below_zero)) {
        (Ok(small), _) if small < 0x1_0000 => line.push_decimal(small),
        (_, Ok(negative)) if negative < 4096 => line.push_number(-1 - negative),
        _ => line.push_hexadecimal(value),
    }
}

/// A hexadecimal number; the compiler writes no other.
#[inline(never)]
fn parse(text: &str) -> Option<u64> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    text.bytes().try_fold(0_u64, |number, byte| Some(number << 4 | u64::from(digit(byte)?)))
}

impl Trapped {
    /// Whether all arguments are known.
    fn is_whole(&self) -> bool {
        self.arguments.iter().all(Option::is_some)
    }

    /// `struct seccomp_data` as its words in this machine's order.
    fn data(&self) -> [Option<u32>; 16] {
        let mut data = [None; 16];
        let halves = |value: Option<u64>| {
            let half = |shift: u32| value.and_then(|value| u32::try_from(value >> shift & 0xffff_ffff).ok());
            if cfg!(target_endian = "big") { [half(32), half(0)] } else { [half(0), half(32)] }
        };
        let values = core::iter::once(Some(self.instruction_pointer)).chain(self.arguments);
        let words = [Some(self.number), Some(self.arch)].into_iter().chain(values.flat_map(halves));
        for (place, word) in data.iter_mut().zip(words) {
            *place = word;
        }
        data
    }
}
