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
    Log,
    Trace(u16),
    Notify,
    Errno(u16),
    Trap,
    KillThread,
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
    /// The call's name, where the number is not enough.
    pub name: &'a str,
    pub action: Action,
    pub conditions: &'a [Condition],
}

#[derive(Debug, Clone, Copy)]
pub struct Policy<'a> {
    pub default: Action,
    /// For calls of other ABIs.
    pub foreign: Action,
    pub entries: &'a [Entry<'a>],
}

/// Reads a policy and its architecture as `benches` writes them, a line for each entry, leaking them: the process is
/// short.
pub fn read(text: &str) -> (Policy<'static>, &'static str) {
    let (mut default, mut foreign, mut architecture) = (Action::KillProcess, Action::KillProcess, "");
    let mut entries = Vec::new();
    let text: &'static str = text.to_owned().leak();
    for line in text.lines() {
        let mut words = line.split(' ');
        match (words.next(), words.next().unwrap_or_default()) {
            (Some("architecture"), name) => architecture = name,
            (Some("default"), word) => default = action(word),
            (Some("foreign"), word) => foreign = action(word),
            (_, word) => {
                let number = words.next().and_then(|word| word.parse().ok()).expect("an entry has a number");
                let name = words.next().expect("an entry has a name");
                let conditions = conditions(words).leak();
                entries.push(Entry { number, name, action: action(word), conditions });
            }
        }
    }
    (Policy { default, foreign, entries: entries.leak() }, architecture)
}

fn conditions<'a>(words: impl Iterator<Item = &'a str>) -> Vec<Condition> {
    let numbers: Vec<u64> = words.filter_map(|word| word.parse().ok()).collect();
    let condition = |of: &[u64]| Condition {
        argument: of[0] as u8,
        mask: of[1],
        at_least: of[2] == 1,
        value: of[3],
        expected: of[4] == 1,
    };
    numbers.chunks_exact(5).map(condition).collect()
}

fn action(word: &str) -> Action {
    let (kind, data) = word.split_once(':').unwrap_or((word, "0"));
    let data = data.parse().expect("a number");
    match kind {
        "allow" => Action::Allow,
        "log" => Action::Log,
        "trace" => Action::Trace(data),
        "notify" => Action::Notify,
        "errno" => Action::Errno(data),
        "trap" => Action::Trap,
        "kill-thread" => Action::KillThread,
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
