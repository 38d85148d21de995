//! Coverage for people: the text of a policy with counts in the margin, and a table of what was refused.

use core::fmt::{self, Write as _};
use std::collections::{BTreeMap, BTreeSet};

use seccomp_compiler::visible;

use super::report::{Covered, Line, Report};

/// How many programs or tests are named for a refused call.
const NAMED: usize = 3;

/// How many unused members of a set are named.
const MEMBERS: usize = 8;

impl Report<'_> {
    /// The text of every file with a mark and two counts before each line that decides: `+` for one that was used, `-` for
    /// one that allows what nobody called, `?` where the recording lacks the arguments that decide, and `!` for one that
    /// refused calls; then how many calls there were, and how many tests or programs made them. What was refused, and which
    /// conditions held always or never, follows; if it is verbose, also who made the calls of each line.
    pub fn to_text(&self, is_verbose: bool) -> String {
        let mut text = String::new();
        for file in self.files.iter().filter(|file| !file.lines.is_empty()) {
            margin(file, &mut text);
        }
        for file in &self.files {
            conditions(file, &mut text);
        }
        for file in self.files.iter().filter(|_| is_verbose) {
            makers(file, &mut text);
        }
        self.refused_calls(&mut text);
        if self.uncertain > 0 {
            add(
                &mut text,
                format_args!(
                    "\n{} calls could be those of several lines, because the recording does not have the arguments that decide\n",
                    self.uncertain,
                ),
            );
        }
        text
    }

    fn refused_calls(&self, text: &mut String) {
        for falls_back in [false, true] {
            let mut refused =
                self.refused.iter().filter(|refused| refused.falls_back == falls_back).peekable();
            if refused.peek().is_none() {
                continue;
            }
            let heading = match falls_back {
                false => "refused:",
                true => "answered with ENOSYS by a rule, so that libraries make another call:",
            };
            add(text, format_args!("\n{heading}\n"));
            for refused in refused {
                let (count, call, verdict) = (refused.count, &refused.call, refused.verdict);
                add(
                    text,
                    format_args!("{count:>11}  {} → {verdict}, by {}\n", visible(call), names(&refused.by)),
                );
            }
        }
    }
}

fn margin(file: &Covered<'_>, text: &mut String) {
    add(text, format_args!("{}\n       calls   by |\n", visible(file.name)));
    for (number, line) in (1..).zip(file.text.lines()) {
        let own: Vec<&Line> = file.lines.iter().filter(|line| line.line == number).collect();
        let count = own.iter().fold(0_u64, |sum, line| sum.saturating_add(line.count));
        let makers: BTreeSet<&String> = own.iter().flat_map(|line| line.by.keys()).collect();
        let makers = makers.len();
        match own.iter().map(|line| mark(line)).max_by_key(|mark| " +?!-".find(*mark)) {
            None | Some(' ') => add(text, format_args!("{:18}| {}\n", "", visible(line))),
            Some(mark) => add(text, format_args!("{mark} {count:>10} {makers:>4} | {}\n", visible(line))),
        }
    }
}

fn mark(line: &Line) -> char {
    match (line.is_unused(), !line.verdict.is_allowed(), line.count) {
        (true, ..) => '-',
        (_, true, 1..) => '!',
        (_, _, 1..) => '+',
        (_, false, 0) if line.is_uncertain => '?',
        (_, _, 0) => ' ',
    }
}

/// What a line of the text has no room for: names on a line with others, the members of sets, and conditions.
fn conditions(file: &Covered<'_>, text: &mut String) {
    let mut heading = Some(format!("\n{}:\n", visible(file.name)));
    let mut note = |line: &Line, note: fmt::Arguments<'_>| {
        if let Some(heading) = heading.take() {
            text.push_str(&heading);
        }
        add(text, format_args!("  line {}, `{}`: {note}\n", line.line, visible(&line.name)));
    };
    for line in &file.lines {
        let has_company = file.lines.iter().filter(|other| other.line == line.line).count() > 1;
        if line.is_unused() && has_company {
            note(line, format_args!("never used"));
        }
        if line.count > 0 && !line.unused_members.is_empty() {
            note(line, format_args!("never used of this set: {}", listed(&line.unused_members, MEMBERS)));
        }
        for branch in line.branches.iter().filter(|branch| branch.is_always() || branch.is_never()) {
            let when = if branch.is_always() { "for every call" } else { "for no call" };
            let count = branch.held.saturating_add(branch.failed);
            note(line, format_args!("`{}` held {when} of {count}", branch.condition));
        }
    }
}

/// Which tests or programs made the calls of each line, and how many each.
fn makers(file: &Covered<'_>, text: &mut String) {
    for line in file.lines.iter().filter(|line| line.count > 0) {
        let (name, number) = (visible(file.name), line.line);
        add(text, format_args!("\n{name}, line {number}, `{}`:\n", visible(&line.name)));
        for (maker, count) in &line.by {
            add(text, format_args!("{count:>12} by {}\n", visible(maker)));
        }
    }
}

fn names(by: &BTreeMap<String, u64>) -> String {
    let names: Vec<_> = by.keys().map(|name| visible(name)).collect();
    listed(&names, NAMED)
}

/// The first of many.
fn listed(names: &[impl AsRef<str>], most: usize) -> String {
    let first: Vec<&str> = names.iter().take(most).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(most) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

fn add(text: &mut String, line: fmt::Arguments<'_>) {
    let _infallible = text.write_fmt(line);
}
