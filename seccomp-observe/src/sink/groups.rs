//! Violations of the same program, call and action, counted together.

use std::collections::HashMap;

use seccomp_compiler::{Architecture, shortened};

use crate::record::{Action, Time, Violation};

/// What the violations of a group have in common; its strings are of bounded length.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Kind {
    /// The program.
    pub program: Option<String>,
    arch: Option<u32>,
    number: Option<u32>,
    action: Option<Action>,
    /// The record's name for the call, if it has no number.
    syscall: Option<String>,
}

/// A group of violations.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Group {
    /// How many there are.
    pub count: u64,
    /// The time of the earliest one.
    pub first: Option<Time>,
    /// The time of the latest one.
    pub last: Option<Time>,
    /// The ABI and name of the call, from one of them.
    architecture: Option<&'static Architecture>,
    syscall: Option<String>,
}

/// The groups so far.
#[derive(Debug, Default)]
pub struct Groups {
    groups: HashMap<Kind, Group>,
    /// Violations that would have needed another group once there were [`MOST_GROUPS`].
    left_out: u64,
}

/// A log may name any number of programs; memory is bounded.
const MOST_GROUPS: usize = 10_000;

/// The characters of a program's name that are kept, and of the name that a record gives a call: a record may have 64 kB
/// of either, and the widest cell of a column widens every row.
pub(super) const LONGEST_PROGRAM: usize = 200;
pub(super) const LONGEST_SYSCALL: usize = 40;

impl Groups {
    /// Adds a violation to its group.
    pub fn add(&mut self, violation: &Violation) {
        let kind = Kind::new(violation);
        if self.groups.len() >= MOST_GROUPS && !self.groups.contains_key(&kind) {
            self.left_out += violation.times;
            return;
        }
        self.groups.entry(kind).or_insert_with(|| Group::new(violation)).add(violation);
    }

    /// The groups, largest first.
    pub fn sorted(&self) -> Vec<(&Kind, &Group)> {
        let mut groups: Vec<_> = self.groups.iter().collect();
        groups.sort_by(|(kind, group), (other_kind, other)| {
            (other.count, kind).cmp(&(group.count, other_kind))
        });
        groups
    }

    /// How many violations belong to none of the groups, because there are too many.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }
}

impl Kind {
    pub(super) fn new(violation: &Violation) -> Self {
        Self {
            program: violation.program().map(|program| shortened(program, LONGEST_PROGRAM)),
            arch: violation.arch,
            number: violation.number,
            action: violation.action,
            syscall: if violation.number.is_none() { syscall(violation) } else { None },
        }
    }
}

fn syscall(violation: &Violation) -> Option<String> {
    violation.syscall.as_ref().map(|name| shortened(name, LONGEST_SYSCALL))
}

impl Group {
    fn new(violation: &Violation) -> Self {
        let (architecture, syscall) = (violation.architecture, syscall(violation));
        Self { count: 0, first: None, last: None, architecture, syscall }
    }

    fn add(&mut self, violation: &Violation) {
        let time = violation.time;
        self.count = self.count.saturating_add(violation.times);
        self.first = self.first.into_iter().chain(time).min();
        self.last = self.last.max(time);
    }

    /// A violation with only what the group's violations share.
    pub fn example(&self, kind: &Kind) -> Violation {
        Violation {
            executable: kind.program.clone(),
            arch: kind.arch,
            architecture: self.architecture,
            number: kind.number,
            syscall: self.syscall.clone(),
            action: kind.action,
            ..Violation::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Groups, Violation};

    #[test]
    fn the_strings_of_a_group_are_bounded() {
        let mut groups = Groups::default();
        for program in ["a", "\x1b", "a"] {
            groups.add(&Violation {
                executable: Some(format!("/first{}/last", program.repeat(10_000))),
                syscall: Some("c".repeat(60_000)),
                ..Violation::default()
            });
        }
        let sorted = groups.sorted();
        assert_eq!(sorted.len(), 2);
        for (kind, group) in sorted {
            let example = group.example(kind);
            assert!(
                [example.executable, example.syscall]
                    .iter()
                    .flatten()
                    .all(|text| text.chars().count() <= 200)
            );
        }
    }
}
