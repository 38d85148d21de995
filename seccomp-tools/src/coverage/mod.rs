//! Which lines of a policy the calls of programs reach, how often, and what was refused.
//!
//! Calls are counted one by one, by the rules that the filter was proved equal to, so every count is exact. A recording
//! has only the values of arguments that take constants. Where a condition is on another argument, its calls are counted
//! as uncertain, and no line that they may have reached is said to be unused.
//!
//! ```
//! use seccomp_compiler::{Architecture, Call, Compiler, SourceFile};
//! use seccomp_tools::coverage::Coverage;
//!
//! let file = SourceFile::new("tool.yaml", "
//! default_action: errno
//! newer_syscalls: errno(ENOSYS)
//! rust: false
//! syscalls:
//! - action: allow
//!   names:
//!   - read
//!   - reboot
//! ");
//! let x86_64 = Architecture::find("x86_64").expect("it is in the table");
//! let compiled = Compiler::for_architecture(x86_64).compile(&file)?;
//! let mut coverage = Coverage::new(&compiled);
//! let read = Call { arch: x86_64.audit(), number: 0, ..Call::default() };
//! coverage.add("tests/cli", &read, 3);
//!
//! let report = coverage.report();
//! let used: Vec<_> = report.lines().filter(|line| line.count > 0).map(|line| (&*line.name, line.count)).collect();
//! assert_eq!(used, [("read", 3)]);
//! let unused: Vec<_> = report.unused().map(|line| &*line.name).collect();
//! assert_eq!(unused, ["reboot"]);
//! # Ok::<(), seccomp_compiler::Diagnostics>(())
//! ```

mod json;
mod lcov;
mod report;
mod text;
mod trim;

use std::collections::{BTreeMap, HashMap};

use seccomp_compiler::{AbiRules, Call, Compiled, Rule, Verdict};

pub use report::{Branch, Covered, Line, Refused, Report};
pub use trim::Trimmed;

use crate::advice::Answer;
use crate::recording::{Observation, Recording, constants};

/// How many programs or tests are told apart for a line; those of further ones count for `…`.
const MOST_NAMES: usize = 1024;

/// How many different refused calls are kept.
const MOST_REFUSED: usize = 4096;

/// The counts of calls by the lines of a policy that decided them.
#[derive(Debug, Clone)]
pub struct Coverage<'a> {
    compiled: &'a Compiled,
    /// The rules of each number that was asked for, by the index of the ABI and the number.
    numbers: HashMap<(usize, u32), Vec<usize>>,
    /// By the index of the ABI and that of the rule.
    rules: BTreeMap<(usize, usize), Hits>,
    defaults: BTreeMap<Fallback, Hits>,
    refused: BTreeMap<(u32, u32, [u64; 6]), Refusal>,
    /// How many calls several rules may have decided, by the index of the ABI and the number.
    uncertain: BTreeMap<(usize, u32), u64>,
}

/// How often something decided, for whom.
#[derive(Debug, Clone, Default)]
struct Hits {
    count: u64,
    by: BTreeMap<String, u64>,
    /// For each condition of a rule, how often it held and how often it did not.
    branches: Vec<(u64, u64)>,
}

/// What answers the calls that no rule matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fallback {
    Default,
    Newer,
    Foreign,
}

#[derive(Debug, Clone)]
struct Refusal {
    verdict: Verdict,
    falls_back: bool,
    hits: Hits,
}

impl Hits {
    fn add(&mut self, by: &str, count: u64) {
        self.count = self.count.saturating_add(count);
        let is_known = self.by.contains_key(by) || self.by.len() < MOST_NAMES;
        let own = self.by.entry(if is_known { by } else { "…" }.to_owned()).or_default();
        *own = own.saturating_add(count);
    }
}

impl<'a> Coverage<'a> {
    /// Nothing was called yet.
    pub fn new(compiled: &'a Compiled) -> Self {
        Self {
            compiled,
            numbers: HashMap::new(),
            rules: BTreeMap::new(),
            defaults: BTreeMap::new(),
            refused: BTreeMap::new(),
            uncertain: BTreeMap::new(),
        }
    }

    /// Counts a call that this program or test made this many times.
    pub fn add(&mut self, by: &str, call: &Call, count: u64) {
        let compiled = self.compiled;
        let Some(abi) = self.position(call) else {
            self.defaults.entry(Fallback::Foreign).or_default().add(by, count);
            return self.refuse(by, call, count, compiled.rules().foreign, Answer::Refused);
        };
        let own = &compiled.rules().abis[abi];
        for rule in self.rules_of(abi, call.number) {
            let (at, rule) = ((abi, rule), &own.rules[rule]);
            if self.reach(at, rule, by, call, count) {
                return self.refuse(by, call, count, rule.verdict, Answer::by(Some(rule), own, call.number));
            }
        }
        self.defaults.entry(self.fallback(own, call.number)).or_default().add(by, count);
        let answer = Answer::by(None, own, call.number);
        self.refuse(by, call, count, own.otherwise(call.number), answer);
    }

