//! What is allowed beside what was seen: what another C library, architecture or kernel calls in its place, and what
//! programs call only rarely.

use std::collections::BTreeMap;

use seccomp_compiler::{equivalents, essential_calls, panic_calls, restarted_calls, set_purpose, sets};

use super::conditions::{Alternative, OPENING, When, clone, not_executable, read_only, with_command};
use super::gather::Gathered;

/// What is added, by call.
pub(super) type Added = BTreeMap<&'static str, When>;

/// Calls that one C library makes where another makes the other.
const LIBRARIES: [(&str, &[&str]); 10] = [
    ("write", &["writev"]),
    ("writev", &["write"]),
    ("read", &["readv"]),
    ("readv", &["read"]),
    ("brk", &["mmap", "mprotect", "mremap", "munmap"]),
    ("mmap", &["brk", "mprotect", "mremap", "munmap"]),
    ("open", &["fcntl", "openat2"]),
    ("openat", &["fcntl", "openat2"]),
    ("tkill", &["gettid", "getpid", "rt_sigprocmask"]),
    ("tgkill", &["gettid", "getpid", "rt_sigprocmask"]),
];

/// What any C library may call to start and to end a thread.
const THREADS: [&str; 12] = [
    "exit",
    "futex",
    "gettid",
    "madvise",
    "membarrier",
    "mmap",
    "mprotect",
    "munmap",
    "rseq",
    "rt_sigprocmask",
    "sched_getaffinity",
    "set_robust_list",
];

/// Values that C libraries use in each other's place, and those that come with them.
const VALUES: [(&str, &[&str], &[&str]); 8] = [
    ("fcntl", &[], &["F_GETFD", "F_SETFD", "F_GETFL", "F_SETFL", "F_DUPFD_CLOEXEC"]),
    ("ioctl", &["TCGETS", "TCGETS2", "TIOCGWINSZ"], &["TCGETS", "TCGETS2", "TIOCGWINSZ"]),
    ("ioctl", &["TCSETS", "TCSETS2"], &["TCSETS", "TCSETS2"]),
    ("ioctl", &["TCSETSW", "TCSETSW2"], &["TCSETSW", "TCSETSW2"]),
    ("ioctl", &["TCSETSF", "TCSETSF2"], &["TCSETSF", "TCSETSF2"]),
    ("madvise", &[], &["MADV_DONTNEED", "MADV_FREE", "MADV_GUARD_INSTALL", "MADV_GUARD_REMOVE"]),
    ("tgkill", &[], &["SIGABRT"]),
    ("tkill", &[], &["SIGABRT"]),
];

/// Calls that start processes. None of them can replace another in every case.
const PROCESSES: [&str; 4] = ["clone", "clone3", "fork", "vfork"];

/// What is added to what was seen.
pub(super) fn added(gathered: &Gathered<'_>) -> Added {
    let mut added = Added::new();
    // glibc's qsort(3) asks how much memory there is, if there is much to sort.
    let mut wanted: Vec<&'static str> = vec!["exit", "exit_group", "rt_sigreturn", "sysinfo"];
    if !gathered.is_foreign {
        wanted.extend(essential_calls().iter().chain(panic_calls()).copied().chain(["pause"]));
    }
    wanted.extend(sets().filter(|(set, _)| *set == "@vdso").flat_map(|(_, calls)| calls.iter().copied()));
    processes(gathered, &mut added, &mut wanted);
    let seen: Vec<&str> = gathered.calls.keys().copied().filter(|name| !PROCESSES.contains(name)).collect();
    let library = LIBRARIES.iter().filter(|(call, _)| seen.contains(call));
    wanted.extend(library.flat_map(|(_, others)| others.iter().copied()));
    wanted.extend(seen);
    let elsewhere: Vec<&str> = wanted.iter().flat_map(|name| equivalents(name)).collect();
    let is_old = |name: &str| name.starts_with("old") || members("@obsolete").contains(&name);
    wanted.extend(elsewhere.into_iter().filter(|name| !is_old(name)));
    for name in wanted {
        if !gathered.calls.contains_key(name) && !PROCESSES.contains(&name) {
            added.entry(name).or_insert_with(|| usual(name, gathered));
        }
    }
    if restarted_calls().iter().any(|name| gathered.calls.contains_key(name) || added.contains_key(name)) {
        added.insert("restart_syscall", When::Always);
    }
    let can_write = |name: &str| OPENING[2..].contains(&name) && gathered.only_reads();
    added.retain(|name, _| !gathered.calls.contains_key(name) && !can_write(name));
    values(gathered, &mut added);
    added
}

