//! The change to a policy's text that allows a call, as a patch to review.
//!
//! A change is tried on the text and kept only if the policy then compiles and allows the call whatever its
//! arguments; so what is offered does what it says, and where the text is written in a way that is not understood
//! here nothing is offered. Comments and layout stay as they are.

use seccomp_compiler::{AbiRules, Compiled, Compiler, Rule, SourceFile, Span, Verdict};
use similar::TextDiff;

use super::{always, reachable};

/// A call that a policy is to allow.
#[derive(Clone, Copy)]
pub(super) struct Wish<'a> {
    pub(super) policy: &'a str,
    pub(super) name: &'a str,
    pub(super) number: u32,
    pub(super) compiler: Compiler<'a>,
}

/// The patch from one text to the other; empty where they are equal.
pub(super) fn unified(path: &str, old: &str, new: &str) -> String {
    let path = path.trim_start_matches("./").trim_start_matches('/');
    let diff = TextDiff::from_lines(old, new);
    diff.unified_diff().context_radius(3).header(&format!("a/{path}"), &format!("b/{path}")).to_string()
}

/// What stands behind `key:` where a line begins with that key of a policy.
fn value_of<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let line = line.trim_start();
    let line = line.strip_prefix("seccomp.").unwrap_or(line);
    line.strip_prefix(key)?.trim_start().strip_prefix(':')
}

impl Wish<'_> {
    /// Whether the policy allows the call, whatever its arguments.
    pub(super) fn is_granted(&self, text: &str) -> bool {
        self.with_rules(text, |_, abi| always(abi, self.number, Verdict::Allow)).unwrap_or(false)
    }

    /// The text that allows the call.
    pub(super) fn grant(&self, text: &str) -> Option<String> {
        let without = self.without_entries(text);
        let candidates = [
            without.clone(),
            without.and_then(|text| self.with_name(&text)),
            self.with_name(text),
            self.with_group(text),
        ];
        candidates.into_iter().flatten().find(|text| self.is_granted(text))
    }

    /// Compiles the text and looks at the rules of the architecture.
    fn with_rules<T>(&self, text: &str, look: impl FnOnce(&Compiled, &AbiRules) -> T) -> Option<T> {
        let file = SourceFile::new(self.policy, text);
        let compiled = self.compiler.compile(&file).ok()?;
        let abi = compiled.rules().abis.first()?;
        Some(look(&compiled, abi))
    }

    /// Where a rule is in the text; none for one of an included file.
    fn span(&self, compiled: &Compiled, rule: &Rule) -> Option<Span> {
        let (file, span) = compiled.sources.locate(compiled.origins.source(rule.origin).place);
        (file.name() == self.policy).then_some(span)
    }

    /// The text without what decides the call now.
    fn without_entries(&self, text: &str) -> Option<String> {
        let mut entries = self.with_rules(text, |compiled, abi| {
            let rules = reachable(abi, self.number);
            let place = |rule: &&Rule| Some((self.span(compiled, rule)?, !rule.conditions.is_empty()));
            rules.iter().map(place).collect::<Option<Vec<_>>>()
        })??;
        entries.sort_unstable();
        let mut lines = Lines::of(text);
        // From the last, so that the places of the others stay.
        for (span, conditional) in entries.into_iter().rev() {
            if conditional { lines.remove_mapping(span)? } else { lines.remove_name(span, self.name)? }
        }
        Some(lines.text())
    }

    /// The text with the name in the last list of names that are allowed.
    fn with_name(&self, text: &str) -> Option<String> {
        let allowed = self.with_rules(text, |compiled, abi| {
            let allowed =
                abi.rules.iter().filter(|rule| rule.verdict == Verdict::Allow && rule.conditions.is_empty());
            allowed.filter_map(|rule| self.span(compiled, rule)).max()
        })?;
        let mut lines = Lines::of(text);
        lines.insert_name(allowed?, self.name)?;
        Some(lines.text())
    }

    /// The text with a first group that allows the name.
    fn with_group(&self, text: &str) -> Option<String> {
        let mut lines = Lines::of(text);
        lines.insert_group(self.name)?;
        Some(lines.text())
    }
}

