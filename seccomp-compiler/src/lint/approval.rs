//! Calls that are left to a tracer or a supervisor, which the program itself can be.

use crate::diagnose::lints::LintProblem;
use crate::diagnose::problems::Problems;
use crate::document::source::Place;
use crate::engine::rules::AbiRules;
use crate::kernel::call::Call;
use crate::policy::{ActionKind, Placed, Policy};
use crate::resolve::applies::applies;

/// How a program comes to decide its own calls: a call, the constants of its first arguments, and the effect that the
/// call belongs to.
struct Way {
    action: ActionKind,
    call: &'static str,
    arguments: &'static [&'static str],
    effect: &'static str,
}

/// A child that is traced by its parent may make what `trace` answers. A listener comes with a filter, and where there is
/// none yet, any program may install one.
const WAYS: [Way; 4] = [
    Way::tracing(&["PTRACE_TRACEME"]),
    Way::tracing(&["PTRACE_ATTACH"]),
    Way::tracing(&["PTRACE_SEIZE"]),
    Way {
        action: ActionKind::UserNotif,
        call: "seccomp",
        arguments: &["SECCOMP_SET_MODE_FILTER", "SECCOMP_FILTER_FLAG_NEW_LISTENER"],
        effect: "more-filters",
    },
];

impl Way {
    const fn tracing(arguments: &'static [&'static str]) -> Self {
        Self { action: ActionKind::Trace, call: "ptrace", arguments, effect: "trace-others" }
    }

    /// Whether the rules of an ABI let the call through.
    fn is_open(&self, abi: &AbiRules) -> bool {
        let Some(number) = abi.architecture.syscall_number(self.call) else { return false };
        let mut arguments = [0; 6];
        for (argument, name) in arguments.iter_mut().zip(self.arguments) {
            *argument = abi.architecture.constant(name).unwrap_or_default();
        }
        abi.decide(&Call { arch: abi.architecture.audit(), number, arguments, ..Call::default() })
            .is_allowed()
    }
}

/// Reports actions that the program can answer itself.
pub(super) fn check<'a>(
    policy: &Policy,
    covered: impl Iterator<Item = &'a AbiRules> + Clone,
    problems: &mut Problems,
) {
    let Policy { default_action, foreign_architecture, newer_syscalls, groups, .. } = policy;
    let roots = [default_action, foreign_architecture, newer_syscalls].into_iter().flatten();
    let here = groups.iter().filter(|group| covered.clone().any(|abi| applies(group, abi.architecture)));
    for Placed { value, place } in roots.chain(here.map(|group| &group.action)) {
        let kind = value.kind();
        let is_open = |way: &&Way| way.action == kind && covered.clone().any(|abi| way.is_open(abi));
        if let Some(way) = WAYS.iter().find(is_open) {
            report(*place, way, problems);
        }
    }
}

fn report(place: Place, way: &Way, problems: &mut Problems) {
    let Way { action, call, arguments, effect } = *way;
    let by = format!("{call}({})", arguments.join(", "));
    problems.report(place, LintProblem::SelfApproval { action: action.name(), by, effect });
}
