//! One answer in place of every refusal, while a policy is being developed.

use crate::engine::rules::RuleSet;
use crate::kernel::action::Verdict;

/// What every refusal of a policy becomes: `errno`, `trap`, `kill_thread` and `kill_process`, with any data, in rules,
/// defaults and for foreign calls. What the policy allows, logs, or leaves to a supervisor or tracer stays as it is.
///
/// As long as calls are still refused, the ENOSYS of a rule and of `newer_syscalls` stays as well: programs are meant to
/// fall back to another call, often with SIGSYS blocked, and would end without a word otherwise. glibc starts a thread so.
///
/// ```
/// use seccomp_compiler::Refusals;
///
/// assert_eq!(Refusals::find("trap"), Some(Refusals::Trap));
/// assert!(!Refusals::Log.refuses());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusals {
    /// The thread gets SIGSYS. A `trap` of the policy keeps its data.
    Trap,
    /// The call is made and logged: the filter refuses nothing.
    Log,
    /// The process is killed.
    KillProcess,
}

impl Refusals {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Trap, Self::Log, Self::KillProcess];

    /// Its name, which is that of the action.
    pub const fn name(self) -> &'static str {
        self.verdict().kind().name()
    }

    /// The one of this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|refusals| refusals.name() == name)
    }

    /// Whether the calls are still refused.
    pub const fn refuses(self) -> bool {
        !matches!(self, Self::Log)
    }

    const fn verdict(self) -> Verdict {
        match self {
            Self::Trap => Verdict::Trap(0),
            Self::Log => Verdict::Log,
            Self::KillProcess => Verdict::KillProcess,
        }
    }

    /// The rules with this answer for each refusal.
    pub(crate) fn applied_to(self, rules: &RuleSet) -> RuleSet {
        let mut rules = rules.clone();
        rules.foreign = self.in_place_of(rules.foreign);
        for abi in &mut rules.abis {
            let architecture = abi.architecture;
            let unless_fallback =
                |verdict: Verdict| match self.refuses() && verdict.is_no_such_call(architecture) {
                    true => verdict,
                    false => self.in_place_of(verdict),
                };
            abi.default = self.in_place_of(abi.default);
            abi.newer = unless_fallback(abi.newer);
            for rule in &mut abi.rules {
                rule.verdict = unless_fallback(rule.verdict);
            }
        }
        rules
    }

    fn in_place_of(self, verdict: Verdict) -> Verdict {
        match verdict {
            Verdict::Trap(_) if self == Self::Trap => verdict,
            Verdict::KillProcess | Verdict::KillThread | Verdict::Trap(_) | Verdict::Errno(_) => {
                self.verdict()
            }
            Verdict::UserNotif | Verdict::Trace(_) | Verdict::Log | Verdict::Allow => verdict,
        }
    }
}
