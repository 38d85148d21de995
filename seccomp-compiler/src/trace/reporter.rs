//! What a process needs to report a call that its filter trapped: the line of the policy that refused it, and names.
//!
//! The line comes from a second program, made and proved from the same rules as the filter. Where the filter traps,
//! this one returns the index of a line. The process runs it on the call that the signal tells of.

use std::fmt::Write as _;

use crate::diagnose::filter::FilterProblem;
use crate::diagnose::names::NameProblem;
use crate::diagnose::problems::Problems;
use crate::document::locate::Locator;
use crate::document::source::{Place, Sources};
use crate::engine::rules::{AbiRules, ArgCondition, Comparison, LOW, Origin, Rule, RuleSet, Verdict};
use crate::kernel::architecture::Architecture;
use crate::kernel::call::constants_of;
use crate::kernel::tables::{self, Table};
use crate::policy::parse::action;
use crate::policy::{Action, Errno, Fallbacks};
use crate::proof::diagram::OverBudget;
use crate::proof::{Expectation, Outcomes, Verified};
use crate::resolve::Resolved;
use crate::resolve::origins::Origins;
use crate::trace::{Distinct, located};

/// What a process says about a trapped call, and what it does then.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Report {
    /// A program proved to return `Trap(n)` for the calls that line `n` makes the filter trap, and to allow the others.
    pub line_finder: Verified,
    /// The lines, as `policies/server.yaml:14`.
    pub lines: Vec<String>,
    /// By audit architecture, what can be trapped: a line of text for each call with its number, its name, the width of
    /// each argument as a letter (`h` 16 bits, `w` 32, `d` 64; `?` where no signature is known), and for an argument
    /// that is one of a family its position and the names of the values: `41 socket www 0:AF_UNSPEC=0,AF_UNIX=1`.
    pub calls: Vec<(u32, String)>,
    /// What the process does then.
    pub then: Then,
}

/// How a process reports.
///
/// ```
/// use seccomp_compiler::{ReportTo, Reporter, Then};
///
/// let reporter = Reporter::new(Then::Exit(3)).to(ReportTo::AnyDescriptor);
/// assert_eq!(reporter.then, Then::Exit(3));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reporter {
    /// What it does once the line is written.
    pub then: Then,
    /// Where it writes the line.
    pub to: ReportTo,
}

/// Where a process writes its reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReportTo {
    /// To standard error.
    StandardError,
    /// To whatever descriptor the process names when it runs, or to standard error until then.
    AnyDescriptor,
}

impl Reporter {
    /// A process that writes to standard error, and then does this.
    pub const fn new(then: Then) -> Self {
        Self { then, to: ReportTo::StandardError }
    }

    /// The same with another place for the line.
    #[must_use]
    pub const fn to(self, to: ReportTo) -> Self {
        Self { to, ..self }
    }
}

/// What happens to the process or the call once the line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The process dies of SIGSYS, as without a reporter.
    KillProcess,
    /// It exits with this status.
    Exit(u8),
    /// The call fails with this error.
    Errno(u16),
}

