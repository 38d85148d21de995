//! The kernel's facts as data: system calls, their arguments, constants, errors, and what calls have to do with each
//! other.
//!
//! Everything here but this file is written by `cargo xtask tables` from `seccomp-compiler/data`, whose README says
//! where each figure comes from; a test fails when the two differ. The long tables are text that is searched as it is:
//! as Rust they would take rustc longer than any other file of this crate.

use core::cmp::Ordering;

use crate::kernel::architecture::Width;

#[rustfmt::skip]
mod architectures;
#[rustfmt::skip]
mod effects;
#[rustfmt::skip]
pub(crate) mod facts;
#[rustfmt::skip]
mod sets;

pub use architectures::VERSION;
pub(crate) use architectures::{ARCHITECTURES, Table};
use architectures::{TABLES, WIDTHS};
pub(crate) use effects::{EFFECTS, TWIN_VALUES};

/// A line of headings, and one for each call, by name: its number in each table, in columns of fixed width.
const SYSCALLS: &str = include_str!("syscalls.txt");

/// The length of a line of `SYSCALLS`.
const LINE: usize = WIDTHS.0 + TABLES.len() * WIDTHS.1 + 1;

/// A line for each call whose arguments are known, by name: `argument:bits …`, with the bits among these that the kernel
/// ignores after `~`, and after each `|` the tables where they are others.
const SIGNATURES: &str = include_str!("signatures.txt");

/// A line for each call with such arguments, by name: pointers after `*`, and those that have a sign after `-`.
const KINDS: &str = include_str!("kinds.txt");

/// A line for each constant, by name: its value, and `tables=value` where it is another, `tables=` where it is missing.
const CONSTANTS: &str = include_str!("constants.txt");

/// The same for errors.
const ERRNOS: &str = include_str!("errnos.txt");

/// A line for each name that the manual page of a call has for an argument, by call, with the kernel's name behind it;
/// `*` is every call.
const MANUAL_NAMES: &str = include_str!("manual-names.txt");

/// A line for each argument that has another width when another one has some value, by call: both arguments, how many
/// bits are read, `value,value` of the other, and `table,table` where that is so, if not everywhere.
const DEPENDENT: &str = include_str!("dependent.txt");

/// One system call, by its kernel name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Syscall {
    pub(crate) name: &'static str,
    /// The rest of its line.
    numbers: &'static str,
}

/// One argument: its name, how many low bits of the register the kernel reads, and which of these it ignores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Argument {
    pub(crate) name: &'static str,
    pub(crate) width: Width,
    pub(crate) ignored: u64,
}

impl Argument {
    /// Whether it is the mode of a file, which people write in octal.
    pub(crate) fn is_mode(&self) -> bool {
        self.width.bits() <= 16 && matches!(self.name, "mode" | "mask")
    }

    /// Whether it is the descriptor of a folder, so that `AT_FDCWD` is the current one.
    pub(crate) fn is_folder(&self) -> bool {
        (17..=32).contains(&self.width.bits()) && self.name.ends_with("dfd")
    }
}

/// An argument whose width depends on another one: `arg` of `fcntl` is an `int` if `cmd` is `F_SETFL`.
pub(crate) struct Dependent {
    /// The other argument.
    pub(crate) selector: &'static str,
    pub(crate) width: Width,
    /// The constants or numbers with which it selects this width.
    values: &'static str,
}

impl Dependent {
    /// Whether the other argument selects this width when it has a value.
    pub(crate) fn is_selected_by(&self, value: u64, table: Table) -> bool {
        let known = |name: &str| name.parse().ok().or_else(|| constant(name)?.value(table));
        self.values.split(',').any(|name| known(name) == Some(value))
    }
}

/// The widths that an argument has on some architectures depending on another one.
pub(crate) fn dependent(syscall: &str, argument: &str, table: Table) -> impl Iterator<Item = Dependent> {
    rows(DEPENDENT, syscall).filter_map(move |row| {
        let mut parts = row.split(' ');
        let is_its = parts.next() == Some(argument);
        let (selector, bits, values) = (parts.next()?, parts.next()?, parts.next()?);
        let is_here = parts.next().is_none_or(|tables| names(tables, table));
        let width = bits.parse().ok().and_then(Width::from_bits).filter(|_| is_its && is_here)?;
        Some(Dependent { selector, width, values })
    })
}

