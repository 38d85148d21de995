//! `sets.rs`: what each set is for, and its calls, those of the sets in it too.

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
    let names = rows(&data.join("set-names.csv"));
    assert!(names.iter().all(|row| sets.contains_key(&row["set"])), "set-names.csv: a set without members");
    let mut flat: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    for set in sets.keys() {
        let mut calls = BTreeSet::new();
        members(&sets, set, syscalls, &mut calls, &mut Vec::new());
        let purpose = names.iter().find(|row| row["set"] == *set).map(|row| row["purpose"].as_str());
        let purpose = purpose.unwrap_or_else(|| panic!("set-names.csv: no `{set}`"));
        flat.push((set, purpose, calls.into_iter().collect()));
    }
    header("data/sets.csv, data/own-sets.csv and data/set-names.csv")
        + &array("SETS", "(&str, &str, &[&str])", &flat).replace(", [", ", &[")
}

/// Adds the calls of a set and of the sets in it.
fn members<'a>(
    sets: &'a Sets,
    set: &'a str,
    syscalls: &Syscalls,
    calls: &mut BTreeSet<&'a str>,
    within: &mut Vec<&'a str>,
) {
    assert!(!within.contains(&set), "{set} contains itself");
    let own = sets.get(set).unwrap_or_else(|| panic!("{}: no set is named `{set}`", within.join(": ")));
    within.push(set);
    for member in own {
        if member.starts_with('@') {
            members(sets, member, syscalls, calls, within);
        } else {
            assert!(syscalls.numbers.contains_key(member), "{set}: no call is named `{member}`");
            calls.insert(member);
        }
    }
    within.pop();
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Sets, members};
    use crate::tables::syscalls::Syscalls;

    fn expand(member: &str) {
        let mut syscalls = Syscalls::default();
        syscalls.numbers.insert("read".to_owned(), BTreeMap::new());
        let set = |member: &str| vec![member.to_owned()];
        let sets = Sets::from([("@outer".to_owned(), set("@inner")), ("@inner".to_owned(), set(member))]);
        members(&sets, "@outer", &syscalls, &mut Default::default(), &mut Vec::new());
    }

    #[test]
    fn a_member_that_is_a_call_is_taken() {
        expand("read");
    }

    #[test]
    #[should_panic = "@inner: no call is named `raed`"]
    fn a_misspelled_call_is_refused() {
        expand("raed");
    }

    #[test]
    #[should_panic = "@outer: @inner: no set is named `@iner`"]
    fn a_misspelled_set_is_refused() {
        expand("@iner");
    }
}