impl Then {
    /// `kill_process`, `exit(STATUS)` or `errno(NAME)`, with the errors of this architecture; as in a policy, plain
    /// `errno` is EPERM; plain `exit` exits with status 1.
    ///
    /// ```
    /// use seccomp_compiler::{Architecture, Then};
    ///
    /// let mips = Architecture::find("mips").expect("it is in the table");
    /// assert_eq!(Then::parse("errno(ENOSYS)", mips), Ok(Then::Errno(89)));
    /// assert!(Then::parse("allow", mips).is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// A message that says what is wrong with the text.
    pub fn parse(text: &str, architecture: &'static Architecture) -> Result<Self, String> {
        const CHOICE: &str = "expected `kill_process`, `exit(STATUS)` or `errno(NAME)`";
        let is_exit = |rest: &&str| rest.is_empty() || rest.starts_with('(');
        if let Some(status) = text.strip_prefix("exit").filter(is_exit) {
            let number = match status {
                "" => Some(1),
                _ => status.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')?.trim().parse().ok()),
            };
            return number
                .map(Self::Exit)
                .ok_or_else(|| "an exit status is a number from 0 to 255".to_owned());
        }
        let wrong = |problem: NameProblem| problem.message().into_line();
        match action::action(text) {
            Ok(Action::KillProcess) => Ok(Self::KillProcess),
            Ok(Action::Errno(Errno::Number(0))) => Err("`errno(0)` would report success".to_owned()),
            Ok(Action::Errno(Errno::Number(number))) => Ok(Self::Errno(number)),
            Ok(Action::Errno(Errno::Name(name))) => {
                crate::resolve::errno(&name, architecture).map(Self::Errno).map_err(wrong)
            }
            Ok(_) | Err(NameProblem::UnknownAction { .. }) => Err(CHOICE.to_owned()),
            Err(problem) => Err(wrong(problem)),
        }
    }
}

impl Report {
    /// Whether a process of this architecture can report.
    pub fn is_possible_on(architecture: &Architecture) -> bool {
        architecture.has_signal_frame
    }

    pub(crate) fn new(reporter: Reporter, line_finder: Verified, lines: Vec<String>) -> Self {
        let calls = calls(line_finder.rules());
        Self { line_finder, lines, calls, then: reporter.then }
    }
}

