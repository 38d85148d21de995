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
    syscall: &'static str,
    argument: &'static str,
    /// The tables where that is so; none are all.
    tables: &'static [&'static str],
    /// The other argument.
    pub(crate) selector: &'static str,
    /// The constants or numbers with which it selects this width.
    values: &'static [&'static str],
    bits: u8,
}

impl Dependent {
    /// Whether the other argument selects this width when it has a value.
    pub(crate) fn is_selected_by(&self, value: u64, table: Table) -> bool {
        let known = |name: &str| name.parse().ok().or_else(|| constant(name)?.value(table));
        self.values.iter().any(|name| known(name) == Some(value))
    }

    pub(crate) fn width(&self) -> Option<Width> {
        Width::from_bits(self.bits)
    }
}

/// The widths that an argument has on some architectures depending on another one.
pub(crate) fn dependent(
    syscall: &str,
    argument: &str,
    table: Table,
) -> impl Iterator<Item = &'static Dependent> {
    let is_of = move |row: &&Dependent| {
        let here = row.tables.is_empty() || row.tables.contains(&TABLES[table as usize]);
        row.syscall == syscall && row.argument == argument && here
    };
    facts::DEPENDENT.iter().filter(is_of)
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

/// A call and the calls related to it.
type Related = [(&'static str, &'static [&'static str])];

/// The calls that a table of facts has for one.
pub(crate) fn others(facts: &'static Related, name: &str) -> &'static [&'static str] {
    facts.iter().find(|(call, _)| *call == name).map_or(&[], |(_, others)| others)
}

/// What an argument may hold besides the constants that it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Others {
    /// It is one of them.
    None,
    /// Any of them, combined.
    Bits,
    /// One of them under this mask, and other bits outside.
    Outside(u64),
}

/// The constants that some arguments take, so that a value can be written with their names.
#[derive(Debug)]
pub(crate) struct Family {
    /// The calls, each with the kernel's name of the argument.
    pub(crate) arguments: &'static [(&'static str, &'static str)],
    /// The bits that are one of the constants; every other bit is a flag of its own.
    pub(crate) mask: u64,
    /// How the names of the constants begin; the whole name if it ends in `$`.
    prefixes: &'static [&'static str],
    /// The same for names that begin in this way but mean something else.
    others: &'static [&'static str],
}

impl Family {
    /// The constants of an argument.
    pub(crate) fn of(call: &str, argument: &str) -> Option<&'static Self> {
        facts::FAMILIES.iter().find(|family| family.arguments.contains(&(call, argument)))
    }

    /// The constants, without second names.
    pub(crate) fn constants(&self) -> impl Iterator<Item = Constant> {
        let Self { prefixes, others, .. } = self;
        let matches = |name: &str, pattern: &str| match pattern.strip_suffix('$') {
            Some(whole) => name == whole,
            None => name.starts_with(pattern),
        };
        let own = prefixes.iter().flat_map(move |prefix| {
            let start = prefix.trim_end_matches('$');
            let lines = seek(CONSTANTS, start).lines().take_while(move |line| line.starts_with(start));
            lines.filter_map(|line| line.split_once(' ')).filter(move |(name, _)| matches(name, prefix))
        });
        own.filter(move |(name, _)| {
            !others.iter().any(|other| matches(name, other)) && !facts::SECOND_NAMES.contains(name)
        })
        .map(Constant::new)
    }

    /// The values with their names on the architectures of `table`: first those within the mask, then the flags, of which
    /// one with several bits comes before its parts.
    pub(crate) fn values(&self, table: Table) -> Vec<(u64, &'static str)> {
        let valued = self.constants().filter_map(|constant| Some((constant.value(table)?, constant.name)));
        let mut values: Vec<(u64, &str)> = valued.collect();
        values.sort_by_key(|(value, name)| {
            let is_flag = value & !self.mask != 0;
            (if is_flag { 1 + 64 - value.count_ones() } else { 0 }, *value, name.len())
        });
        values.dedup_by_key(|(value, _)| *value);
        values
    }

    /// A value with the names of its constants; what has no name as a number.
    pub(crate) fn named(&self, value: u64, table: Table) -> String {
        let (mut rest, mut names) = (value, Vec::new());
        for (constant, name) in self.values(table) {
            let is_flag = constant & !self.mask != 0;
            // A name for nothing, such as PROT_NONE, is not beside others.
            let is_one = constant == value & self.mask && (self.mask != 0 || value == 0);
            if if is_flag { rest & constant == constant } else { is_one } {
                rest &= !(if is_flag { constant } else { self.mask });
                names.push(name.to_owned());
            }
        }
        if rest != 0 || names.is_empty() {
            names.push(format!("{rest:#x}"));
        }
        names.join("|")
    }
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
    names_of(syscall).filter(move |(_, name, _)| *name == manual).map(|(_, _, kernel)| *kernel)
}

/// The manual page's names of an argument that the kernel calls `kernel`.
pub(crate) fn manual_names<'a>(syscall: &'a str, kernel: &'a str) -> impl Iterator<Item = &'a str> + 'a {
    names_of(syscall).filter(move |(_, _, name)| *name == kernel).map(|(_, manual, _)| *manual)
}

/// The names of a call's arguments, after the names that apply to every call.
fn names_of(syscall: &str) -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str)> {
    let listed = |name| {
        let first = facts::MANUAL_NAMES.partition_point(|(call, ..)| *call < name);
        facts::MANUAL_NAMES[first..].iter().take_while(move |(call, ..)| *call == name)
    };
    listed("*").chain(listed(syscall))
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
    CONSTANTS.lines().filter_map(|line| line.split_once(' ')).map(Constant::new)
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

/// The lines of a text from `name` on, or from where it would be.
fn seek(text: &'static str, name: &str) -> &'static str {
    let (mut start, mut end) = (0, text.len());
    while start < end {
        let middle = start.midpoint(end);
        let line = text[start..middle].rfind('\n').map_or(start, |at| start + at + 1);
        let next = text[middle..end].find('\n').map_or(end, |at| middle + at + 1);
        let key = text[line..next].split_ascii_whitespace().next().unwrap_or_default();
        if key < name { start = next } else { end = line }
    }
    &text[start..]
}
