//! A call as a filter sees it, and as it is written: by name, with the names of its constants.

use core::fmt;

use crate::kernel::architecture::Architecture;
use crate::kernel::tables::{self, facts};

/// A system call as a filter sees it: `struct seccomp_data`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Call {
    /// The audit architecture of its ABI.
    pub arch: u32,
    /// Its number.
    pub number: u32,
    /// Where it was made.
    pub instruction_pointer: u64,
    /// Its arguments.
    pub arguments: [u64; 6],
}

impl Call {
    /// The call as a person writes it: with its name and those of its arguments where the tables of this architecture's
    /// kernel know them.
    pub fn display<'a>(&'a self, architecture: &'a Architecture) -> impl fmt::Display + 'a {
        On(self, architecture)
    }

    /// The name of the call, or its number, on this architecture's kernel.
    pub(crate) fn name(&self, architecture: &Architecture) -> String {
        let name = self.abi(architecture).and_then(|abi| abi.syscall_name(self.number));
        name.map_or_else(|| self.number.to_string(), str::to_owned)
    }

    /// The ABI that the call is made through, if this architecture's kernel has it.
    fn abi<'a>(&self, architecture: &'a Architecture) -> Option<&'a Architecture> {
        let is_of = |abi: &&Architecture| abi.has_call(self.arch, self.number);
        Some(architecture).filter(is_of).or_else(|| architecture.compat().find(is_of))
    }
}

/// Something as it is displayed on an architecture.
pub(crate) struct On<'a, T>(pub(crate) &'a T, pub(crate) &'a Architecture);

impl fmt::Display for On<'_, Call> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(Call { arch, number, arguments, .. }, native) = self;
        let Some(architecture) = self.0.abi(native) else {
            return write!(f, "call {number:#x} of the foreign architecture {arch:#010x}");
        };
        let Some(name) = architecture.syscall_name(*number) else {
            // The numbers of tables are in decimal; those far beyond are what filters compare with.
            let is_listed = *number < 0x1_0000;
            return match is_listed {
                true => write!(f, "call {number} on {architecture}"),
                false => write!(f, "call {number:#x} on {architecture}"),
            };
        };
        write!(f, "{name}(")?;
        let count = arguments.iter().rposition(|argument| *argument != 0).map_or(0, |last| last + 1);
        for (position, value) in arguments[..count].iter().enumerate() {
            let comma = if position == 0 { "" } else { ", " };
            write!(f, "{comma}{}", named(name, position, *value, architecture))?;
        }
        let rest = match count {
            0 => "…",
            6 => "",
            _ => ", …",
        };
        write!(f, "{rest}) on {architecture}")
    }
}

/// An argument by the name of its constant, if it is one of a family, else as a number.
fn named(syscall: &str, at: usize, value: u64, architecture: &Architecture) -> String {
    let family = constants_of(syscall).filter(|(argument, _)| *argument == at);
    let found =
        family.and_then(|(_, mut of)| of.find(|constant| constant.value(architecture.table) == Some(value)));
    found.map_or_else(|| format!("{value:#x}"), |constant| constant.name.to_owned())
}

/// The argument of a call that is one of a family, and the constants of that.
pub(crate) fn constants_of(syscall: &str) -> Option<(usize, impl Iterator<Item = tables::Constant> + use<>)> {
    let (_, argument, family, others) = facts::FAMILIES.iter().find(|(call, ..)| *call == syscall)?;
    let is_one = |constant: &tables::Constant| {
        let begins = |with: &[&str]| with.iter().any(|of| constant.name.starts_with(of));
        begins(family) && !begins(others) && !facts::SECOND_NAMES.contains(&constant.name)
    };
    Some((*argument, tables::constants().filter(is_one)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Otherwise alphabetical order would decide which name is shown.
    #[test]
    fn of_a_family_each_value_has_one_name() {
        for (syscall, ..) in facts::FAMILIES {
            for architecture in Architecture::all() {
                let (_, family) = constants_of(syscall).expect("it is in the list");
                let mut names = std::collections::BTreeMap::new();
                for constant in family {
                    let Some(value) = constant.value(architecture.table) else { continue };
                    let other = names.insert(value, constant.name);
                    // Of a lock's two names the shorter is the first.
                    let same = other.is_none_or(|other| constant.name.strip_suffix("64") == Some(other));
                    assert!(
                        same,
                        "{syscall} on {architecture}: {value:#x} is {other:?} and {}",
                        constant.name
                    );
                }
            }
        }
    }
}