    /// Counts what was recorded, by the names of the programs.
    pub fn add_recording(&mut self, recording: &Recording) {
        for seen in recording.observations() {
            for each in seen.seen() {
                let call = seen.call(each.arguments);
                if self.is_certain(&call, &seen) {
                    self.add(seen.program(), &call, each.count);
                } else if let Some(abi) = self.position(&call) {
                    let uncertain = self.uncertain.entry((abi, call.number)).or_default();
                    *uncertain = uncertain.saturating_add(each.count);
                }
            }
        }
    }

    /// Gives those who made calls other names. Where several then have the same, their counts add up.
    pub fn rename(&mut self, name: impl Fn(&str) -> String) {
        let refused = self.refused.values_mut().map(|refusal| &mut refusal.hits);
        for hits in self.rules.values_mut().chain(self.defaults.values_mut()).chain(refused) {
            let mut renamed: BTreeMap<String, u64> = BTreeMap::new();
            for (old, count) in core::mem::take(&mut hits.by) {
                let own = renamed.entry(name(&old)).or_default();
                *own = own.saturating_add(count);
            }
            hits.by = renamed;
        }
    }

    fn position(&self, call: &Call) -> Option<usize> {
        let abis = &self.compiled.rules().abis;
        abis.iter().position(|abi| abi.architecture.has_call(call.arch, call.number))
    }

    /// Whether the recording has all the bits of a call that decide it.
    fn is_certain(&mut self, call: &Call, seen: &Observation<'_>) -> bool {
        let Some(abi) = self.position(call) else { return true };
        let rules = &self.compiled.rules().abis[abi].rules;
        self.rules_of(abi, call.number).into_iter().all(|rule| seen.has_what_decides(&rules[rule]))
    }

    /// The indices of the rules that can decide a call with this number.
    fn rules_of(&mut self, abi: usize, number: u32) -> Vec<usize> {
        let rules = &self.compiled.rules().abis[abi].rules;
        let of_number = || {
            let all = rules.iter().enumerate().filter(|(_, rule)| rule.number == number);
            let indices: Vec<usize> = all.map(|(index, _)| index).collect();
            let last = indices.iter().position(|index| rules[*index].conditions.is_empty());
            indices[..last.map_or(indices.len(), |last| last + 1)].to_vec()
        };
        self.numbers.entry((abi, number)).or_insert_with(of_number).clone()
    }

    /// Counts that a call came to a rule; whether the rule decides it.
    fn reach(&mut self, at: (usize, usize), rule: &Rule, by: &str, call: &Call, count: u64) -> bool {
        let hits = self.rules.entry(at).or_default();
        hits.branches.resize(rule.conditions.len(), (0, 0));
        let mut decides = true;
        for (condition, (held, failed)) in rule.conditions.iter().zip(&mut hits.branches) {
            let holds = condition.holds(&call.arguments);
            decides &= holds;
            let branch = if holds { held } else { failed };
            *branch = branch.saturating_add(count);
        }
        if decides {
            hits.add(by, count);
        }
        decides
    }

    fn fallback(&self, abi: &AbiRules, number: u32) -> Fallback {
        let is_newer =
            number >= abi.architecture.table_end() && self.compiled.fallbacks.newer_syscalls.is_some();
        match self.compiled.covered.contains(&abi.architecture) {
            false => Fallback::Foreign,
            true if is_newer => Fallback::Newer,
            true => Fallback::Default,
        }
    }

    fn refuse(&mut self, by: &str, call: &Call, count: u64, verdict: Verdict, answer: Answer) {
        if verdict.is_allowed() {
            return;
        }
        let masks = self.telling(call);
        let arguments = core::array::from_fn(|at| call.arguments[at] & masks[at]);
        let key = (call.arch, call.number, arguments);
        // Further ones are told apart only by the number of the call.
        let key = if self.refused.contains_key(&key) || self.refused.len() < MOST_REFUSED {
            key
        } else {
            (call.arch, call.number, [0; 6])
        };
        let falls_back = answer == Answer::FallsBack;
        let new = || Refusal { verdict, falls_back, hits: Hits::default() };
        let refusal = self.refused.entry(key).or_insert_with(new);
        refusal.hits.add(by, count);
    }

    /// The bits of the arguments that say what a call does, or that a rule tests: the others, such as pointers, tell
    /// refused calls apart for no good.
    fn telling(&mut self, call: &Call) -> [u64; 6] {
        let mut masks = constants(call.arch, call.number);
        if let Some(abi) = self.position(call) {
            let numbers = self.rules_of(abi, call.number);
            let rules = &self.compiled.rules().abis[abi].rules;
            for condition in numbers.iter().flat_map(|rule| &rules[*rule].conditions) {
                if let Some(mask) = masks.get_mut(usize::from(condition.argument)) {
                    *mask |= condition.mask;
                }
            }
        }
        masks
    }
}
