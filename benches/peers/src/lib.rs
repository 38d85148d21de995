//! A policy as the peers' interfaces take one: numbers, and conditions on arguments.

use std::time::{Duration, Instant};

#[cfg(feature = "libseccomp")]
pub mod with_libseccomp;
#[cfg(feature = "seccompiler")]
pub mod with_seccompiler;

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Allow,
    Errno(u16),
    Trap,
    KillProcess,
}

/// `argument & mask` is `value`, or at least `value`; or, where not `expected`, is not.
#[derive(Debug, Clone, Copy)]
pub struct Condition {
    pub argument: u8,
    pub mask: u64,
    pub at_least: bool,
    pub value: u64,
    pub expected: bool,
}

/// A call, and conditions that must all hold.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    pub number: u32,
    pub action: Action,
    pub conditions: &'a [Condition],
}

#[derive(Debug, Clone, Copy)]
pub struct Policy<'a> {
    pub default: Action,
    pub entries: &'a [Entry<'a>],
}

/// Reads a policy as `benches` writes it, a line for each entry, leaking it: the process is short.
pub fn read(text: &str) -> Policy<'static> {
    let mut default = Action::KillProcess;
    let mut entries = Vec::new();
    for line in text.lines() {
        let mut words = line.split(' ');
        let kind = words.next().unwrap_or_default();
        let action = action(words.next().unwrap_or_default());
        if kind == "default" {
            default = action;
            continue;
        }
        let numbers: Vec<u64> = words.filter_map(|word| word.parse().ok()).collect();
        let (number, rest) = numbers.split_first().expect("an entry has a number");
        let conditions: Vec<Condition> = rest
            .chunks_exact(5)
            .map(|of| Condition {
                argument: of[0] as u8,
                mask: of[1],
                at_least: of[2] == 1,
                value: of[3],
                expected: of[4] == 1,
            })
            .collect();
        entries.push(Entry { number: *number as u32, action, conditions: conditions.leak() });
    }
    Policy { default, entries: entries.leak() }
}

fn action(word: &str) -> Action {
    match word.split_once(':') {
        Some(("errno", number)) => Action::Errno(number.parse().expect("a number")),
        _ if word == "allow" => Action::Allow,
        _ if word == "trap" => Action::Trap,
        _ => Action::KillProcess,
    }
}

/// Prints how long it took from the start of `main` until now, and exits; the clock needs no system call.
#[inline(never)]
pub fn report(start: Instant, installed: bool) -> ! {
    let elapsed: Duration = start.elapsed();
    println!("{}", elapsed.as_nanos());
    std::process::exit(i32::from(!installed))
}
