//! `docs/proof.md` says how many widths are tried in the kernel, and why others are not.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use seccomp_compiler::Architecture;
use seccomp_tests::scratch::workspace;
use seccomp_tests::widths::{
    ALL_READ, Agreed, Coverage, NO_REASON, Try, UNTRIED, calls, coverage, signature, tries,
};

const BEGIN: &str = "test widths writes what follows. -->\n";
const END: &str = "<!-- end of widths -->";

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
    let mut out = "\n| ABI | kernel | arguments | filling their register | agreed: some bits ignored | agreed: all read | \
                   could not be tried there | not tried |\n|---|---|--:|--:|--:|--:|--:|--:|\n"
        .to_owned();
    let mut asked = BTreeSet::new();
    for row in Agreed::all() {
        let architecture = Architecture::find(&row.abi).expect("it is in the table");
        asked.insert(architecture.name());
        let found = coverage(architecture, row.register);
        let agreed = row.ignored + row.whole;
        let Some(left) = (found.ignored + found.whole).checked_sub(agreed) else {
            panic!("there is less to try than was: tests/emulated/run, for `{row}`")
        };
        let filling = found.untried.get(ALL_READ).map_or(0, BTreeSet::len);
        let untried = found.untried.values().map(BTreeSet::len).sum::<usize>() - filling;
        let from = if row.abi == "i386" && row.register == 64 { ", from a 64-bit process" } else { "" };
        let Agreed { abi, machine, kernel, ignored, whole, .. } = row;
        writeln!(
            out,
            "| {abi}{from} | {machine} {kernel} | {} | {filling} | {ignored} | {whole} | {left} | {untried} |",
            found.all,
        )
        .expect("text");
    }
    let others: Vec<_> =
        Architecture::all().map(Architecture::name).filter(|name| !asked.contains(name)).collect();
    let native = Architecture::find("x86_64").expect("it is in the table");
    write!(
        out,
        "\nAll that were tried agree. No kernel was asked about {}. A kernel without a call leaves it out. What is not \
         tried on x86_64, and why:\n\n",
        others.join(", "),
    )
    .expect("text");
    out + &reasons(&coverage(native, 64))
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
