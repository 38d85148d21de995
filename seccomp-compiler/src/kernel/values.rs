//! What arguments take: the constants that are values or flags of each, and whether there can be anything else.

use crate::kernel::tables::{self, Constant, Table, facts};

/// A line for each argument that takes constants of a family, by call: the argument, the bits that are one of the
/// constants in hexadecimal, how the names of the constants begin, and after `!` how names begin that mean something else.
const FAMILIES: &str = include_str!("tables/families.txt");

/// A line for each argument of which more is known, by call: the argument, what else may be in it, and how the names of its
/// constants begin.
const VALUES: &str = include_str!("tables/values.txt");

/// The constants that some arguments take, so that a value can be written with their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Family {
    /// The bits that are one of the constants; every other bit is a flag of its own.
    pub(crate) mask: u64,
    /// How the names of the constants begin; the whole name if it ends in `$`. After `!`, the same for names that begin
    /// in this way but mean something else.
    names: &'static str,
}

impl Family {
    /// The constants of an argument.
    pub(crate) fn of(call: &str, argument: &str) -> Option<Self> {
        let (mask, names) = row(FAMILIES, call, argument)?.split_once(' ')?;
        Some(Self { mask: u64::from_str_radix(mask, 16).ok()?, names })
    }

    /// Every call and argument with a family.
    #[cfg(any(test, feature = "schema"))]
    pub(crate) fn all() -> impl Iterator<Item = (&'static str, &'static str, Self)> {
        FAMILIES.lines().filter_map(|line| {
            let mut parts = line.split(' ');
            let (call, argument) = (parts.next()?, parts.next()?);
            Some((call, argument, Self::of(call, argument)?))
        })
    }

    /// The constants, without second names.
    pub(crate) fn constants(&self) -> impl Iterator<Item = Constant> + use<> {
        let is = |name: &str, pattern: &str| match pattern.strip_suffix('$') {
            Some(whole) => name == whole,
            None => name.starts_with(pattern),
        };
        let patterns = self.names.split(' ');
        let others = patterns.clone().filter_map(|pattern| pattern.strip_prefix('!'));
        let own = patterns.filter(|pattern| !pattern.starts_with('!')).flat_map(move |pattern| {
            let start = pattern.trim_end_matches('$');
            tables::constants_from(start)
                .take_while(move |constant| constant.name.starts_with(start))
                .filter(move |constant| is(constant.name, pattern))
        });
        own.filter(move |Constant { name, .. }| {
            !others.clone().any(|other| is(name, other)) && !facts::SECOND_NAMES.contains(name)
        })
    }

    /// The values with their names on the architectures of `table`: first those within the mask, then the flags, of which
    /// one with several bits comes before its parts.
    pub(crate) fn values(&self, table: Table) -> Vec<(u64, &'static str)> {
        let valued = self.constants().filter_map(|constant| Some((constant.value(table)?, constant.name)));
        let mut values: Vec<(u64, &str)> = valued.collect();
        values.sort_by_key(|(value, name)| {
            let is_flag = value & !self.mask != 0;
            (if is_flag { 1 + 64 - value.count_ones() } else { 0 }, *value, name.len())
        });
        values.dedup_by_key(|(value, _)| *value);
        values
    }

    /// A value with the names of its constants; what has no name as a number.
    pub(crate) fn named(&self, value: u64, table: Table) -> String {
        let (mut rest, mut names) = (value, Vec::new());
        for (constant, name) in self.values(table) {
            let is_flag = constant & !self.mask != 0;
            // A name for nothing, such as PROT_NONE, is not beside others.
            let is_one = constant == value & self.mask && (self.mask != 0 || value == 0);
            if if is_flag { rest & constant == constant } else { is_one } {
                rest &= !(if is_flag { constant } else { self.mask });
                names.push(name.to_owned());
            }
        }
        if rest != 0 || names.is_empty() {
            names.push(format!("{rest:#x}"));
        }
        names.join("|")
    }
}

/// What an argument may hold besides the constants that it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Others {
    /// It is one of them.
    None,
    /// Any of them, combined.
    Bits,
    /// One of them under this mask, and other bits outside.
    Outside(u64),
}

/// What an argument may hold besides its constants, and how the names of these begin; `None` if that is not known.
pub(crate) fn of_argument(call: &str, argument: &str) -> Option<(Others, Vec<&'static str>)> {
    let mut parts = row(VALUES, call, argument)?.split(' ');
    let others = match parts.next()? {
        "none" => Others::None,
        "bits" => Others::Bits,
        mask => Others::Outside(u64::from_str_radix(mask, 16).ok()?),
    };
    Some((others, parts.collect()))
}

/// What a table has about an argument of a call.
fn row(text: &'static str, call: &str, argument: &str) -> Option<&'static str> {
    tables::rows(text, call).find_map(|row| row.strip_prefix(argument)?.strip_prefix(' '))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::kernel::architecture::Architecture;

    /// Otherwise alphabetical order would decide which name is shown.
    #[test]
    fn of_a_family_each_value_has_one_name() {
        let families: BTreeSet<Family> = Family::all().map(|(.., family)| family).collect();
        for family in families {
            let constants: Vec<Constant> = family.constants().collect();
            for architecture in Architecture::all() {
                let mut names = BTreeMap::new();
                for constant in &constants {
                    let Some(value) = constant.value(architecture.table) else { continue };
                    let other = names.insert(value, constant.name);
                    // Of a lock's two names the shorter is the first.
                    let same = other.is_none_or(|other| constant.name.strip_suffix("64") == Some(other));
                    assert!(
                        same,
                        "{family:?} on {architecture}: {value:#x} is {other:?} and {}",
                        constant.name
                    );
                    let is_either = value & family.mask == 0 || value & !family.mask == 0;
                    assert!(is_either, "{} on {architecture}", constant.name);
                }
            }
            assert!(!constants.is_empty(), "{family:?}");
        }
    }
}
