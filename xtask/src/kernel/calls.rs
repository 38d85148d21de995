//! The numbers of the calls and the functions behind them.

use std::collections::{BTreeMap, HashMap};
use std::fs::read_to_string;
use std::path::Path;

use super::abi::{Abi, Calls};
use super::clang::Clang;
use crate::data::integer;

/// A call of one ABI.
#[derive(Clone)]
pub(super) struct Call {
    pub(super) number: u32,
    /// The function that is called: `sys_openat`. None for numbers that are only reserved.
    pub(super) entry: Option<String>,
}

/// The calls of one ABI, by name.
pub(super) type AbiCalls = BTreeMap<String, Call>;

/// Reads the calls of an ABI.
pub(super) fn read(source: &Path, abi: &Abi) -> AbiCalls {
    let folder = source.join("arch").join(abi.folder);
    let mut calls = match &abi.calls {
        Calls::Table(file, abis, first) => {
            let text = read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
            table(&text, abis, *first)
        }
        Calls::Generic => match read_to_string(source.join("scripts/syscall.tbl")) {
            Ok(text) => {
                let abis = generic_abis(&folder, abi.bits);
                table(&text, &abis.iter().map(String::as_str).collect::<Vec<_>>(), 0)
            }
            // Up to Linux 6.10 that table is a header.
            Err(_) => header(&Clang::new(source, abi)),
        },
    };
    if abi.target.is_some() {
        let unistd = read_to_string(folder.join("include/uapi/asm/unistd.h")).unwrap_or_default();
        calls.extend(others(&unistd, &calls));
        let undefined: Vec<&str> =
            unistd.lines().filter_map(|line| line.strip_prefix("#undef __NR_")).collect();
        calls.retain(|name, _| !undefined.contains(&name.as_str()));
    }
    calls.retain(|name, _| !is_reserved(name));
    calls
}

/// Names of numbers that no call has.
fn is_reserved(name: &str) -> bool {
    let is_numbered = |word| name.strip_prefix(word).is_some_and(|rest: &str| rest.parse::<u32>().is_ok());
    let is_base = name == "arch_specific_syscall" || name.contains(char::is_uppercase);
    is_base || ["available", "reserved", "unused"].into_iter().any(is_numbered)
}

/// The lines of a table for some ABIs: number, ABI, name, and the function.
fn table(text: &str, abis: &[&str], first: u32) -> AbiCalls {
    let mut calls = AbiCalls::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split_whitespace();
        let (Some(number), Some(abi), Some(name)) = (words.next(), words.next(), words.next()) else {
            continue;
        };
        if abis.contains(&abi) {
            let entry = words.next().filter(|entry| *entry != "-").map(str::to_owned);
            calls.insert(name.to_owned(), Call { number: first + integer(number), entry });
        }
    }
    calls
}

/// Which lines of `scripts/syscall.tbl` an architecture takes.
fn generic_abis(folder: &Path, bits: u32) -> Vec<String> {
    let makefile = read_to_string(folder.join("kernel/Makefile.syscalls")).unwrap_or_default();
    let own = makefile.lines().filter_map(|line| line.strip_prefix(&format!("syscall_abis_{bits} +=")));
    let own = own.flat_map(str::split_whitespace).map(str::to_owned);
    ["common".to_owned(), bits.to_string()].into_iter().chain(own).collect()
}

/// `asm/unistd.h`, with a number and a function in each `__SYSCALL`.
fn header(clang: &Clang) -> AbiCalls {
    let mut entries = HashMap::new();
    let text = "#include <asm/unistd.h>\n";
    let marked = clang.preprocess(text, &["-P", "-D__SYSCALL(number,entry)=@ number @ entry"]);
    let parts: Vec<&str> = marked.split("@ ").skip(1).collect();
    for pair in parts.chunks_exact(2) {
        let entry = pair[1].split_whitespace().next().unwrap_or_default();
        entries.insert(sum(pair[0], &HashMap::new()), entry.to_owned());
    }
    let macros = clang.macros(text);
    let mut calls = AbiCalls::new();
    for (name, value) in &macros {
        let Some(name) = name.strip_prefix("__NR_").filter(|_| !value.is_empty()) else { continue };
        let Some(number) = sum(value, &macros) else { continue };
        if let Some(entry) = entries.get(&Some(number)) {
            calls.insert(name.to_owned(), Call { number, entry: Some(entry.clone()) });
        }
    }
    calls
}

/// A number, a name for one, or the sum of some.
fn sum(text: &str, macros: &HashMap<String, String>) -> Option<u32> {
    let term = |term: &str| term.parse().ok().or_else(|| sum(macros.get(term)?, macros));
    text.trim().trim_matches(['(', ')']).split('+').map(|part| term(part.trim())).sum()
}

/// What an architecture's `asm/unistd.h` adds to its table: arm's private calls, and other names of numbers.
fn others(unistd: &str, calls: &AbiCalls) -> AbiCalls {
    const ARM_BASE: u32 = 0x000f_0000;
    let other = |line: &str| {
        let (name, value) = line.strip_prefix("#define __")?.split_once(char::is_whitespace)?;
        let value = value.trim();
        if let Some(name) = name.strip_prefix("ARM_NR_") {
            let number = ARM_BASE + integer(value.strip_prefix("(__ARM_NR_BASE+")?.trim_end_matches(')'));
            return Some((name.to_owned(), Call { number, entry: None }));
        }
        let name = name.strip_prefix("NR_")?;
        let call = match value.strip_prefix("__NR_") {
            Some(same) => calls.get(same)?.clone(),
            None => {
                let number = value.parse().ok()?;
                calls.values().find(|call| call.number == number)?;
                Call { number, entry: Some(format!("sys_{name}")) }
            }
        };
        Some((name.to_owned(), call))
    };
    unistd.lines().filter_map(other).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(calls: &AbiCalls) -> Vec<(&str, u32, Option<&str>)> {
        calls.iter().map(|(name, call)| (name.as_str(), call.number, call.entry.as_deref())).collect()
    }

    #[test]
    fn a_table_gives_the_lines_of_some_abis() {
        let text = "# number abi name entry\n0 common read sys_read\n1 32 old sys_old\n2 64 new\n";
        let expected = [("new", 5002, None), ("read", 5000, Some("sys_read"))];
        assert_eq!(numbers(&table(text, &["common", "64"], 5000)), expected);
    }

    #[test]
    fn a_header_adds_private_calls_and_other_names() {
        let calls = table("84 common sync_file_range sys_sync_file_range\n", &["common"], 0);
        let text = "#define __NR_sync_file_range2 84\n#define __NR_same __NR_sync_file_range\n\
                    #define __ARM_NR_breakpoint\t\t\t(__ARM_NR_BASE+1)\n#define __NR_unknown 85\n";
        let expected = [
            ("breakpoint", 0xf0001, None),
            ("same", 84, Some("sys_sync_file_range")),
            ("sync_file_range2", 84, Some("sys_sync_file_range2")),
        ];
        assert_eq!(numbers(&others(text, &calls)), expected);
    }
}
