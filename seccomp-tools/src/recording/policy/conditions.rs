//! Which conditions a policy can have on a call, from the values that its arguments had.
//!
//! A condition is proposed where an argument decides what a call does and had few values. Anything else stays
//! unconditional: a policy that refuses what a program was seen to do is worse than one that allows a little more.

use std::collections::BTreeSet;

use seccomp_compiler::Architecture;
use seccomp_compiler::policy::{Condition, Operation, Term, Value};

use crate::recording::Observation;

/// With more values than this, a condition would be a list that nobody reads.
const MOST: usize = 8;

/// One way to make a call that is allowed: conditions that must all hold.
pub(super) type Alternative = Vec<Condition>;

/// When a call is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum When {
    /// Whatever its arguments.
    Always,
    /// If one of these holds; there is at least one.
    Alternatives(Vec<Alternative>),
}

/// An argument whose constant decides what a call does, and the mask of the bits that are one of its constants.
struct Command {
    call: &'static str,
    argument: &'static str,
    mask: Option<u64>,
}

const fn command(call: &'static str, argument: &'static str) -> Command {
    Command { call, argument, mask: None }
}

/// The arguments on which conditions are proposed.
const COMMANDS: [Command; 20] = [
    command("arch_prctl", "option"),
    command("bpf", "cmd"),
    command("fcntl", "cmd"),
    command("fcntl64", "cmd"),
    command("getsockopt", "level"),
    command("ioctl", "cmd"),
    command("keyctl", "option"),
    command("kill", "sig"),
    command("madvise", "behavior"),
    command("prctl", "option"),
    command("ptrace", "request"),
    command("seccomp", "op"),
    command("setsockopt", "level"),
    command("socket", "family"),
    Command { call: "socket", argument: "type", mask: Some(0xf) },
    command("socketpair", "family"),
    Command { call: "socketpair", argument: "type", mask: Some(0xf) },
    command("tgkill", "sig"),
    command("tkill", "sig"),
    command("membarrier", "cmd"),
];

/// The calls that map memory that can be executed, if `prot` says so.
const MAPPING: [&str; 4] = ["mmap", "mmap2", "mprotect", "pkey_mprotect"];

/// The calls that open files by name. The first two have flags that a filter can see.
pub(super) const OPENING: [&str; 4] = ["open", "openat", "openat2", "creat"];

/// What opens a file for anything but reading: the two ways to write, and the flags that create or truncate it.
const WRITING: [&str; 4] = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"];

/// What makes `clone` create namespaces.
pub(super) const NAMESPACES: [&str; 7] = [
    "CLONE_NEWNS",
    "CLONE_NEWCGROUP",
    "CLONE_NEWUTS",
    "CLONE_NEWIPC",
    "CLONE_NEWUSER",
    "CLONE_NEWPID",
    "CLONE_NEWNET",
];

/// When to allow a call that was observed.
pub(super) fn proposed(seen: &Observation<'_>, architecture: &Architecture, name: &str) -> When {
    let position = |argument| position(architecture, name, argument);
    if MAPPING.contains(&name) {
        return without_bits(seen, position("prot"), architecture.constant("PROT_EXEC"), not_executable);
    }
    if OPENING[..2].contains(&name) {
        return without_bits(seen, position("flags"), union(architecture, &WRITING), read_only);
    }
    if name == "clone" {
        let bits = union(architecture, &NAMESPACES);
        let threads = architecture.constant("CLONE_THREAD").unwrap_or_default();
        let at = position("clone_flags");
        let only_threads =
            at.and_then(|at| seen.values(at)).is_some_and(|all| all.iter().all(|flags| flags & threads != 0));
        return without_bits(seen, at, bits, || clone(only_threads));
    }
    let commands = COMMANDS.iter().filter(|command| command.call == name);
    let arguments: Vec<(&Command, usize)> =
        commands.filter_map(|command| Some((command, position(command.argument)?))).collect();
    // If all arguments together have too many values, the first may still have few.
    let few = (1..=arguments.len())
        .rev()
        .find_map(|count| alternatives(seen, architecture, name, &arguments[..count]));
    few.map_or(When::Always, When::Alternatives)
}

