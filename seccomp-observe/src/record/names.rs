//! The names of users, groups and the host, looked up once each.

use std::collections::HashMap;

use super::violation::Identity;

/// This machine's names for its users and groups, for records that it wrote itself.
#[derive(Debug)]
pub struct Names {
    is_local: bool,
    host: Option<String>,
    users: HashMap<u32, Option<String>>,
    groups: HashMap<u32, Option<String>>,
}

/// At most this many names are cached: more than any real log needs, but a forged one may contain any number.
const CACHED: usize = 4096;

impl Names {
    /// Names for records of this machine.
    pub fn of_this_machine() -> Self {
        Self { is_local: true, host: machine::host(), users: HashMap::new(), groups: HashMap::new() }
    }

    /// No names but the records' own, for those of any machine.
    pub fn unknown() -> Self {
        Self { is_local: false, host: None, users: HashMap::new(), groups: HashMap::new() }
    }

    /// The host name, if the records are this machine's.
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// The user's name: the record's, or else this machine's.
    pub fn user(&mut self, user: &Identity) -> Option<String> {
        named(user, self.is_local, &mut self.users, machine::user)
    }

    /// The group's name: the record's, or else this machine's.
    pub fn group(&mut self, group: &Identity) -> Option<String> {
        named(group, self.is_local, &mut self.groups, machine::group)
    }
}

fn named(
    identity: &Identity,
    is_local: bool,
    cache: &mut HashMap<u32, Option<String>>,
    look_up: fn(u32) -> Option<String>,
) -> Option<String> {
    if identity.name.is_some() || !is_local {
        return identity.name.clone();
    }
    let id = identity.id?;
    if cache.len() >= CACHED {
        cache.clear();
    }
    cache.entry(id).or_insert_with(|| look_up(id)).clone()
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
