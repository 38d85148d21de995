//! Warnings that the author gives a reason for, and reasons for warnings that are not given.

use crate::diagnose::code::Code;
use crate::diagnose::lints::LintProblem;
use crate::diagnose::problem::Problem;
use crate::diagnose::problems::Problems;
use crate::document::source::{Place, Sources};
use crate::policy::{AllowedWarning, Policy};

/// Drops the warnings that the policy allows, and reports what it allows without need. `others` are the problems on the
/// other architectures that the policy is meant for: a reason may be for one of them.
pub(crate) fn apply(
    policy: &Policy,
    sources: &Sources,
    problems: &mut Problems,
    mut others: impl Iterator<Item = Problems>,
) {
    let silences = |allowed: &AllowedWarning, place: Place, problem: &Problem| {
        // A reason holds for the file that gives it and what that includes.
        allowed.code.value == problem.code()
            && allowed.is_about(&problem.calls())
            && sources.is_within(place, allowed.code.place)
    };
    let is_used = |allowed: &AllowedWarning, problems: &Problems| {
        problems.iter().any(|(place, problem)| silences(allowed, place, problem))
    };
    // An included file is judged when it is compiled itself.
    let is_own = |allowed: &&AllowedWarning| sources.file_of(allowed.code.place) == 0;
    let mut unused: Vec<&AllowedWarning> = policy.allowed_warnings.iter().filter(is_own).collect();
    unused.retain(|allowed| allowed.code.value != Code::UnusedReason && !is_used(allowed, problems));
    while !unused.is_empty()
        && let Some(elsewhere) = others.next()
    {
        unused.retain(|allowed| !is_used(allowed, &elsewhere));
    }
    for AllowedWarning { code, .. } in unused {
        problems.report(code.place, LintProblem::UnusedReason { code: code.value });
    }
    problems.allow(|place, problem| {
        policy.allowed_warnings.iter().any(|allowed| silences(allowed, place, problem))
    });
}

impl AllowedWarning {
    /// Whether it is a reason for a warning about these calls.
    fn is_about(&self, calls: &[&str]) -> bool {
        let Some(listed) = &self.calls else { return true };
        !calls.is_empty() && calls.iter().all(|call| listed.iter().any(|name| name.value == *call))
    }
}