impl Syscall {
    fn at(line: usize) -> Self {
        let (name, numbers) = SYSCALLS[line * LINE..(line + 1) * LINE].split_at(WIDTHS.0);
        Self { name: name.split_once(' ').map_or(name, |(name, _)| name), numbers }
    }

    /// The number that `table` gives this call, as `seccomp_data.nr` shows it.
    pub(crate) fn number(&self, table: Table) -> Option<u32> {
        let start = table as usize * WIDTHS.1;
        let mut number = None;
        for byte in &self.numbers.as_bytes()[start..start + WIDTHS.1] {
            if *byte == b' ' {
                break;
            }
            number = Some(number.unwrap_or(0) * 10 + u32::from(*byte - b'0'));
        }
        number
    }

    /// The arguments, register by register; `None` for calls without a known signature (never implemented, or
    /// indirect).
    pub(crate) fn signature(&self, table: Table) -> Option<Vec<Argument>> {
        let (_, signatures) = find(SIGNATURES, self.name)?;
        let mut signatures = signatures.split('|');
        let common = signatures.next()?;
        let mut own = signatures.filter_map(|own| own.split_once(':'));
        let own = own.find(|(tables, _)| names(tables.trim_ascii(), table));
        let arguments = own.map_or(common, |(_, arguments)| arguments).split_ascii_whitespace();
        let argument = |argument: &'static str| {
            let (name, bits) = argument.split_once(':')?;
            let (bits, ignored) = bits.split_once('~').unwrap_or((bits, "0"));
            let (bits, ignored) = (bits.parse().ok()?, u64::from_str_radix(ignored, 16).ok()?);
            Some(Argument { name, width: Width::from_bits(bits)?, ignored })
        };
        arguments.map(argument).collect()
    }
}

/// The system call of this name, on whatever architecture.
pub(crate) fn syscall(name: &str) -> Option<Syscall> {
    // Padded as they are in the table, names have the same order, and no line has to be taken apart.
    let mut padded = [b' '; WIDTHS.0];
    padded.get_mut(..name.len())?.copy_from_slice(name.as_bytes());
    let (mut start, mut end) = (1, SYSCALLS.len() / LINE);
    while start < end {
        let middle = start.midpoint(end);
        let line = middle * LINE;
        match SYSCALLS.as_bytes()[line..line + WIDTHS.0].cmp(&padded) {
            Ordering::Less => start = middle + 1,
            Ordering::Equal => return Some(Syscall::at(middle)).filter(|syscall| syscall.name == name),
            Ordering::Greater => end = middle,
        }
    }
    None
}

/// The name that `table` gives a number.
pub(crate) fn syscall_name(table: Table, number: u32) -> Option<&'static str> {
    syscalls().find(|syscall| syscall.number(table) == Some(number)).map(|syscall| syscall.name)
}

/// Every system call of any architecture, by name.
pub(crate) fn syscalls() -> impl Iterator<Item = Syscall> {
    (1..SYSCALLS.len() / LINE).map(Syscall::at)
}

/// Whether the kernel declares an argument as a pointer.
pub(crate) fn is_pointer(call: &str, argument: &str) -> bool {
    has_kind(call, '*', argument)
}

/// Whether the kernel declares an argument with a sign.
pub(crate) fn is_signed(call: &str, argument: &str) -> bool {
    has_kind(call, '-', argument)
}

fn has_kind(call: &str, mark: char, argument: &str) -> bool {
    let Some((_, kinds)) = find(KINDS, call) else { return false };
    kinds.split_ascii_whitespace().any(|kind| kind.strip_prefix(mark) == Some(argument))
}

/// The calls of a set, those of sets within it too.
pub(crate) fn set(name: &str) -> Option<&'static [&'static str]> {
    sets().find(|(set, _)| *set == name).map(|(_, calls)| calls)
}

/// Every set with its calls, by name.
pub fn sets() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    sets::SETS.iter().map(|(set, _, calls)| (*set, *calls))
}

/// What a set is for, in a line.
pub fn set_purpose(name: &str) -> Option<&'static str> {
    sets::SETS.iter().find(|(set, ..)| *set == name).map(|(_, purpose, _)| *purpose)
}

