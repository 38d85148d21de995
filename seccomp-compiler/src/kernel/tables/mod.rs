//! The kernel's facts as data: system calls, their arguments, constants, errors and replacements.
//!
//! Everything here but this file is generated from `seccomp-compiler/data` by
//! `BLESS=1 cargo test -p seccomp-tests --test tables` and never edited by hand; the same test without `BLESS`
//! fails when the two differ. The data's README says where each figure comes from.

use core::cmp::Ordering;

#[rustfmt::skip]
mod architectures;
#[rustfmt::skip]
mod constants;
#[rustfmt::skip]
mod names;
#[rustfmt::skip]
mod replacements;
#[rustfmt::skip]
mod sets;
#[rustfmt::skip]
mod syscalls;

pub(crate) use architectures::ARCHITECTURES;

/// The kernel release that the tables describe. A policy's meaning depends on it: a newer table knows newer
/// names.
pub const VERSION: &str = "Linux 7.2";

/// A column of the tables: architectures that number their system calls alike share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Table {
    X86_64,
    X32,
    I386,
    Aarch64,
    Arm,
    Riscv64,
    Riscv32,
    Loongarch64,
    Powerpc,
    Powerpc64,
    S390x,
    S390,
    Mips,
    Mips64,
    Mipsn32,
    M68k,
    Csky,
}

/// How many columns there are.
const TABLES: usize = 17;

/// The number of a call that a table lacks. No architecture numbers a call so.
const NONE: u32 = u32::MAX;

/// One system call, by its kernel name.
#[derive(Debug)]
pub(crate) struct Syscall {
    pub(crate) name: &'static str,
    numbers: [u32; TABLES],
    /// Where in `ARGUMENTS` its own begin, and how many there are.
    signature: Option<(usize, usize)>,
    variants: &'static [(Table, (usize, usize))],
}

/// One argument as the kernel declares it: its name and how many low bits of the register it reads.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Argument {
    pub(crate) name: &'static str,
    pub(crate) bits: u8,
}

impl Syscall {
    /// The number that `table` gives this call, as `seccomp_data.nr` shows it.
    pub(crate) fn number(&self, table: Table) -> Option<u32> {
        let number = self.numbers[table as usize];
        (number != NONE).then_some(number)
    }

    /// The arguments, register by register; `None` for calls without a known signature (never implemented, or
    /// indirect).
    pub(crate) fn signature(&self, table: Table) -> Option<&'static [Argument]> {
        let variant = self.variants.iter().find(|(of, _)| *of == table);
        let (first, count) = variant.map(|(_, signature)| *signature).or(self.signature)?;
        Some(&syscalls::ARGUMENTS[first..first + count])
    }
}

/// The system call of this name, on whatever architecture.
pub(crate) fn syscall(name: &str) -> Option<&'static Syscall> {
    find(&syscalls::SYSCALLS, name, |syscall| syscall.name)
}

/// The name that `table` gives a number.
pub(crate) fn syscall_name(table: Table, number: u32) -> Option<&'static str> {
    let named = |syscall: &&Syscall| syscall.number(table) == Some(number);
    syscalls::SYSCALLS.iter().find(named).map(|syscall| syscall.name)
}

/// Every system call of any architecture, by name.
pub(crate) fn syscalls() -> &'static [Syscall] {
    &syscalls::SYSCALLS
}

/// What the newer architectures have in place of a call that they lack, the likeliest first.
pub(crate) fn replacements(name: &str) -> &'static [&'static str] {
    find(&replacements::REPLACEMENTS, name, |(of, _)| of).map_or(&[], |(_, replacements)| replacements)
}

/// The calls of a set, those of sets within it too.
pub(crate) fn set(name: &str) -> Option<&'static [&'static str]> {
    find(&sets::SETS, name, |(set, _)| set).map(|(_, calls)| *calls)
}

/// Every set with its calls, by name.
pub fn sets() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    sets::SETS.iter().copied()
}

/// The kernel's names of an argument that the manual page of `syscall` calls `manual`.
pub(crate) fn kernel_names<'a>(syscall: &'a str, manual: &'a str) -> impl Iterator<Item = &'static str> + 'a {
    names_of(syscall).filter(move |(_, name, _)| *name == manual).map(|(_, _, kernel)| *kernel)
}

/// The manual page's names of an argument that the kernel calls `kernel`.
pub(crate) fn manual_names<'a>(syscall: &'a str, kernel: &'a str) -> impl Iterator<Item = &'a str> + 'a {
    names_of(syscall).filter(move |(_, _, name)| *name == kernel).map(|(_, manual, _)| *manual)
}

/// The names of a call's arguments, after those that arguments have whatever the call.
fn names_of(syscall: &str) -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str)> {
    let of = |name| {
        from(&names::MANUAL_NAMES, name, |(call, ..)| call).iter().take_while(move |(call, ..)| *call == name)
    };
    of("*").chain(of(syscall))
}

/// A constant or an error of the kernel's headers.
#[derive(Debug)]
pub(crate) struct Constant {
    pub(crate) name: &'static str,
    value: u64,
    /// The tables whose headers give it another value, or none, one bit each.
    differs: u32,
    /// A negative `int`, given as its 32-bit pattern: it extends its sign to wider arguments.
    pub(crate) negative: bool,
}

impl Constant {
    /// The value on the architectures of `table`; `None` where their headers lack it.
    pub(crate) fn value(&self, table: Table) -> Option<u64> {
        let table = if table == Table::S390 { Table::S390x } else { table };
        let bit = 1 << table as u32;
        if self.differs & bit == 0 {
            return Some(self.value);
        }
        let own = from(&constants::DIFFERING, self.name, |(name, ..)| name);
        let own = own.iter().take_while(|(name, ..)| *name == self.name);
        let there = own.filter(|(_, tables, _)| tables & bit != 0);
        there.map(|(.., value)| *value).next()
    }
}

/// The constant of this name, but no error.
pub(crate) fn constant(name: &str) -> Option<&'static Constant> {
    find(&constants::CONSTANTS, name, |constant| constant.name)
}

/// Every constant, by name.
pub(crate) fn constants() -> &'static [Constant] {
    &constants::CONSTANTS
}

/// The error of this name.
pub(crate) fn errno(name: &str) -> Option<&'static Constant> {
    find(&constants::ERRNOS, name, |errno| errno.name)
}

/// Every error, by name.
pub(crate) fn errnos() -> &'static [Constant] {
    &constants::ERRNOS
}

/// The entry of this name of a table that is in the order of them.
fn find<T>(sorted: &'static [T], name: &str, of: fn(&T) -> &'static str) -> Option<&'static T> {
    from(sorted, name, of).first().filter(|entry| of(entry) == name)
}

/// The entries from this name on. A plain loop, as macros are not optimised and names are looked up for every call.
fn from<T>(sorted: &'static [T], name: &str, of: fn(&T) -> &'static str) -> &'static [T] {
    let (mut start, mut end) = (0, sorted.len());
    while start < end {
        let middle = (start + end) / 2;
        match of(&sorted[middle]).cmp(name) {
            Ordering::Less => start = middle + 1,
            Ordering::Equal | Ordering::Greater => end = middle,
        }
    }
    &sorted[start..]
}
