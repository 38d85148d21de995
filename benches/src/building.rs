//! What building costs, as tables.

use std::fmt::Write as _;

use crate::cost;
use crate::expansion::Rustc;
use crate::policies::{POLICIES, x86_64};

/// What building takes; measures for minutes.
pub(crate) fn tables(text: &mut String) {
    text.push_str(COST);
    let rustc = Rustc::prepare();
    for policy in POLICIES {
        let expansion = rustc.as_ref().and_then(|rustc| rustc.expansion(policy));
        let (Some(cost), Some(expansion)) = (cost::compilation(policy, x86_64()), expansion) else {
            let _infallible = writeln!(text, "| {} | not measured | | | | | | | | |", policy.title);
            continue;
        };
        let _infallible = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {:.1} | {} | {:.1} |",
            policy.title,
            cost.whole,
            cost.parse,
            cost.yaml,
            cost.plan,
            cost.proof,
            cost.nodes,
            cost.microseconds as f64 / 1000.0,
            expansion.instructions,
            expansion.microseconds as f64 / 1000.0
        );
    }
    proofs(text);
    clean_build(text);
}

fn proofs(text: &mut String) {
    let proofs = cost::proofs().unwrap_or_default();
    text.push_str(PROOFS);
    let titles = [
        "container default, x86_64",
        "4,087 instructions, one number after the other",
        "container default, all 23 architectures",
    ];
    for (title, (slow, fast, nodes)) in titles.into_iter().zip(proofs) {
        let (slow, fast) = (slow as f64 / 1000.0, fast as f64 / 1000.0);
        let _infallible = writeln!(text, "| {title} | {nodes} | {slow:.2} | {fast:.2} |");
    }
}

fn clean_build(text: &mut String) {
    if let Some(clean) = cost::clean_build() {
        let _infallible = writeln!(
            text,
            "\nA clean build of `examples/quickstart`, which depends on the runtime alone, compiles {} crates and takes \
             {:.1} s of processor time (`CARGO_INCREMENTAL=0 cargo build -p quickstart` with an empty target directory, \
             as for dependencies from a registry; the least of three, on a machine shared with other work).",
            clean.crates,
            clean.centiseconds as f64 / 100.0
        );
    }
}

const COST: &str = "\
## Building

What the macro does for one architecture, without optimisation, as macros are built: thousands of instructions (callgrind),
nodes of the proof, and milliseconds of processor time, the least of five means of 100 in one process. *rustc* is what it
takes more for a program with `#[policy]` than for the same program under an attribute that does nothing: thousands of
instructions, and milliseconds, the mean of 100 of each in turns. Besides what the macro does, that is to load it, which
touches memory for the first time, and to check and evaluate what it emits.

*YAML* is the part of reading that is the YAML library's: no less without another one, and it goes with the length of the
text, not of the filter. `cargo run --release -p benches -- building` writes this section alone.

| | whole | reading | YAML | planning | proof | nodes | ms | rustc | ms |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|
";

const PROOFS: &str = "
The proof alone, the least of 15 runs, in milliseconds:

| | nodes | without optimisation | with |
|---|--:|--:|--:|
";
