//! What a process needs to report a call that its filter trapped: the line of the policy that refused it, and names.
//!
//! The line comes from a second program, made and proved from the same rules as the filter. Where the filter traps,
//! this one returns the index of a line. The process runs it on the call that the signal tells of.

use crate::diagnose::filter::FilterProblem;
use crate::diagnose::names::NameProblem;
use crate::diagnose::problems::Problems;
use crate::document::source::Place;
use crate::engine::rules::{ArgCondition, Comparison, LOW, Origin, Rule, RuleSet, Verdict};
use crate::kernel::architecture::Architecture;
use crate::policy::parse::action;
use crate::policy::{Action, Errno, Fallbacks};
use crate::proof::diagram::OverBudget;
use crate::proof::{Expectation, Outcomes, Verified};
use crate::resolve::origins::Origins;
use crate::trace::calls;
use crate::trace::lines::ReportLine;

/// What a process says about a trapped call, and what it does then.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Report {
    /// A program proved to return `Trap(n)` for the calls that line `n` makes the filter trap, and to allow the others.
    pub line_finder: Verified,
    /// The lines, by these numbers.
    pub lines: Vec<ReportLine>,
    /// By audit architecture, what can be trapped: a line of text for each call with its number, its name, a letter for
    /// each argument, and for those that take constants their position and the number of a family. All numbers are
    /// hexadecimal: `29 socket www 0:0 1:1`.
    ///
    /// The letters are `h`, `w` and `d` for 16, 32 and 64 bits, `o` for 16 bits that are a file mode, and `a` for 32 bits
    /// that are a folder's descriptor; `?` alone is said of a call without a known signature.
    pub calls: Vec<(u32, String)>,
    /// The families: the mask of the bits that are one of the constants (`-` for all; the others are flags), how the names
    /// of the constants begin, and how they end, each with its value unless that follows from the one before: 1 more
    /// within the mask, the next bit outside. `f SOCK_ STREAM=1,DGRAM,RAW,NONBLOCK=800`.
    pub families: Vec<String>,
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

    pub(crate) fn new(reporter: Reporter, line_finder: Verified, lines: Vec<ReportLine>) -> Self {
        let (calls, families) = calls::described(line_finder.rules());
        Self { line_finder, lines, calls, families, then: reporter.then }
    }
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
    let (rules, architecture) = (with_log_as_allow(rules), native);
    let default = fallbacks.default_action.unwrap_or(Place::POLICY);
    let mut outcomes = Outcomes::of(&rules);
    for (name, tests) in reporter.calls() {
        let Some(number) = architecture.syscall_number(name) else { continue };
        let rule = Rule { number, conditions: tests, verdict: Verdict::Allow, origin: Origin::default() };
        match outcomes.broken(&Expectation { abi: 0, rule, promise: None }, &[]) {
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

/// The rules, but for `log` on the native ABI: writing the line matters more than whether the write is logged.
fn with_log_as_allow(rules: &RuleSet) -> RuleSet {
    let mut rules = rules.clone();
    let native = &mut rules.abis[0];
    let verdicts = native.rules.iter_mut().map(|rule| &mut rule.verdict);
    for verdict in verdicts.chain([&mut native.default, &mut native.newer]) {
        if *verdict == Verdict::Log {
            *verdict = Verdict::Allow;
        }
    }
    rules
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