/// The kernel's names of an argument that the manual page of `syscall` calls `manual`.
pub(crate) fn kernel_names<'a>(syscall: &'a str, manual: &'a str) -> impl Iterator<Item = &'static str> + 'a {
    names_of(syscall).filter(move |(name, _)| *name == manual).map(|(_, kernel)| kernel)
}

/// The manual page's names of an argument that the kernel calls `kernel`.
pub(crate) fn manual_names<'a>(syscall: &'a str, kernel: &'a str) -> impl Iterator<Item = &'a str> + 'a {
    names_of(syscall).filter(move |(_, name)| *name == kernel).map(|(manual, _)| manual)
}

/// The manual page's names of a call's arguments with the kernel's, after those that apply to every call.
fn names_of(syscall: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    rows(MANUAL_NAMES, "*").chain(rows(MANUAL_NAMES, syscall)).filter_map(|row| row.split_once(' '))
}

/// A constant or an error of the kernel's headers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Constant {
    pub(crate) name: &'static str,
    /// The rest of its line.
    values: &'static str,
}

impl Constant {
    fn new((name, values): (&'static str, &'static str)) -> Self {
        Self { name, values }
    }

    /// The value on the architectures of `table`, a negative one as its 32-bit pattern; `None` where their headers lack
    /// it.
    pub(crate) fn value(&self, table: Table) -> Option<u64> {
        let value = self.text(table);
        match value.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16).ok(),
            None => Some(value.parse::<i32>().ok()?.cast_unsigned().into()),
        }
    }

    /// Whether it is a negative `int` there, which extends its sign to wider arguments.
    pub(crate) fn is_negative(&self, table: Table) -> bool {
        self.text(table).starts_with('-')
    }

    fn text(&self, table: Table) -> &'static str {
        let (usual, others) = self.values.split_once(' ').unwrap_or((self.values, ""));
        let mut own = others.split_ascii_whitespace().filter_map(|own| own.split_once('='));
        own.find(|(tables, _)| names(tables, table)).map_or(usual, |(_, value)| value)
    }
}

/// The constant of this name, but no error.
pub(crate) fn constant(name: &str) -> Option<Constant> {
    find(CONSTANTS, name).map(Constant::new)
}

/// Every constant, by name.
pub(crate) fn constants() -> impl Iterator<Item = Constant> {
    constants_from("")
}

/// Every constant from a name on, by name.
pub(crate) fn constants_from(name: &str) -> impl Iterator<Item = Constant> + use<> {
    seek(CONSTANTS, name).lines().filter_map(|line| line.split_once(' ')).map(Constant::new)
}

/// The error of this name.
pub(crate) fn errno(name: &str) -> Option<Constant> {
    find(ERRNOS, name).map(Constant::new)
}

/// Every error, by name.
pub(crate) fn errnos() -> impl Iterator<Item = Constant> {
    ERRNOS.lines().filter_map(|line| line.split_once(' ')).map(Constant::new)
}

/// Whether a table is among those that are named.
fn names(tables: &str, table: Table) -> bool {
    tables.split(',').any(|name| name == TABLES[table as usize])
}

/// The line of a text that begins with `name`, as that and the rest; the lines are in the order of their names.
fn find(text: &'static str, name: &str) -> Option<(&'static str, &'static str)> {
    let line = seek(text, name).lines().next()?.trim_ascii_end();
    let (key, rest) = line.split_once(' ').unwrap_or((line, ""));
    (key == name).then_some((key, rest))
}

/// What is behind `name` in each line of a text that begins with it.
pub(super) fn rows(text: &'static str, name: &str) -> impl Iterator<Item = &'static str> {
    let lines = seek(text, name).lines().map(|line| line.split_once(' ').unwrap_or((line, "")));
    lines.take_while(move |(key, _)| *key == name).map(|(_, rest)| rest)
}

/// The lines of a text from `name` on, or from where it would be.
fn seek(text: &'static str, name: &str) -> &'static str {
    let (mut start, mut end) = (0, text.len());
    while start < end {
        let middle = start.midpoint(end);
        let line = text[start..middle].rfind('\n').map_or(start, |at| start + at + 1);
        let next = text[middle..end].find('\n').map_or(end, |at| middle + at + 1);
        // What is behind a name is less than any letter of one.
        if text[line..next] < *name { start = next } else { end = line }
    }
    &text[start..]
}
