//! What building costs, as tables.

use std::fmt::Write as _;

use crate::cost;
use crate::expansion::{Expansion, Rustc};
use crate::policies::{POLICIES, x86_64};

/// What building costs. Measuring takes minutes.
pub(crate) fn tables(text: &mut String) {
    text.push_str(MACRO);
    let costs = POLICIES.map(|policy| cost::compilation(policy, x86_64()));
    for (policy, cost) in POLICIES.into_iter().zip(&costs) {
        let Some(cost) = cost else {
            let _infallible = writeln!(text, "| {} | not measured | | | | | |", policy.title);
            continue;
        };
        let _infallible = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {:.1} |",
            policy.title,
            cost.whole,
            cost.parse,
            cost.yaml,
            cost.plan,
            cost.proof,
            cost.nodes,
            milliseconds(cost.microseconds)
        );
    }
    text.push_str(RUSTC);
    let [as_built, optimised] =
        [("macro", &[][..]), ("macro-optimised", &OPTIMISED)].map(|(name, settings)| {
            let expansions = Rustc::prepare(name, settings).and_then(|rustc| rustc.expansions(&POLICIES));
            if expansions.is_none() {
                eprintln!("benches: cannot measure how long rustc takes to compile a policy ({name})");
            }
            expansions.unwrap_or_default()
        });
    if as_built.is_empty() || optimised.is_empty() {
        text.push_str("| not measured | | | | | | | |\n");
    }
    let over = [&as_built, &optimised].map(|expansions| over_the_aim(expansions));
    for ((policy, as_built), optimised) in POLICIES.into_iter().zip(as_built).zip(optimised) {
        let output = as_built.output;
        let (as_built, optimised) = (expansion(&as_built), expansion(&optimised));
        let _infallible = writeln!(text, "| {} | {output} | {as_built} | {optimised} |", policy.title);
    }
    let _infallible = writeln!(
        text,
        "\nOf these two, by the least time, over the goal as Cargo builds macros: {}; optimized: {}.",
        over[0], over[1]
    );
    proofs(text);
    promises(text);
    clean_build(text);
}

/// The goal in microseconds for a filter of about 60 instructions, such as those of the first two policies.
const AIM: i64 = 3000;

/// Which of them exceed the goal.
fn over_the_aim(expansions: &[Expansion]) -> String {
    let of_60 = POLICIES.iter().zip(expansions).take(2);
    let over: Vec<&str> = of_60.filter(|(_, of)| of.least > AIM).map(|(policy, _)| policy.title).collect();
    match over.len() {
        _ if expansions.is_empty() => "not measured".to_owned(),
        0 => "none".to_owned(),
        _ => over.join(" and "),
    }
}

/// Makes Cargo optimize what runs during the build.
const OPTIMISED: [&str; 2] = ["--config", "profile.dev.build-override.opt-level=3"];

/// Thousands of instructions; then milliseconds: the least, and the median with its quartiles.
fn expansion(of: &Expansion) -> String {
    let [lower, median, upper] = of.quartiles.map(milliseconds);
    let least = milliseconds(of.least);
    format!("{} | {least:.1} | {median:.1} ({lower:.1} to {upper:.1})", of.instructions)
}

fn milliseconds(microseconds: i64) -> f64 {
    microseconds as f64 / 1000.0
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

/// What promises and the warning about holes add.
pub(crate) fn promises(text: &mut String) {
    text.push_str(PROMISES);
    let titles = [
        "container default: a promise of one effect",
        "container default: a promise of one call",
        "container default: a promise of five effects",
        "a blocklist: the warning about holes",
    ];
    for (title, (without, with)) in titles.into_iter().zip(cost::promises().unwrap_or_default()) {
        let added = milliseconds(with - without);
        let (without, with) = (milliseconds(without), milliseconds(with));
        let _infallible = writeln!(text, "| {title} | {without:.2} | {with:.2} | {added:.2} |");
    }
}

fn clean_build(text: &mut String) {
    let costs = (cost::clean_build(&[]), cost::clean_build(&OPTIMISED), cost::clean_build_with_serde());
    if let (Some(as_built), Some(optimised), Some(with_serde)) = costs {
        let _infallible = writeln!(
            text,
            "\nA clean build of `examples/quickstart`, which only depends on the runtime, compiles {} crates and takes \
             {:.1} s of processor time, or {:.1} s with optimized macros (`CARGO_INCREMENTAL=0 cargo build -p quickstart` \
             with an empty target directory, as for dependencies from a registry; the least of three runs, on a machine \
             shared with other work). That is {:.1} times what a program takes that depends on `serde` with its derive and on \
             `serde_json`, measured in the same way.",
            as_built.crates,
            milliseconds(as_built.microseconds) / 1000.0,
            milliseconds(optimised.microseconds) / 1000.0,
            as_built.microseconds as f64 / with_serde as f64
        );
    }
}

const MACRO: &str = "\
## Building

What the macro does for one architecture, with neither optimization nor debug information, which is how Cargo builds macros by
default: thousands of instructions (callgrind), nodes of the proof, and milliseconds of processor time, the least of five means of
100 runs in one process. *YAML* is the YAML library's part of *reading*, which depends on the length of the text and not on the
filter; only a different library would reduce it. `cargo run --release -p benches -- building` writes this section alone.

| | whole | reading | YAML | planning | proof | nodes | ms |
|---|--:|--:|--:|--:|--:|--:|--:|
";

const RUSTC: &str = "

What rustc takes for a small server (`benches/data/program.rs`) with `#[policy]`, beyond what it takes for the same server under an
attribute that does nothing: thousands of instructions for one policy, and milliseconds of processor time for each of twenty
policies in one program, over 40 turns. *Least* is the difference between the shortest times with and without, when nothing else
ran on the machine; *median* is the median of the differences in each turn, with their quartiles. *Output* is the part of the
instructions that is not the macro's own: calling it, and checking and evaluating what it emits. *Optimized* is with
`opt-level = 3` in `[profile.dev.build-override]`. The goal is 3 ms for a filter of about 60 instructions, such as the container
default and the allowlist. Only another rustc and another library would reduce *output* and the YAML library's part of the first
table. For the container default, with 9 kB of text, these two alone are half as much again as everything the allowlist takes.

| | output | rustc | least | median | optimized: rustc | least | median |
|---|--:|--:|--:|--:|--:|--:|--:|
";

const PROMISES: &str = "

What a promise adds to compiling the container default, which has 61 instructions, and what looking for holes adds to a blocklist of
50, unoptimized, in milliseconds of processor time, the least of 40 runs. The goal is 1 ms for a promise.
`cargo run --release -p benches -- promises` prints this table alone.

| | without | with | added |
|---|--:|--:|--:|
";

const PROOFS: &str = "

The proof alone, the least of 15 runs, in milliseconds:

| | nodes | unoptimized | optimized |
|---|--:|--:|--:|
";
