//! What a policy refused of a command, and how often.

use std::collections::HashMap;
use std::path::PathBuf;

use seccomp_compiler::policy::ActionKind;
use seccomp_compiler::{Architecture, Verdict};
use seccomp_tools::advice::RecordedCall;

use crate::output::Output;
use crate::render;
use crate::tracing::{self, shown};
use crate::wording::count;

/// How many kinds of refused calls are told apart.
const MOST: usize = 4096;

/// How many decisions are told apart for each kind: a decision may name an argument, which may be different in every call.
const MOST_DECISIONS: usize = 16;

/// What was refused, and how often.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    /// The kinds in the order in which they came.
    kinds: Vec<Counted>,
    /// Where each kind is.
    index: HashMap<Kind, usize>,
    /// How many more calls there were when [`MOST`] kinds were known.
    others: u64,
}

/// Calls that are refused alike, whatever their arguments.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Kind {
    pub(super) program: PathBuf,
    pub(super) arch: u32,
    pub(super) number: u32,
    pub(super) verdict: Verdict,
    pub(super) falls_back: bool,
}

/// How often calls of a kind were refused, by what decided.
#[derive(Debug)]
pub(super) struct Counted {
    pub(super) kind: Kind,
    decisions: Vec<(String, u64)>,
    /// How many more calls there were when [`MOST_DECISIONS`] were known.
    others: u64,
}

/// What a refusal adds to those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    /// It is the first that is decided so.
    First,
    /// It is the first that is only counted.
    Further,
    /// Nothing.
    Known,
}

impl Refusals {
    pub(super) fn add(&mut self, kind: &Kind, decision: &str) -> News {
        let known = match self.index.get(kind) {
            Some(known) => *known,
            None if self.kinds.len() == MOST => {
                self.others = self.others.saturating_add(1);
                return News::Known;
            }
            None => {
                self.kinds.push(Counted { kind: kind.clone(), decisions: Vec::new(), others: 0 });
                self.index.insert(kind.clone(), self.kinds.len() - 1);
                self.kinds.len() - 1
            }
        };
        self.kinds[known].add(decision)
    }

    pub(super) fn of(&self, falls_back: bool) -> impl Iterator<Item = &Counted> {
        self.kinds.iter().filter(move |counted| counted.kind.falls_back == falls_back)
    }

    /// How many calls were refused that are not meant to fall back.
    pub(crate) fn count(&self) -> u64 {
        self.of(false).map(Counted::count).sum::<u64>().saturating_add(self.others)
    }

    pub(crate) fn sum_up(&self, lets_through: bool, output: &mut Output<'_>) {
        let total = self.count();
        let verb = match (lets_through, total) {
            (true, _) => "would be refused",
            (false, 1) => "was refused",
            (false, _) => "were refused",
        };
        output.finding(render::note(&match total {
            0 => "no call was refused".to_owned(),
            _ => format!("{} {verb}", tracing::calls(total)),
        }));
        for counted in self.of(false) {
            counted.rows().for_each(|row| output.finding(row));
        }
        for counted in self.of(true) {
            output.finding(render::note(&counted.fallback()));
        }
        if self.others != 0 {
            let note = format!("{} are not listed, as there are too many kinds", tracing::calls(self.others));
            output.finding(render::note(&note));
        }
    }
}

impl Counted {
    fn add(&mut self, decision: &str) -> News {
        if let Some((_, count)) = self.decisions.iter_mut().find(|(known, _)| known == decision) {
            *count = count.saturating_add(1);
            return News::Known;
        }
        if self.decisions.len() < MOST_DECISIONS {
            self.decisions.push((decision.to_owned(), 1));
            return News::First;
        }
        self.others = self.others.saturating_add(1);
        if self.others == 1 { News::Further } else { News::Known }
    }

    fn count(&self) -> u64 {
        self.decisions.iter().map(|(_, count)| count).sum::<u64>().saturating_add(self.others)
    }

