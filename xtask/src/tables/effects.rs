//! `effects.rs`: each effect with its meaning, and a line for each route to it; values that are twins, in the same form.

use std::fmt::Write as _;
use std::path::Path;

use super::syscalls::Syscalls;
use crate::data::{Row, rows};

/// The operations that conditions of routes use.
const OPERATIONS: [&str; 7] =
    ["Equal", "NotEqual", "BitsSet", "BitsNotSet", "MaskedEqual", "GreaterThan", "LessOrEqual"];

/// For each route `CALL KIN seen|hidden CONDITIONS`, with `-` for no kin; then, after tabs, since when, and the source.
pub(super) fn generate(data: &Path, syscalls: &Syscalls) -> String {
    let routes = rows(&data.join("effects.csv"));
    let constants: Vec<Row> =
        ["kernel/constants.csv", "constants.csv"].iter().flat_map(|file| rows(&data.join(file))).collect();
    let is_constant = |name: &str| constants.iter().any(|row| row["name"] == name);
    let names = rows(&data.join("effect-names.csv"));
    let mut out = format!(
        "// Written by `cargo xtask tables` from data/effects.csv, effect-names.csv and twin-values.csv. Do not edit.\n\n\
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
    out + &twin_values(data, syscalls, &is_constant, &names)
}

/// For each value `CALL +KIN either|refused|open CONDITIONS`; then, after tabs, the effect that it has, and the source.
fn twin_values(
    data: &Path,
    syscalls: &Syscalls,
    is_constant: &dyn Fn(&str) -> bool,
    effects: &[Row],
) -> String {
    let rows = rows(&data.join("twin-values.csv"));
    let line = |row: &Row| {
        let (kin, call, conditions, effect) = (&row["kin"], &row["call"], &row["condition"], &row["effect"]);
        check_conditions("twin-values.csv", row, syscalls, is_constant);
        let is_known = effect.is_empty() || effects.iter().any(|known| known["effect"] == *effect);
        assert!(is_known, "twin-values.csv: no effect is named `{effect}`");
        let side = match row["side"].as_str() {
            "" => "either",
            side @ ("refused" | "open") => side,
            other => panic!("twin-values.csv: unknown `{other}`"),
        };
        format!("    \"{call} +{kin} {side} {conditions}\\t{effect}\\t{}\",\n", row["source"])
    };
    let lines: String = rows.iter().map(line).collect();
    format!("\npub(crate) static TWIN_VALUES: [&str; {}] = [\n{lines}];\n", rows.len())
}

fn line(route: &Row, syscalls: &Syscalls, is_constant: &dyn Fn(&str) -> bool) -> String {
    let (call, conditions) = (&route["call"], &route["condition"]);
    check_conditions("effects.csv", route, syscalls, is_constant);
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

fn check_conditions(file: &str, row: &Row, syscalls: &Syscalls, is_constant: &dyn Fn(&str) -> bool) {
    let (call, conditions) = (&row["call"], &row["condition"]);
    assert!(syscalls.numbers.contains_key(call), "{file}: no call is named `{call}`");
    assert!(!row["source"].is_empty(), "{file}: {call} has no source");
    for condition in conditions.split(';').filter(|condition| !condition.is_empty()) {
        check(&format!("{file}: {call}"), condition, is_constant);
    }
}

/// `ARGUMENT OPERATION VALUE|VALUE`, with `/MASK` behind the value of `MaskedEqual`.
fn check(place: &str, condition: &str, is_constant: &dyn Fn(&str) -> bool) {
    let parts: Vec<&str> = condition.split_whitespace().collect();
    let [_, operation, value] = parts[..] else { panic!("{place}: `{condition}`") };
    assert!(OPERATIONS.contains(&operation), "{place}: `{operation}`");
    assert_eq!(operation == "MaskedEqual", value.contains('/'), "{place}: `{condition}`");
    for term in value.split(['|', '/']) {
        let is_number = term.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit());
        assert!(is_number || is_constant(term), "{place}: no constant is named `{term}`");
    }
}