/// The lines that trap, and the rules with the index of a line as the verdict where they trap, and `allow` elsewhere.
pub(crate) fn locate(
    resolved: &Resolved,
    fallbacks: Fallbacks,
    sources: &Sources,
    covered: &[&'static Architecture],
) -> (RuleSet, Vec<String>) {
    let mut lines = Distinct::default();
    let mut locator = Locator::new(sources);
    let rules = located(&resolved.rules, &resolved.origins, fallbacks, covered, |verdict, place| {
        let Verdict::Trap(_) = verdict else { return Verdict::Allow };
        let (file, span) = locator.locate(place);
        Verdict::Trap(lines.index(format!("{}:{}", shown(file.name()), span.line)))
    });
    // A program has fewer instructions than there are indices, and at least one for each line.
    (rules, lines.items().unwrap_or_default())
}

/// The end of a path, short enough for a line to have room for what follows, and without line breaks.
fn shown(path: &str) -> String {
    const LENGTH: usize = 160;
    let path = path.replace(char::is_control, "?");
    match path.char_indices().nth_back(LENGTH) {
        Some((cut, _)) => format!("…{}", &path[cut..]),
        None => path,
    }
}

/// The calls that can be trapped, by audit architecture.
fn calls(rules: &RuleSet) -> Vec<(u32, String)> {
    let mut calls: Vec<(u32, String)> = Vec::new();
    for abi in &rules.abis {
        let rules = abi.by_number();
        let audit = abi.architecture.audit();
        let at = calls.partition_point(|(other, _)| *other < audit);
        if calls.get(at).is_none_or(|(other, _)| *other != audit) {
            calls.insert(at, (audit, String::new()));
        }
        let text = &mut calls[at].1;
        let table = abi.architecture.table;
        let numbered = tables::syscalls().filter_map(|syscall| Some((syscall, syscall.number(table)?)));
        for (syscall, number) in numbered {
            let first = rules.partition_point(|rule| rule.number < number);
            let count = rules[first..].iter().take_while(|rule| rule.number == number).count();
            if may_trap(&rules[first..first + count], abi.otherwise(number)) {
                let _infallible = writeln!(text, "{number} {}", described(syscall, abi));
            }
        }
    }
    calls.retain(|(_, text)| !text.is_empty());
    calls
}

fn may_trap(rules: &[&Rule], otherwise: Verdict) -> bool {
    let last = rules.iter().position(|rule| rule.conditions.is_empty());
    let reached = &rules[..last.map_or(rules.len(), |last| last + 1)];
    let traps = |verdict| matches!(verdict, Verdict::Trap(_));
    reached.iter().any(|rule| traps(rule.verdict)) || last.is_none() && traps(otherwise)
}

fn described(syscall: tables::Syscall, abi: &AbiRules) -> String {
    let Architecture { table, register, .. } = *abi.architecture;
    let mut text = format!("{} ", syscall.name);
    match syscall.signature(table) {
        None => text.push('?'),
        Some(arguments) => {
            text.extend(arguments.iter().map(|argument| match argument.width.min(register).bits() {
                ..=16 => 'h',
                17..=32 => 'w',
                _ => 'd',
            }))
        }
    }
    if let Some((argument, constants)) = constants_of(syscall.name) {
        let _infallible = write!(text, " {argument}:{}", values(constants, table).join(","));
    }
    text
}

/// The named values, each with the first of its names.
fn values(constants: impl Iterator<Item = tables::Constant>, table: Table) -> Vec<String> {
    let mut named: Vec<(u64, &str)> = Vec::new();
    for constant in constants {
        let Some(value) = constant.value(table) else { continue };
        let at = named.partition_point(|(other, _)| *other < value);
        if named.get(at).is_none_or(|(other, _)| *other != value) {
            named.insert(at, (value, constant.name));
        }
    }
    named.into_iter().map(|(value, name)| format!("{name}={value}")).collect()
}

/// Reports what would keep a process from reporting: calls that the reporter makes itself but the policy refuses.
pub(crate) fn check(
    reporter: Reporter,
    fallbacks: Fallbacks,
    rules: &RuleSet,
    origins: &Origins,
    problems: &mut Problems,
) {
    if problems.has_errors() {
        return;
    }
    let native = rules.abis[0].architecture;
    if !Report::is_possible_on(native) {
        return problems.report(Place::POLICY, FilterProblem::NoReporter { architecture: native });
    }
    // Writing the line matters more than whether the write is logged.
    let mut rules = rules.clone();
    let native = &mut rules.abis[0];
    let logged = |verdict| if verdict == Verdict::Log { Verdict::Allow } else { verdict };
    native.default = logged(native.default);
    native.newer = logged(native.newer);
    for rule in &mut native.rules {
        rule.verdict = logged(rule.verdict);
    }
    let architecture = native.architecture;
    let default = fallbacks.default_action.unwrap_or(Place::POLICY);
    let mut outcomes = Outcomes::of(&rules);
    for (name, tests) in reporter.calls() {
        let Some(number) = architecture.syscall_number(name) else { continue };
        let rule = Rule { number, conditions: tests, verdict: Verdict::Allow, origin: Origin::default() };
        match outcomes.broken(&Expectation { abi: 0, rule, promise: None }) {
            Ok(None) => {}
            Ok(Some(broken)) => {
                let place = broken.deciding.map_or(default, |rule| origins.source(rule).place);
                let (call, found) = (broken.call, broken.found);
                problems.report(place, FilterProblem::ReporterRefused { call, architecture, found });
            }
            Err(OverBudget) => {
                let conditions = rules.abis[0].of_number(number).count();
                problems.report(default, FilterProblem::TooComplex { name, conditions });
            }
        }
    }
}

impl Reporter {
    /// The calls that the runtime makes to report.
    fn calls(self) -> [(&'static str, Vec<ArgCondition>); 3] {
        const STANDARD_ERROR: u64 = 2;
        let write = match self.to {
            ReportTo::StandardError => vec![ArgCondition::new(0, LOW, Comparison::Equal, STANDARD_ERROR)],
            ReportTo::AnyDescriptor => Vec::new(),
        };
        let last = match self.then {
            Then::Exit(_) => "exit_group",
            Then::KillProcess | Then::Errno(_) => "rt_sigreturn",
        };
        [("write", write), ("gettid", Vec::new()), (last, Vec::new())]
    }
}
