//! The arguments of the calls: how many bits of each the kernel keeps.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::abi::ABIS;
use super::calls::AbiCalls;
use super::configuration::Configuration;
use super::definitions::{self, Definitions};
use crate::data;
use crate::tables::is_yes;

/// Types of 16 bits.
const HALVES: [&str; 3] = ["old_gid_t", "old_uid_t", "umode_t"];

/// Types of 32 bits.
const WORDS: [&str; 28] = [
    "__s32",
    "__u32",
    "clockid_t",
    "compat_aio_context_t",
    "compat_long_t",
    "compat_mode_t",
    "compat_off_t",
    "compat_pid_t",
    "compat_size_t",
    "compat_ssize_t",
    "compat_ulong_t",
    "compat_uptr_t",
    "enum landlock_rule_type",
    "gid_t",
    "int",
    "key_serial_t",
    "key_t",
    "mqd_t",
    "pid_t",
    "qid_t",
    "rwf_t",
    "timer_t",
    "u32",
    "uid_t",
    "uint",
    "unsigned",
    "unsigned int",
    "utrap_entry_t",
];

/// ABIs in the order in which they say what a call's usual arguments are.
const USUAL: [&str; 19] = [
    "x86_64",
    "aarch64",
    "riscv64",
    "loongarch64",
    "powerpc64",
    "s390x",
    "mips64",
    "sparc64",
    "i386",
    "arm",
    "powerpc",
    "mips",
    "m68k",
    "csky",
    "riscv32",
    "hexagon",
    "sparc",
    "x32",
    "mipsn32",
];

/// Types that have all bits of a register.
const WHOLE: [&str; 9] = [
    "__u64",
    "aio_context_t",
    "loff_t",
    "long",
    "off_t",
    "old_sigset_t",
    "size_t",
    "uintptr_t",
    "unsigned long",
];

/// Types that are pointers by another name.
const POINTERS: [&str; 4] = ["__sighandler_t", "cap_user_data_t", "cap_user_header_t", "utrap_handler_t"];

/// Types that have a sign. Those of the compat entries are as those of the usual ones, which alone are looked at.
const SIGNED: [&str; 12] = [
    "__s32",
    "clockid_t",
    "compat_long_t",
    "compat_pid_t",
    "int",
    "key_serial_t",
    "loff_t",
    "long",
    "mqd_t",
    "off_t",
    "pid_t",
    "timer_t",
];

/// Types and names of a function's arguments.
struct Signature<'a> {
    entry: &'a str,
    arguments: &'a [(String, String)],
}

impl Signature<'_> {
    fn row(&self, name: &str, abi: &str) -> Vec<String> {
        let argument = |(kind, name): &(String, String)| match is_pointer(kind) {
            true => format!("{name}:ptr"),
            false => format!("{name}:{}", bits(kind)),
        };
        let arguments: Vec<String> = self.arguments.iter().map(argument).collect();
        [name, abi, self.entry, &arguments.join(" ")].map(str::to_owned).to_vec()
    }

    /// The arguments that have a sign; `None` where there are none.
    fn signed(&self, name: &str) -> Option<Vec<String>> {
        let signed = self.arguments.iter().filter(|(kind, _)| SIGNED.contains(&plain(kind)));
        let names: Vec<&str> = signed.map(|(_, name)| name.as_str()).collect();
        (!names.is_empty()).then(|| vec![name.to_owned(), names.join(" ")])
    }

    /// Whether two functions take the same, maybe under other names.
    fn is_like(&self, other: &Self) -> bool {
        let kinds = |function: &Self| {
            function.arguments.iter().map(|(kind, _)| (kind.contains('*'), bits(kind))).collect::<Vec<_>>()
        };
        let moved = |(_, name): &(String, String)| {
            let position = |function: &Self| function.arguments.iter().position(|(_, other)| other == name);
            position(other).is_some_and(|there| position(self) != Some(there))
        };
        kinds(self) == kinds(other) && !self.arguments.iter().any(moved)
    }
}

