//! `effects.rs`: each effect with its meaning, and a line for each route to it.

use std::fmt::Write as _;
use std::path::Path;

use super::syscalls::Syscalls;
use crate::data::{Row, rows};

/// The operations that conditions of routes use.
const OPERATIONS: [&str; 5] = ["Equal", "NotEqual", "BitsSet", "BitsNotSet", "MaskedEqual"];

/// For each route `CALL KIN seen|hidden CONDITIONS`, with `-` for no kin; then, after tabs, since when, and the source.
pub(super) fn generate(data: &Path, syscalls: &Syscalls) -> String {
    let routes = rows(&data.join("effects.csv"));
    let constants: Vec<Row> =
        ["kernel/constants.csv", "constants.csv"].iter().flat_map(|file| rows(&data.join(file))).collect();
    let is_constant = |name: &str| constants.iter().any(|row| row["name"] == name);
    let names = rows(&data.join("effect-names.csv"));
    let mut out = format!(
        "// Written by `cargo xtask tables` from data/effects.csv and data/effect-names.csv. Do not edit.\n\n\
         pub(crate) static EFFECTS: [(&str, &str, &[&str]); {}] = [\n",
        names.len()
    );
    for name in &names {
        let (effect, meaning) = (&name["effect"], &name["meaning"]);
        let own: Vec<&Row> = routes.iter().filter(|route| route["effect"] == *effect).collect();
        assert!(!own.is_empty(), "effects.csv: no route leads to `{effect}`");
        let lines: Vec<String> = own.into_iter().map(|route| line(route, syscalls, &is_constant)).collect();
        writeln!(out, "    ({effect:?}, {meaning:?}, &{lines:?}),").expect("a string can be written");
    }
    out += "];\n";
    for route in &routes {
        let effect = &route["effect"];
        assert!(names.iter().any(|row| row["effect"] == *effect), "effect-names.csv: no `{effect}`");
    }
    out
}

fn line(route: &Row, syscalls: &Syscalls, is_constant: &dyn Fn(&str) -> bool) -> String {
    let (call, conditions) = (&route["call"], &route["condition"]);
    assert!(syscalls.numbers.contains_key(call), "effects.csv: no call is named `{call}`");
    assert!(!route["source"].is_empty(), "effects.csv: {call} has no source");
    for condition in conditions.split(';').filter(|condition| !condition.is_empty()) {
        check(condition, call, is_constant);
    }
    let kin = if ["", "+"].contains(&route["kin"].as_str()) {
        format!("{}-", route["kin"])
    } else {
        route["kin"].clone()
    };
    let seen = match route["hidden"].as_str() {
        "" => "seen",
        "hidden" => "hidden",
        other => panic!("effects.csv: unknown `{other}`"),
    };
    format!("{call} {kin} {seen} {conditions}\t{}\t{}", route["since"], route["source"])
}

/// `ARGUMENT OPERATION VALUE|VALUE`, with `/MASK` behind the value of `MaskedEqual`.
fn check(condition: &str, call: &str, is_constant: &dyn Fn(&str) -> bool) {
    let parts: Vec<&str> = condition.split_whitespace().collect();
    let [_, operation, value] = parts[..] else { panic!("effects.csv: {call}: `{condition}`") };
    assert!(OPERATIONS.contains(&operation), "effects.csv: {call}: `{operation}`");
    assert_eq!(operation == "MaskedEqual", value.contains('/'), "effects.csv: {call}: `{condition}`");
    for term in value.split(['|', '/']) {
        let is_number = term.starts_with(|c: char| c.is_ascii_digit());
        assert!(is_number || is_constant(term), "effects.csv: {call}: no constant is named `{term}`");
    }
}
