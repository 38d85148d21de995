//! The names of users, of groups and of the machine, asked for once each.

use std::collections::HashMap;

use super::violation::Identity;

/// What this machine calls its users, where the records are its own.
pub(crate) struct Names {
    is_local: bool,
    host: Option<String>,
    users: HashMap<u32, Option<String>>,
    groups: HashMap<u32, Option<String>>,
}

/// More users than a log names; a made-up one can name more.
const KEPT: usize = 4096;

impl Names {
    pub(crate) fn new(is_local: bool) -> Self {
        let host = if is_local { machine::host() } else { None };
        Self { is_local, host, users: HashMap::new(), groups: HashMap::new() }
    }

    /// The machine's name, if the records are its own.
    pub(crate) fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// The user's name: the record's own, or else this machine's.
    pub(crate) fn user(&mut self, user: &Identity) -> Option<String> {
        named(user, self.is_local, &mut self.users, machine::user)
    }

    /// The group's name, likewise.
    pub(crate) fn group(&mut self, group: &Identity) -> Option<String> {
        named(group, self.is_local, &mut self.groups, machine::group)
    }
}

fn named(
    of: &Identity,
    is_local: bool,
    known: &mut HashMap<u32, Option<String>>,
    find: fn(u32) -> Option<String>,
) -> Option<String> {
    if of.name.is_some() || !is_local {
        return of.name.clone();
    }
    if known.len() > KEPT {
        known.clear();
    }
    known.entry(of.id).or_insert_with(|| find(of.id)).clone()
}

#[cfg(target_os = "linux")]
mod machine {
    use nix::unistd::{Gid, Group, Uid, User, gethostname};

    pub(super) fn host() -> Option<String> {
        gethostname().ok().and_then(|name| name.into_string().ok())
    }

    pub(super) fn user(id: u32) -> Option<String> {
        User::from_uid(Uid::from_raw(id)).ok().flatten().map(|user| user.name)
    }

    pub(super) fn group(id: u32) -> Option<String> {
        Group::from_gid(Gid::from_raw(id)).ok().flatten().map(|group| group.name)
    }
}

#[cfg(not(target_os = "linux"))]
mod machine {
    pub(super) fn host() -> Option<String> {
        None
    }

    pub(super) fn user(_: u32) -> Option<String> {
        None
    }

    pub(super) fn group(_: u32) -> Option<String> {
        None
    }
}