/// Writes `signatures.csv` and `signed.csv`, and says which calls are not in it.
pub(super) fn write(source: &Path, data: &Path, calls: &BTreeMap<&str, AbiCalls>) -> Vec<String> {
    let definitions = definitions::read(source);
    let configurations: BTreeMap<&str, Configuration> =
        ABIS.iter().map(|abi| (abi.name, Configuration::read(source, abi))).collect();
    // What is written by hand for one ABI leaves the others.
    let by_hand = data::rows(&data.join("signatures.csv")).into_iter().filter(|row| row["abi"].is_empty());
    let by_hand: BTreeSet<String> = by_hand.map(|row| row["name"].clone()).collect();
    let filtered =
        data::rows(&data.join("architectures.csv")).into_iter().filter(|row| is_yes(row, "filter_support"));
    let filtered: BTreeSet<String> = filtered.map(|row| row["table"].clone()).collect();
    let names: BTreeSet<&String> = USUAL.iter().flat_map(|abi| calls[abi].keys()).collect();
    let (mut rows, mut signed, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    for name in names.into_iter().filter(|name| !by_hand.contains(*name)) {
        let entry = |abi| calls[abi].get(name)?.entry.as_deref().filter(|entry| !is_missing(entry));
        let on = |abi: &'static str| {
            let folder = ABIS.iter().find(|other| other.name == abi)?.folder;
            Some((abi, signature(entry(abi)?, folder, &configurations[abi], &definitions)?))
        };
        let found: Vec<(&str, Signature<'_>)> = USUAL.into_iter().filter_map(on).collect();
        let Some((_, usual)) = found.first() else {
            let mut with_filters = USUAL.into_iter().filter(|abi| filtered.contains(*abi));
            missing.extend(with_filters.find_map(entry).map(|entry| format!("no definition of {entry}")));
            continue;
        };
        let kinds = found.iter().flat_map(|(_, found)| found.arguments).map(|(kind, _)| kind);
        missing.extend(
            kinds.filter(|kind| !is_known(kind)).map(|kind| format!("unknown type {kind} of {name}")),
        );
        rows.push(usual.row(name, ""));
        signed.extend(usual.signed(name));
        let others = found.iter().filter(|(abi, own)| filtered.contains(*abi) && !own.is_like(usual));
        rows.extend(others.map(|(abi, own)| own.row(name, abi)));
    }
    rows.sort();
    data::write(&data.join("kernel/signatures.csv"), &["name", "abi", "entry", "arguments"], &rows);
    data::write(&data.join("kernel/signed.csv"), &["name", "arguments"], &signed);
    missing
}

/// Whether the entry point is the stub for unimplemented calls.
fn is_missing(entry: &str) -> bool {
    matches!(entry, "sys_ni_syscall" | "sys_nis_syscall")
}

/// The arguments of a function: in an architecture's own definition before that of all, and in one whose conditions
/// hold before others.
fn signature<'a>(
    entry: &'a str,
    folder: &str,
    configuration: &Configuration,
    definitions: &'a Definitions,
) -> Option<Signature<'a>> {
    let other = definitions.others.get(&(folder.to_owned(), entry.to_owned()));
    let function = other.map_or(entry, String::as_str);
    // mips saves registers in functions of such names, which go on to the others.
    let all = [function, function.strip_prefix("__").unwrap_or_default()];
    let all = all.iter().find_map(|function| definitions.functions.get(*function))?;
    let here = all.iter().filter(|found| found.folder.as_deref().is_none_or(|of| of == folder));
    let best = here.min_by_key(|found| {
        let broken = |condition: &&String| configuration.holds(condition) == Some(false);
        (found.conditions.iter().filter(broken).count(), found.folder.is_none())
    })?;
    Some(Signature { entry, arguments: &best.arguments })
}

/// How many bits of a register an argument of a type has.
fn bits(kind: &str) -> u32 {
    match plain(kind) {
        kind if HALVES.contains(&kind) => 16,
        kind if WORDS.contains(&kind) => 32,
        _ => 64,
    }
}

fn is_known(kind: &str) -> bool {
    bits(kind) < 64 || is_pointer(kind) || WHOLE.contains(&plain(kind))
}

fn is_pointer(kind: &str) -> bool {
    kind.contains('*') || POINTERS.contains(&plain(kind))
}

fn plain(kind: &str) -> &str {
    kind.strip_prefix("const ").unwrap_or(kind)
}