/// A text as lines, without their ends.
struct Lines<'a> {
    lines: Vec<String>,
    end: &'a str,
    is_ended: bool,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        Self { lines: text.lines().map(str::to_owned).collect(), end, is_ended: text.ends_with('\n') }
    }

    fn text(&self) -> String {
        let last = if self.is_ended { self.end } else { "" };
        self.lines.join(self.end) + last
    }

    fn line(&self, span: Span) -> Option<&str> {
        self.lines.get(span.line.checked_sub(1)?).map(String::as_str)
    }

    /// Removes an entry of `names`: its line, or its place between commas.
    fn remove_name(&mut self, span: Span, name: &str) -> Option<()> {
        let line = self.line(span)?;
        if item(line).is_some_and(|item| item.trim_matches(['"', '\'']) == name) {
            return self.remove(span.line - 1, span.line);
        }
        let (before, token, after) = split(line, span)?;
        if token.trim_matches(['"', '\'']) != name {
            return None;
        }
        let kept = match (after.trim_start().strip_prefix(','), before.trim_end().strip_suffix(',')) {
            (Some(after), _) => format!("{before}{}", after.trim_start()),
            (None, Some(before)) => format!("{before}{after}"),
            (None, None) => return None,
        };
        self.lines[span.line - 1] = kept;
        Some(())
    }

    /// Removes an entry of `names_with_args`: the item of the list that the name is in.
    fn remove_mapping(&mut self, span: Span) -> Option<()> {
        let mut first = span.line.checked_sub(1)?;
        let key = indent(self.lines.get(first)?);
        while !self.lines[first].trim_start().starts_with("- ")
            || (first < span.line - 1 && indent(&self.lines[first]) >= key)
        {
            first = first.checked_sub(1)?;
        }
        let dash = indent(&self.lines[first]);
        let within = |line: &&String| line.trim().is_empty() || indent(line) > dash;
        let more = self.lines[first + 1..].iter().take_while(within).count();
        let blank =
            self.lines[first + 1..first + 1 + more].iter().rev().take_while(|line| line.trim().is_empty());
        let end = first + 1 + more - blank.count();
        self.remove(first, end)
    }

    /// Removes lines, and the key before them if it has nothing left.
    fn remove(&mut self, first: usize, end: usize) -> Option<()> {
        let depth = indent(self.lines.get(first)?);
        self.lines.drain(first..end);
        let is_item = |line: &String| indent(line) == depth && line.trim_start().starts_with("- ");
        let key = first.checked_sub(1).filter(|key| {
            let line = &self.lines[*key];
            line.trim_end().ends_with(':') && !line.trim_start().starts_with("- ") && indent(line) <= depth
        });
        if let (Some(key), false) = (key, self.lines.get(first).is_some_and(is_item)) {
            self.lines.remove(key);
        }
        Some(())
    }

    /// Puts a name beside the one at this place: in order where the names are in order, or else behind them.
    fn insert_name(&mut self, beside: Span, name: &str) -> Option<()> {
        let line = self.line(beside)?;
        if item(line).is_none() {
            let (before, token, after) = split(line, beside)?;
            self.lines[beside.line - 1] = format!("{before}{token}, {name}{after}");
            return Some(());
        }
        let (depth, at) = (indent(line), beside.line - 1);
        let is_one = |line: &String| indent(line) == depth && item(line).is_some();
        let above = self.lines[..at].iter().rev().take_while(|line| is_one(line)).count();
        let below = self.lines[at..].iter().take_while(|line| is_one(line)).count();
        let names = &self.lines[at - above..at + below];
        let later = names.iter().position(|line| item(line) > Some(name));
        let place = later.filter(|_| names.is_sorted_by_key(|line| item(line))).unwrap_or(names.len());
        self.lines.insert(at - above + place, format!("{:depth$}- {name}", ""));
        Some(())
    }

    /// Puts a group before all others.
    fn insert_group(&mut self, name: &str) -> Option<()> {
        let key = self.lines.iter().position(|line| value_of(line, "syscalls").is_some_and(is_nothing))?;
        let first =
            self.lines[key + 1..].iter().position(|line| !is_nothing(line)).map(|more| key + 1 + more)?;
        let depth = indent(&self.lines[first]);
        if !self.lines[first].trim_start().starts_with("- ") {
            return None;
        }
        let group = ["- action: allow".to_owned(), "  names:".to_owned(), format!("  - {name}")];
        self.lines.splice(first..first, group.map(|line| format!("{:depth$}{line}", "")));
        Some(())
    }
}

/// Whether there is nothing but whitespace and a comment.
fn is_nothing(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || text.starts_with('#')
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The one word of a line `- word`, with a comment or without.
fn item(line: &str) -> Option<&str> {
    let item = line.trim_start().strip_prefix("- ")?;
    let item = item.split(" #").next()?.trim();
    let plain = !item.contains([':', '[', '{', ' ', ',']);
    (plain && !item.is_empty()).then_some(item)
}

/// A line before, at and behind a span, which counts characters.
fn split(line: &str, span: Span) -> Option<(&str, &str, &str)> {
    let byte = |character| line.char_indices().map(|(byte, _)| byte).chain([line.len()]).nth(character);
    let start = byte(span.column.checked_sub(1)?)?;
    let end = byte(span.column - 1 + span.length)?;
    Some((&line[..start], &line[start..end], &line[end..]))
}
