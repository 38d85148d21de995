//! Who made a call.

use core::fmt::Write as _;
use std::collections::BTreeMap;

use seccomp_compiler::visible;

use super::stack::owner;
use super::{Frame, Observation, Recording, Seen};

/// How many combinations of values are listed.
const MOST: usize = 40;

impl Recording {
    /// Who made a call, with which values, and the stack that led to each first; empty if nobody did.
    pub fn because(&self, call: &str) -> String {
        let mut text = String::new();
        for seen in self.observations().filter(|seen| seen.name() == call) {
            let threads: Vec<_> = seen.threads().map(visible).collect();
            let _infallible = writeln!(
                text,
                "{} called {call} {}, in {} of {}, in the threads {}:",
                visible(seen.program()),
                times(seen.count()),
                seen.runs(),
                runs(self.runs().len()),
                threads.join(", "),
            );
            for each in seen.seen().take(MOST) {
                values(&seen, &each, &mut text);
            }
            if let Some(more) = seen.seen().count().checked_sub(MOST).filter(|more| *more > 0) {
                let _infallible = writeln!(text, "  and {more} other combinations of values");
            }
        }
        text
    }

    /// How often each call was made, as the text of a [`Profile`](seccomp_compiler::Profile), the most frequent first.
    pub fn profile(&self) -> String {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for seen in self.observations() {
            if let Some(name) = seen.architecture().and_then(|abi| abi.syscall_name(seen.number())) {
                let count = counts.entry(name).or_default();
                *count = count.saturating_add(seen.count());
            }
        }
        let mut counts: Vec<(&str, u64)> = counts.into_iter().collect();
        counts.sort_by_key(|(name, count)| (core::cmp::Reverse(*count), *name));
        if counts.is_empty() {
            return "{}\n".to_owned();
        }
        counts.iter().map(|(name, count)| format!("{name}: {count}\n")).collect()
    }
}

fn values(seen: &Observation<'_>, each: &Seen<'_>, text: &mut String) {
    let name = seen.name();
    let kept = seen.kept().into_iter().enumerate().filter(|(_, mask)| *mask != 0);
    let shown = kept.filter_map(|(at, _)| {
        let architecture = seen.architecture()?;
        let value = architecture.argument_value(&name, at, each.arguments[at]);
        Some(format!("{}: {value}", architecture.argument_name(&name, at).unwrap_or("argument")))
    });
    let shown: Vec<String> = shown.collect();
    let by = owner(&each.stack).map_or_else(String::new, |owner| format!(", first by {}", visible(owner)));
    let _infallible = writeln!(text, "  {name}({}) {}{by}", shown.join(", "), times(each.count));
    for frame in &each.stack {
        let _infallible = writeln!(text, "    {}", described(frame));
    }
}

/// A frame in one line, with what is known of it.
fn described(frame: &Frame) -> String {
    let Frame { function, file, line, module, offset, crate_name } = frame;
    let module = module.as_deref().map(|module| visible(module.rsplit('/').next().unwrap_or(module)));
    let place = format!("{}+{offset:#x}", module.as_deref().unwrap_or("?"));
    let mut text =
        function.as_deref().map_or_else(|| place.clone(), |function| visible(function).into_owned());
    if let Some(file) = file {
        let line = line.map_or_else(String::new, |line| format!(":{line}"));
        let _infallible = write!(text, " at {}{line}", visible(file));
    } else if function.is_some() {
        let _infallible = write!(text, " in {place}");
    }
    if let Some(name) = crate_name {
        let _infallible = write!(text, " (crate {})", visible(name));
    }
    text
}

fn times(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

fn runs(count: usize) -> String {
    if count == 1 { "1 run".to_owned() } else { format!("{count} runs") }
}
