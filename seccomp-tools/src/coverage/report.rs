//! Counts by the lines of the files.

use std::collections::{BTreeMap, BTreeSet};

use seccomp_compiler::{
    AbiRules, Architecture, ArgCondition, Call, Comparison, Locator, Must, Place, Rule, Verdict,
};

use super::{Coverage, Fallback, Hits};

/// Which lines of a policy decided, and what was refused.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Report<'a> {
    /// The files of the policy, its own first: each with its text and its lines that decide.
    pub files: Vec<Covered<'a>>,
    /// The calls that were refused, the most frequent first.
    pub refused: Vec<Refused>,
    /// How many calls may have been decided by several lines, as a recording lacks the arguments that decide.
    pub uncertain: u64,
}

/// A file of a policy.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Covered<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its text.
    pub text: String,
    /// What decides calls, in the order of the file.
    pub lines: Vec<Line>,
}

/// An entry of a policy, or a key at its root.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Line {
    /// Where it is.
    pub place: Place,
    /// Its line, from 1.
    pub line: usize,
    /// The name of the call, the set or the key.
    pub name: String,
    /// What it answers.
    pub verdict: Verdict,
    /// How many calls it decided.
    pub count: u64,
    /// Which programs or tests made them, and how many each.
    pub by: BTreeMap<String, u64>,
    /// The calls of a set that were not made.
    pub unused_members: Vec<&'static str>,
    /// Its conditions.
    pub branches: Vec<Branch>,
    /// Whether calls that cannot be attributed may have reached it.
    pub is_uncertain: bool,
    is_key: bool,
}

/// A condition of an entry, and how often it held.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Branch {
    /// The condition, as `type & 0xf == SOCK_STREAM`.
    pub condition: String,
    /// How often it held.
    pub held: u64,
    /// How often it did not.
    pub failed: u64,
}

/// A call that was refused.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Refused {
    /// The call, with the names of its constants.
    pub call: String,
    /// What it was answered with.
    pub verdict: Verdict,
    /// Whether it is answered with ENOSYS by a rule, so that libraries make another call.
    pub falls_back: bool,
    /// How often.
    pub count: u64,
    /// Which programs or tests made it.
    pub by: BTreeMap<String, u64>,
}

impl Line {
    /// Whether it allows calls that nobody made.
    pub fn is_unused(&self) -> bool {
        !self.is_key && self.verdict.is_allowed() && self.count == 0 && !self.is_uncertain
    }
}

impl Branch {
    /// Whether it held for every call, and calls came to it.
    pub const fn is_always(&self) -> bool {
        self.held > 0 && self.failed == 0
    }

    /// Whether it held for no call, and calls came to it.
    pub const fn is_never(&self) -> bool {
        self.held == 0 && self.failed > 0
    }
}

impl Report<'_> {
    /// Every line, file by file.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.files.iter().flat_map(|file| &file.lines)
    }

    /// The lines that allow calls that nobody made.
    pub fn unused(&self) -> impl Iterator<Item = &Line> {
        self.lines().filter(|line| line.is_unused())
    }
}