fn alternatives(
    seen: &Observation<'_>,
    architecture: &Architecture,
    name: &str,
    arguments: &[(&Command, usize)],
) -> Option<Vec<Alternative>> {
    let constants = architecture.constant_arguments(name);
    for (_, at) in arguments {
        let whole = constants.iter().find(|(constant, _)| constant == at)?.1;
        if seen.kept()[*at] != whole {
            return None;
        }
    }
    let values_of = |tuple: [u64; 6]| {
        arguments.iter().map(move |(command, at)| tuple[*at] & command.mask.unwrap_or(u64::MAX))
    };
    let values: BTreeSet<Vec<u64>> = seen.seen().map(|it| values_of(it.arguments).collect()).collect();
    if values.len() > MOST {
        return None;
    }
    let alternative = |values: &Vec<u64>| {
        let conditions = arguments.iter().zip(values).map(|((command, at), value)| {
            let value = constant(&architecture.argument_value(name, *at, *value), *value);
            match command.mask {
                None => Condition::new(command.argument, Operation::Equal, value),
                Some(mask) => Condition::masked(command.argument, i128::from(mask), value),
            }
        });
        conditions.collect()
    };
    Some(values.iter().map(alternative).collect())
}

/// The value by the name of its constant, if that is one.
fn constant(shown: &str, value: u64) -> Value {
    match shown.starts_with(|first: char| first.is_ascii_uppercase()) && !shown.contains('|') {
        true => shown.into(),
        false => i128::from(value).into(),
    }
}

/// The bits of all these constants.
fn union(architecture: &Architecture, flags: &[&str]) -> Option<u64> {
    flags.iter().filter_map(|flag| architecture.constant(flag)).reduce(|all, bits| all | bits)
}

/// One alternative if none of these bits was seen in an argument; else always.
fn without_bits(
    seen: &Observation<'_>,
    at: Option<usize>,
    bits: Option<u64>,
    alternative: impl FnOnce() -> Alternative,
) -> When {
    let values = at.and_then(|at| Some((seen.values(at)?, seen.kept()[at])));
    match (values, bits) {
        (Some((values, kept)), Some(bits))
            if kept & bits == bits && values.iter().all(|value| value & bits == 0) =>
        {
            When::Alternatives(vec![alternative()])
        }
        _ => When::Always,
    }
}

/// Memory that cannot be executed.
pub(super) fn not_executable() -> Alternative {
    vec![Condition::new("prot", Operation::BitsNotSet, "PROT_EXEC")]
}

/// Files that are opened for reading alone.
pub(super) fn read_only() -> Alternative {
    vec![none_of(&WRITING)]
}

/// None of these flags.
fn none_of(flags: &[&str]) -> Condition {
    let terms = flags.iter().map(|flag| Term::Constant((*flag).to_owned())).collect();
    Condition::new("flags", Operation::BitsNotSet, Value { terms })
}

/// New threads, or also new processes, but no namespaces.
pub(super) fn clone(only_threads: bool) -> Alternative {
    let none = none_of(&NAMESPACES);
    let threads = only_threads.then(|| Condition::new("flags", Operation::BitsSet, "CLONE_THREAD"));
    threads.into_iter().chain([none]).collect()
}

/// A call with this value of the argument that decides what it does.
pub(super) fn with_command(call: &str, value: &str) -> Option<Alternative> {
    let command = COMMANDS.iter().find(|command| command.call == call)?;
    Some(vec![Condition::new(command.argument, Operation::Equal, value)])
}

/// Where an argument is, if a filter can see it.
pub(super) fn position(architecture: &Architecture, call: &str, argument: &str) -> Option<usize> {
    let kernel = if (call, argument) == ("clone", "flags") { "clone_flags" } else { argument };
    (0..6).find(|at| architecture.argument_name(call, *at) == Some(kernel))
}

/// The constants that a condition names.
pub(super) fn constants(condition: &Condition) -> impl Iterator<Item = &str> {
    let values = condition.value.iter().chain(&condition.mask);
    values.flat_map(|value| &value.terms).filter_map(|term| match term {
        Term::Constant(name) => Some(name.as_str()),
        Term::Number(_) => None,
    })
}
