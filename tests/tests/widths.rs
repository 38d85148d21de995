//! `docs/proof.md` says how many widths are tried in the kernel, and why others are not.

use std::fmt::Write as _;

use seccomp_compiler::Architecture;
use seccomp_tests::scratch::workspace;
use seccomp_tests::widths::{ALL_READ, Coverage, NO_REASON, Try, UNTRIED, calls, coverage, signature, tries};

const BEGIN: &str = "test widths writes what follows. -->\n";
const END: &str = "<!-- end of widths -->";

/// Where the kernel test runs: the name of the row, the ABI, and the bits of the registers that it can fill.
const ROWS: [(&str, &str, u32); 8] = [
    ("x86_64", "x86_64", 64),
    ("i386, from a 64-bit process", "i386", 64),
    ("aarch64, emulated", "aarch64", 64),
    ("riscv64, emulated", "riscv64", 64),
    ("s390x, emulated", "s390x", 64),
    ("i386, emulated", "i386", 32),
    ("arm, emulated", "arm", 32),
    ("on no machine: x32", "x32", 64),
];

#[test]
fn the_document_says_which_widths_are_tried() {
    let path = workspace().join("docs/proof.md");
    let text = std::fs::read_to_string(&path).expect("the document can be read");
    let (before, rest) = text.split_once(BEGIN).expect("the document has a place for it");
    let (_, after) = rest.split_once(END).expect("the place has an end");
    let fresh = format!("{before}{BEGIN}{}{END}{after}", written());
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, fresh).expect("the document can be written");
    } else {
        assert_eq!(text, fresh, "BLESS=1 cargo test -p seccomp-tests --test widths writes the tables");
    }
}

fn written() -> String {
    let mut out = "\n| ABI | arguments | of these filling their register | tried: some bits ignored | tried: all read | \
                   not tried |\n|---|--:|--:|--:|--:|--:|\n"
        .to_owned();
    let mut all = Vec::new();
    for (name, abi, register) in ROWS {
        let architecture = Architecture::find(abi).expect("it is in the table");
        let found = coverage(architecture, register);
        let filling = found.untried.get(ALL_READ).map_or(0, std::collections::BTreeSet::len);
        let untried = found.untried.values().map(std::collections::BTreeSet::len).sum::<usize>() - filling;
        let (ignored, whole) = if name.starts_with("on no") { (0, 0) } else { (found.ignored, found.whole) };
        let untried = untried + found.ignored - ignored + found.whole - whole;
        writeln!(out, "| {name} | {} | {filling} | {ignored} | {whole} | {untried} |", found.all)
            .expect("text");
        all.push((abi, register, found));
    }
    let (_, _, native) = &all[0];
    let tried = native.ignored + native.whole;
    write!(
        out,
        "\nAll that are tried agree: {tried} of {} arguments on x86_64, {} of {} through `int $0x80`. A kernel without a call, \
         or a test that is not run by root where only root can make it, leaves it out and says so. What is not tried on \
         x86_64, and why:\n\n",
        native.all, all[1].2.ignored, all[1].2.all,
    )
    .expect("text");
    out + &reasons(native)
}

/// Each reason with the calls that it is for, the commonest last.
fn reasons(coverage: &Coverage) -> String {
    let mut reasons: Vec<_> = coverage.untried.iter().filter(|(reason, _)| **reason != ALL_READ).collect();
    reasons.sort_by_key(|(reason, _)| (**reason == NO_REASON, **reason));
    let mut out = "| why not | calls or arguments |\n|---|---|\n".to_owned();
    for (reason, arguments) in reasons {
        let mut names: Vec<String> = Vec::new();
        for argument in arguments {
            let (call, name) = argument.split_once(' ').expect("a call and an argument");
            match names.last_mut().filter(|last| last.starts_with(&format!("`{call}` "))) {
                Some(last) => write!(last, ", {name}").expect("text"),
                None => names.push(format!("`{call}` {name}")),
            }
        }
        writeln!(out, "| {reason} | {} |", names.join("; ")).expect("text");
    }
    out + "\n"
}

#[test]
fn every_try_is_of_a_call_and_arguments_that_some_architecture_has() {
    let for_none = |tried: &Try<'_>| !Architecture::all().any(|architecture| tried.is_for(architecture));
    let for_none: Vec<_> = tries().filter(for_none).map(|tried| tried.line).collect();
    assert!(for_none.is_empty(), "{for_none:#?}");
    for row in UNTRIED.lines().skip(1) {
        let mut parts = row.split(',');
        let (call, argument) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let known = calls().any(|name| name == call);
        let has = |architecture: &Architecture| {
            signature(call, architecture).into_iter().flatten().any(|known| known.name == argument)
        };
        assert!(known && (argument.is_empty() || Architecture::all().any(has)), "{row}");
    }
}