    fn rows(&self) -> impl Iterator<Item = String> {
        let others = (self.others != 0).then_some(("with other arguments", self.others));
        let decisions = self.decisions.iter().map(|(decision, count)| (decision.as_str(), *count));
        decisions.chain(others).map(|(decision, count)| self.kind.row(decision, count))
    }

    /// What is said of calls that are meant to fall back.
    fn fallback(&self) -> String {
        let why = match self.kind.known_name() {
            Some(_) => "so that its C library falls back to another call",
            None => "as on a kernel without this call",
        };
        let (name, program) = (self.kind.name(), shown(&self.kind.program));
        format!("`{name}` of {program} got ENOSYS {}, {why}", count(self.count(), "time"))
    }
}

impl Kind {
    fn known_name(&self) -> Option<&'static str> {
        Architecture::of_call(self.arch, self.number)?.syscall_name(self.number)
    }

    pub(super) fn name(&self) -> String {
        self.known_name().map_or_else(|| self.number.to_string(), str::to_owned)
    }

    fn row(&self, decision: &str, count: u64) -> String {
        let abi = Architecture::of_call(self.arch, self.number);
        let is_native = abi.is_some_and(|abi| Some(abi) == Architecture::host());
        let name = match (is_native, abi) {
            (true, _) => self.name(),
            (false, Some(abi)) => format!("{} of {abi}", self.name()),
            (false, None) => format!("{} of an unknown architecture", self.name()),
        };
        let row = format!("{count:>7}  {name}  {}  {decision}", shown(&self.program));
        row.trim_end().to_owned()
    }

    pub(super) const fn recorded(&self) -> RecordedCall {
        RecordedCall::new(self.arch, self.number, self.action())
    }

    const fn action(&self) -> ActionKind {
        self.verdict.kind()
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use seccomp_compiler::{Architecture, Verdict};

    use super::{Kind, MOST_DECISIONS, News, Refusals};

    fn kind(number: u32, falls_back: bool) -> Kind {
        let architecture = Architecture::find("x86_64").expect("it is in the table");
        let (program, arch) = (PathBuf::from("/bin/tool"), architecture.audit());
        Kind { program, arch, number, verdict: Verdict::Errno(38), falls_back }
    }

    #[test]
    fn decisions_beyond_the_limit_are_only_counted() {
        let (mut refusals, kind) = (Refusals::default(), kind(16, false));
        let values =
            || (0..1000).map(|value| format!("line 3; line 2 allows it, but not with cmd = {value}"));
        let news: Vec<News> = values().map(|decision| refusals.add(&kind, &decision)).collect();
        assert_eq!(news.iter().rposition(|news| *news == News::First), Some(MOST_DECISIONS - 1));
        assert_eq!(news.iter().filter(|news| **news == News::Further).count(), 1);
        assert_eq!(refusals.add(&kind, &values().next().expect("the first")), News::Known);
        assert_eq!(refusals.count(), 1001);
        let rows: Vec<String> = refusals.of(false).flat_map(|counted| counted.rows()).collect();
        assert_eq!(rows.len(), MOST_DECISIONS + 1);
        assert_eq!(rows[MOST_DECISIONS].split_whitespace().next(), Some("984"));
        assert!(rows[MOST_DECISIONS].ends_with("  with other arguments"), "{rows:?}");
    }

    #[test]
    fn no_library_is_said_to_fall_back_from_an_unknown_call() {
        let fallback = |number| {
            let mut refusals = Refusals::default();
            refusals.add(&kind(number, true), "");
            refusals.of(true).map(|counted| counted.fallback()).collect::<String>()
        };
        assert_eq!(fallback(9999), "`9999` of /bin/tool got ENOSYS 1 time, as on a kernel without this call");
        assert!(fallback(435).starts_with("`clone3` of /bin/tool got ENOSYS 1 time, so that its C library"));
    }
}