impl<'a> Coverage<'a> {
    /// The counts so far, by the lines of the files.
    pub fn report(&self) -> Report<'a> {
        let sources = &self.compiled.sources;
        let mut locator = Locator::new(sources);
        let mut files: Vec<Covered<'a>> = sources
            .iter()
            .map(|file| Covered { name: file.name(), text: file.text().into_owned(), lines: Vec::new() })
            .collect();
        for mut line in self.lines().into_values().chain(self.keys()) {
            let (file, span) = locator.locate(line.place);
            line.line = span.line;
            // Two files can have one name only if they are one.
            if let Some(file) = files.iter_mut().find(|known| known.name == file.name()) {
                file.lines.push(line);
            }
        }
        for file in &mut files {
            file.lines.sort_by_key(|line| (line.line, line.place));
        }
        let uncertain = self.uncertain.values().fold(0_u64, |sum, count| sum.saturating_add(*count));
        Report { files, refused: self.refusals(), uncertain }
    }

    /// The entries of the policy.
    fn lines(&self) -> BTreeMap<Place, Line> {
        let mut lines: BTreeMap<Place, Line> = BTreeMap::new();
        let mut used: BTreeSet<(Place, &str)> = BTreeSet::new();
        for (abi, rules) in self.compiled.rules().abis.iter().enumerate() {
            for (index, rule) in rules.rules.iter().enumerate() {
                let source = self.compiled.origins.source(rule.origin);
                let name = source.set.or(source.effect.map(|route| route.effect)).unwrap_or(source.name);
                let line =
                    lines.entry(source.place).or_insert_with(|| Line::new(source.place, name, rule.verdict));
                let hits = self.rules.get(&(abi, index));
                line.add(hits);
                line.is_uncertain |= self.uncertain.contains_key(&(abi, rule.number));
                if hits.is_some_and(|hits| hits.count > 0) || line.is_uncertain {
                    used.insert((source.place, source.name));
                }
                if source.set.is_some() && !line.unused_members.contains(&source.name) {
                    line.unused_members.push(source.name);
                }
                if name == source.name {
                    line.branch(rules, rule, hits);
                }
            }
        }
        for (place, line) in &mut lines {
            line.unused_members.retain(|name| !used.contains(&(*place, *name)));
            line.unused_members.sort_unstable();
        }
        lines
    }

    /// The keys at the root that answer what no rule does, where the policy has them.
    fn keys(&self) -> impl Iterator<Item = Line> {
        let rules = self.compiled.rules();
        let native = rules.abis.first();
        let fallbacks = self.compiled.fallbacks;
        let keys = [
            (Fallback::Default, "default_action", fallbacks.default_action, native.map(|abi| abi.default)),
            (Fallback::Newer, "newer_syscalls", fallbacks.newer_syscalls, native.map(|abi| abi.newer)),
            (Fallback::Foreign, "foreign_architecture", fallbacks.foreign_architecture, Some(rules.foreign)),
        ];
        keys.into_iter().filter_map(|(fallback, name, place, verdict)| {
            let mut line = Line::new(place?, name, verdict?);
            line.is_key = true;
            line.add(self.defaults.get(&fallback));
            Some(line)
        })
    }

    fn refusals(&self) -> Vec<Refused> {
        let native = self.compiled.architecture;
        let mut refused: Vec<Refused> = self
            .refused
            .iter()
            .map(|((arch, number, arguments), refusal)| {
                let call = Call { arch: *arch, number: *number, arguments: *arguments, ..Call::default() };
                Refused {
                    call: call.display(native).to_string(),
                    verdict: refusal.verdict,
                    falls_back: refusal.falls_back,
                    count: refusal.hits.count,
                    by: refusal.hits.by.clone(),
                }
            })
            .collect();
        refused.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.call.cmp(&b.call)));
        refused
    }
}

impl Line {
    fn new(place: Place, name: &str, verdict: Verdict) -> Self {
        Self {
            place,
            line: 0,
            name: name.to_owned(),
            verdict,
            count: 0,
            by: BTreeMap::new(),
            unused_members: Vec::new(),
            branches: Vec::new(),
            is_uncertain: false,
            is_key: false,
        }
    }

    fn add(&mut self, hits: Option<&Hits>) {
        let Some(hits) = hits else { return };
        self.count = self.count.saturating_add(hits.count);
        for (name, count) in &hits.by {
            let own = self.by.entry(name.clone()).or_default();
            *own = own.saturating_add(*count);
        }
    }

    /// Adds how often the conditions of a rule held.
    fn branch(&mut self, abi: &AbiRules, rule: &Rule, hits: Option<&Hits>) {
        for (at, condition) in rule.conditions.iter().enumerate() {
            let (held, failed) = hits.and_then(|hits| hits.branches.get(at)).copied().unwrap_or_default();
            let condition = shown(abi.architecture, rule.number, condition);
            match self.branches.get_mut(at).filter(|branch| branch.condition == condition) {
                Some(branch) => {
                    branch.held = branch.held.saturating_add(held);
                    branch.failed = branch.failed.saturating_add(failed);
                }
                None => self.branches.push(Branch { condition, held, failed }),
            }
        }
    }
}

/// A condition with the names of its argument and of its constants.
fn shown(architecture: &Architecture, number: u32, condition: &ArgCondition) -> String {
    let ArgCondition { argument, mask, value, .. } = *condition;
    let at = usize::from(argument);
    let call = architecture.syscall_name(number).unwrap_or_default();
    let name = architecture.argument_name(call, at).map_or_else(|| format!("argument {at}"), str::to_owned);
    let is_whole = mask == u64::MAX || mask == u64::from(u32::MAX);
    let masked =
        if is_whole { name } else { format!("{name} & {}", architecture.argument_value(call, at, mask)) };
    let operation = match (condition.comparison, condition.must) {
        (Comparison::Equal, Must::Hold) => "==",
        (Comparison::Equal, Must::Fail) => "!=",
        (Comparison::AtLeast, Must::Hold) => ">=",
        (Comparison::AtLeast, Must::Fail) => "<",
    };
    let value = if is_whole || value != 0 {
        architecture.argument_value(call, at, value)
    } else {
        format!("{value:#x}")
    };
    format!("{masked} {operation} {value}")
}
