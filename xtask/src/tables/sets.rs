//! `sets.rs`: the calls of each set, those of the sets in it too.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::syscalls::Syscalls;
use super::{array, header};
use crate::data::rows;

type Sets = BTreeMap<String, Vec<String>>;

pub(super) fn generate(data: &Path, syscalls: &Syscalls) -> String {
    let mut sets = Sets::new();
    for row in ["sets.csv", "own-sets.csv"].iter().flat_map(|file| rows(&data.join(file))) {
        sets.entry(row["set"].clone()).or_default().push(row["member"].clone());
    }
    let mut flat: Vec<(&str, Vec<&str>)> = Vec::new();
    for set in sets.keys() {
        let mut calls = BTreeSet::new();
        members(&sets, set, syscalls, &mut calls, &mut Vec::new());
        flat.push((set, calls.into_iter().collect()));
    }
    header("data/sets.csv and data/own-sets.csv")
        + &array("SETS", "(&str, &[&str])", &flat).replace(", [", ", &[")
}

/// Adds the calls of a set and of the sets in it; calls that no table has are left out.
fn members<'a>(
    sets: &'a Sets,
    set: &'a str,
    syscalls: &Syscalls,
    calls: &mut BTreeSet<&'a str>,
    within: &mut Vec<&'a str>,
) {
    assert!(!within.contains(&set), "{set} contains itself");
    within.push(set);
    for member in &sets[set] {
        if member.starts_with('@') {
            members(sets, member, syscalls, calls, within);
        } else if syscalls.numbers.contains_key(member) {
            calls.insert(member);
        }
    }
    within.pop();
}
