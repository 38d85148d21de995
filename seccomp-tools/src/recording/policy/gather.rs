//! What was seen of each call, in all programs and ABIs that a policy is for.

use std::collections::{BTreeMap, BTreeSet};

use seccomp_compiler::Architecture;

use super::conditions::{OPENING, When, proposed};
use crate::recording::{Observation, Options, Recording};

/// What was seen of one call.
#[derive(Debug, Clone)]
pub(super) struct Call<'a> {
    pub(super) count: u64,
    pub(super) programs: BTreeSet<&'a str>,
    pub(super) when: When,
}

/// All calls that a policy is to allow, by name.
#[derive(Debug, Default)]
pub(super) struct Gathered<'a> {
    pub(super) calls: BTreeMap<&'static str, Call<'a>>,
    /// The architectures of the machines.
    pub(super) natives: Vec<&'static Architecture>,
    /// Whether every program is known not to be written in Rust.
    pub(super) is_foreign: bool,
    /// Whether calls came through another ABI than that of the machine.
    pub(super) has_compat: bool,
    /// How many calls have no name.
    pub(super) nameless: u64,
}

impl<'a> Gathered<'a> {
    pub(super) fn of(recording: &'a Recording, options: &Options) -> Self {
        let programs = recording.programs().iter().filter(|program| options.wants(&program.path));
        let is_foreign = programs.clone().count() > 0 && programs.clone().all(|it| it.is_rust == Some(false));
        let names: BTreeSet<&str> =
            recording.runs().iter().map(|run| run.machine.architecture.as_str()).collect();
        let natives = names.into_iter().filter_map(Architecture::find).collect();
        let mut gathered = Self { natives, is_foreign, ..Self::default() };
        for seen in recording.observations().filter(|seen| options.wants(seen.program())) {
            let architecture = seen.architecture();
            gathered.has_compat |= architecture.is_some_and(|abi| !gathered.natives.contains(&abi));
            gathered.add(&seen);
        }
        if !gathered.only_reads() {
            // Another C library may write with any of them.
            for name in OPENING {
                gathered.calls.entry(name).and_modify(|call| call.when = When::Always);
            }
        }
        gathered
    }

    /// Whether no call opened a file but for reading, as far as a filter can see.
    pub(super) fn only_reads(&self) -> bool {
        OPENING.iter().all(|name| self.calls.get(name).is_none_or(|call| call.when != When::Always))
    }

    fn add(&mut self, seen: &Observation<'a>) {
        let known = seen.architecture().and_then(|abi| Some((abi, abi.syscall_name(seen.number())?)));
        let Some((architecture, name)) = known else {
            self.nameless = self.nameless.saturating_add(seen.count());
            return;
        };
        let when = proposed(seen, architecture, name);
        let call = self.calls.entry(name).or_insert_with(|| Call {
            count: 0,
            programs: BTreeSet::new(),
            when: when.clone(),
        });
        call.count = call.count.saturating_add(seen.count());
        call.programs.insert(seen.program());
        call.when = core::mem::replace(&mut call.when, When::Always).or(when);
    }
}

impl When {
    /// What either allows.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Alternatives(mut own), Self::Alternatives(others)) => {
                for other in others {
                    if !own.contains(&other) {
                        own.push(other);
                    }
                }
                Self::Alternatives(own)
            }
            _ => Self::Always,
        }
    }
}
