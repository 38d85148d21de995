//! What depends on the call of an entry: the names of its arguments, and the constants that each of them takes.

use std::collections::{BTreeMap, BTreeSet};

use super::json::{Json, object, text};
use super::pattern::one_of;
use super::{any, reference, required, suggested};
use crate::kernel::architecture::Architecture;
use crate::kernel::tables::{self, Syscall};
use crate::kernel::values::Family;

/// How the arguments of a call can be named, and which of them take constants of a family.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Arguments {
    names: BTreeSet<&'static str>,
    /// Each family with the names and positions of its argument.
    families: BTreeMap<Family, (BTreeSet<&'static str>, BTreeSet<usize>)>,
}

impl Arguments {
    fn of(syscall: Syscall) -> Self {
        let (mut names, mut families) = (BTreeSet::new(), BTreeMap::new());
        let signatures = Architecture::all().filter_map(|of| syscall.signature(of.table));
        for (position, argument) in signatures.flat_map(|arguments| arguments.into_iter().enumerate()) {
            if argument.name == "-" {
                continue;
            }
            let manual = tables::manual_names(syscall.name, argument.name);
            let own: BTreeSet<&str> = manual.chain([argument.name]).collect();
            names.extend(own.iter().copied());
            if let Some(family) = Family::of(syscall.name, argument.name) {
                let (names, positions): &mut (BTreeSet<_>, BTreeSet<_>) = families.entry(family).or_default();
                names.extend(own);
                positions.insert(position);
            }
        }
        Self { names, families }
    }

    /// The schema of a condition on one of them.
    fn condition(&self) -> Json {
        let argument = object([
            ("enum", named_or_numbered(&self.names, 0..6)),
            ("errorMessage", text("not an argument of this call; use its name, or its number from 0 to 5")),
        ]);
        let keys = ["argument", "position"];
        let properties = keys.map(|key| (key, argument.clone()));
        let of_family = self.families.iter().map(|(family, (names, positions))| {
            let argument = object([("enum", named_or_numbered(names, positions.iter().copied()))]);
            let is_its = |key| required(key).with("properties", object([(key, argument.clone())]));
            object([
                ("if", any(keys.map(is_its))),
                ("then", object([("properties", object([("value", reference(&family_name(*family)))]))])),
            ])
        });
        let condition = object([("properties", object(properties))]);
        match self.families.is_empty() {
            true => condition,
            false => condition.with("allOf", Json::Array(of_family.collect())),
        }
    }
}

/// The calls that share their arguments, each list of them once.
fn alike() -> Vec<(Arguments, Vec<&'static str>)> {
    let mut alike: BTreeMap<Arguments, Vec<&str>> = BTreeMap::new();
    for syscall in tables::syscalls() {
        alike.entry(Arguments::of(syscall)).or_default().push(syscall.name);
    }
    alike.into_iter().collect()
}

/// The branches of an entry: what its conditions are for each call.
pub(super) fn branches() -> Json {
    let branches = alike().into_iter().map(|(_, calls)| {
        // A pattern, as editors take the beginning of a name for one of an `enum` while it is written.
        let name = object([("pattern", text(&format!("^{}$", one_of(calls.iter().copied()))))]);
        let conditions = object([("items", reference(&definition_name(calls[0])))]);
        object([
            ("if", required("name").with("properties", object([("name", name)]))),
            ("then", object([("properties", object([("arguments", conditions)]))])),
        ])
    });
    Json::Array(branches.collect())
}

/// The definitions to which the branches refer.
pub(super) fn definitions() -> Vec<(String, Json)> {
    let of_calls =
        alike().into_iter().map(|(arguments, calls)| (definition_name(calls[0]), arguments.condition()));
    let families: BTreeSet<Family> = Family::all().map(|(.., family)| family).collect();
    let families: BTreeMap<String, Family> =
        families.into_iter().map(|family| (family_name(family), family)).collect();
    let families = families.into_iter().map(|(name, family)| {
        (name, suggested(object([]), family.constants().map(|constant| constant.name)))
    });
    of_calls.chain(families).collect()
}

fn definition_name(call: &str) -> String {
    format!("{call}.arguments")
}

/// The first of the arguments that take it.
fn family_name(family: Family) -> String {
    let first = Family::all().find(|(.., other)| *other == family);
    first.map_or_else(String::new, |(call, argument, _)| format!("{call}.{argument}"))
}

fn named_or_numbered(names: &BTreeSet<&'static str>, numbers: impl IntoIterator<Item = usize>) -> Json {
    let numbers = numbers.into_iter().filter_map(|number| i128::try_from(number).ok());
    Json::Array(names.iter().map(|name| text(name)).chain(numbers.map(Json::Number)).collect())
}
