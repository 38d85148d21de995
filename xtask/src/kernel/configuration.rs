//! What an architecture's configuration has to say about a condition of the preprocessor.

use std::collections::HashSet;
use std::fs::read_to_string;
use std::path::Path;

use super::abi::Abi;

/// The options that an architecture selects.
pub(super) struct Configuration {
    bits: u32,
    selected: HashSet<String>,
}

/// Options that decide between two definitions of one call, wherever they are not selected.
const DECIDING: [&str; 5] =
    ["CLONE_BACKWARDS", "CLONE_BACKWARDS2", "CLONE_BACKWARDS3", "OLD_SIGSUSPEND", "OLD_SIGSUSPEND3"];

impl Configuration {
    pub(super) fn read(source: &Path, abi: &Abi) -> Self {
        let kconfig = source.join("arch").join(abi.folder).join("Kconfig");
        let kconfig =
            read_to_string(&kconfig).unwrap_or_else(|error| panic!("{}: {error}", kconfig.display()));
        let mut configuration = Self { bits: abi.bits, selected: HashSet::new() };
        let mut block = "";
        for line in kconfig.lines() {
            if let Some(name) = line.strip_prefix("config ") {
                block = name;
            }
            let Some(select) = line.trim().strip_prefix("select ") else { continue };
            let (name, when) = select.split_once(" if ").unwrap_or((select, ""));
            if [block, when].into_iter().all(|option| configuration.has(option.trim()) != Some(false)) {
                configuration.selected.insert(name.trim().to_owned());
            }
        }
        configuration
    }

    /// Whether an option is on, if that is known: names that end in a number of bits tell.
    fn has(&self, option: &str) -> Option<bool> {
        let suffix = |bits: &str| option.ends_with(bits) || option.starts_with(bits);
        match option {
            _ if self.selected.contains(option) => Some(true),
            _ if DECIDING.contains(&option) => Some(false),
            _ if suffix("64") || suffix("64BIT") => Some(self.bits == 64),
            _ if suffix("32") || suffix("32BIT") => Some(self.bits == 32),
            _ => None,
        }
    }

    /// Whether a condition of `#if` holds, if that is known.
    pub(super) fn holds(&self, condition: &str) -> Option<bool> {
        if let Some((one, other)) = condition.split_once("||") {
            let both = [self.holds(one), self.holds(other)];
            return if both.contains(&Some(true)) { Some(true) } else { both[0].and(both[1]) };
        }
        if let Some((one, other)) = condition.split_once("&&") {
            let both = [self.holds(one), self.holds(other)];
            return if both.contains(&Some(false)) { Some(false) } else { both[0].and(both[1]) };
        }
        let condition = condition.trim();
        if let Some(negated) = condition.strip_prefix('!') {
            return self.holds(negated).map(|holds| !holds);
        }
        let name = ["defined", "IS_ENABLED"].iter().find_map(|prefix| condition.strip_prefix(prefix));
        let name = name.unwrap_or(condition).trim().trim_matches(['(', ')']);
        self.has(name.strip_prefix("CONFIG_")?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_holds_fails_or_is_not_known() {
        let selected = HashSet::from(["CLONE_BACKWARDS".to_owned()]);
        let configuration = Configuration { bits: 64, selected };
        for (condition, holds) in [
            ("defined(CONFIG_CLONE_BACKWARDS)", Some(true)),
            ("!defined(CONFIG_CLONE_BACKWARDS) && defined(CONFIG_CLONE_BACKWARDS2)", Some(false)),
            ("defined(CONFIG_X86_32) || defined(CONFIG_64BIT)", Some(true)),
            ("defined(CONFIG_KEYS)", None),
            ("defined(CONFIG_KEYS) && defined(CONFIG_OLD_SIGSUSPEND)", Some(false)),
            ("BITS_PER_LONG == 32", None),
        ] {
            assert_eq!(configuration.holds(condition), holds, "{condition}");
        }
    }
}