/// When to allow a call that was not seen: as the call it is the equivalent of, or harmlessly.
fn usual(name: &'static str, gathered: &Gathered<'_>) -> When {
    let like = |others: [&str; 2]| {
        others.into_iter().find_map(|other| gathered.calls.get(other)).map(|call| call.when.clone())
    };
    let few = || When::Alternatives(Vec::new());
    let values = |values: &[&str]| {
        When::Alternatives(values.iter().filter_map(|value| with_command(name, value)).collect())
    };
    match name {
        "mmap" | "mmap2" => {
            like(["mmap", "mmap2"]).unwrap_or_else(|| When::Alternatives(vec![not_executable()]))
        }
        "mprotect" => When::Alternatives(vec![not_executable()]),
        "open" | "openat" if gathered.only_reads() => When::Alternatives(vec![read_only()]),
        // musl's open(3) and fdopendir(3).
        "fcntl" | "fcntl64" => like(["fcntl", "fcntl64"]).unwrap_or_else(|| values(&["F_GETFL", "F_SETFD"])),
        "tgkill" | "tkill" => like(["tgkill", "tkill"]).unwrap_or_else(few),
        "madvise" => few(),
        _ => When::Always,
    }
}

/// What starts threads and processes: `clone` in place of `clone3`, whose flags a filter cannot see.
fn processes(gathered: &Gathered<'_>, added: &mut Added, wanted: &mut Vec<&'static str>) {
    let seen = |name: &&str| gathered.calls.contains_key(*name);
    if !PROCESSES.iter().any(&seen) {
        return;
    }
    wanted.extend(THREADS);
    let waits = ["wait4", "waitid", "waitpid", "execve", "execveat", "fork", "vfork"];
    let forks = waits.iter().any(&seen)
        || matches!(
            gathered.calls.get("clone").map(|call| &call.when),
            Some(When::Alternatives(alternatives)) if alternatives.contains(&clone(false))
        );
    if !seen(&"clone") {
        added.insert("clone", When::Alternatives(vec![clone(!forks)]));
    }
    if forks {
        added.insert("fork", When::Always);
        added.insert("vfork", When::Always);
    }
}

/// Adds values to calls that are allowed with some.
fn values(gathered: &Gathered<'_>, added: &mut Added) {
    let is_seen = |name: &str| gathered.calls.contains_key(name);
    let seen = gathered.calls.iter().map(|(name, call)| (*name, call.when.clone()));
    let all: Vec<(&str, When)> = seen.chain(added.clone()).collect();
    for (name, when) in all {
        let When::Alternatives(known) = when else { continue };
        if ["fcntl", "fcntl64"].contains(&name) && !is_seen("fcntl") && !is_seen("fcntl64") {
            continue;
        }
        let table = if name == "fcntl64" { "fcntl" } else { name };
        for (_, with, others) in VALUES.iter().filter(|(of, ..)| *of == table) {
            let is_known = |value: &&str| with_command(name, value).is_some_and(|it| known.contains(&it));
            if !with.is_empty() && !with.iter().any(is_known) {
                continue;
            }
            let new = others.iter().filter(|value| !is_known(value));
            let new: Vec<Alternative> = new.filter_map(|value| with_command(name, value)).collect();
            if !new.is_empty()
                && let When::Alternatives(all) =
                    added.entry(name).or_insert_with(|| When::Alternatives(Vec::new()))
            {
                all.extend(new);
            }
        }
    }
}

/// The members of a set; none if there is no such set.
pub(in crate::recording) fn members(set: &str) -> &'static [&'static str] {
    sets().find(|(name, _)| *name == set).map_or(&[], |(_, calls)| calls)
}

/// What a set is for.
pub(super) fn purpose(set: &str) -> &'static str {
    set_purpose(set).unwrap_or_default()
}
