//! Reads `data/kernel` from an unpacked kernel source: the release, the numbers of the calls, their arguments, and the
//! constants and errors of the headers.
//!
//! What a kernel's source does not say is in the other data files, which are kept by hand: the values of the C library,
//! the manual's names, arguments that are narrower than declared, how 64-bit arguments are split, and the sets.

mod abi;
mod calls;
mod clang;
mod configuration;
mod constants;
mod definitions;
mod requests;
mod signatures;

use std::collections::BTreeMap;
use std::path::Path;

use self::abi::ABIS;
use self::calls::AbiCalls;
use crate::data;

/// Writes `data/kernel` anew from the kernel source in a folder, and says what it could not find. It needs a clang that
/// knows every ABI, as those from 19 on do; `CLANG` names it.
pub fn extract(source: &Path, data: &Path) -> Vec<String> {
    clang::check_version();
    let folder = data.join("kernel");
    std::fs::write(folder.join("version"), version(source)).expect("a file can be written");
    let calls: BTreeMap<&str, AbiCalls> =
        ABIS.iter().map(|abi| (abi.name, calls::read(source, abi))).collect();
    write_numbers(&folder, &calls);
    [signatures::write(source, data, &calls), constants::write(source, data)].concat()
}

/// Writes which constants of s390 are not those of s390x, from a source that still has its headers, and says what it could
/// not read.
pub fn s390_constants(source: &Path, data: &Path) -> Vec<String> {
    clang::check_version();
    constants::write_s390(source, data)
}

/// The release, without what concerns no interface.
fn version(source: &Path) -> String {
    let makefile = std::fs::read_to_string(source.join("Makefile")).expect("a kernel source has a Makefile");
    let number = |name: &str| {
        let line = makefile.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix('='));
        line.unwrap_or_else(|| panic!("the Makefile has no {name}")).trim().to_owned()
    };
    format!("Linux {}.{}\n", number("VERSION"), number("PATCHLEVEL"))
}

fn write_numbers(folder: &Path, calls: &BTreeMap<&str, AbiCalls>) {
    let mut names: Vec<&String> = calls.values().flat_map(AbiCalls::keys).collect();
    names.sort();
    names.dedup();
    let mut columns = vec!["name"];
    columns.extend(ABIS.iter().map(|abi| abi.name));
    let row = |name: &&String| {
        let number = |abi: &abi::Abi| calls[abi.name].get(*name).map(|call| call.number.to_string());
        let numbers = ABIS.iter().map(|abi| number(abi).unwrap_or_default());
        std::iter::once((*name).clone()).chain(numbers).collect()
    };
    data::write(&folder.join("syscalls.csv"), &columns, &names.iter().map(row).collect::<Vec<_>>());
}
