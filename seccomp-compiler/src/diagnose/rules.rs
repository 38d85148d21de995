//! Problems with groups, expectations and the rules that they make.

use crate::diagnose::code::Code;
use crate::diagnose::declare::problems;
use crate::diagnose::message::{Message, message};
use crate::document::source::Place;
use crate::engine::rules::Verdict;
use crate::kernel::action::Promise;
use crate::kernel::architecture::Architecture;
use crate::kernel::call::Call;

/// What an expectation asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    /// This answer and no other.
    Action(Verdict),
    /// Any answer that keeps a promise.
    Promise(Promise),
}

problems! {
    /// What can be wrong with a rule beside the others.
    enum RuleProblem;

    /// A rule whose calls are all decided by earlier groups.
    error "never-fires" NeverFires { name: &'static str, deciding: Vec<Place> } =>
        message(format!("this rule for `{name}` is never reached"))
            .label("every call is already decided")
            .others(deciding, "decided here")
            .help("remove it, or move its group before the others");

    /// An expectation that the policy breaks.
    error "broken-expectation" BrokenExpectation {
        call: Call, architecture: &'static Architecture, expected: Expected, found: Verdict, deciding: Option<Place>
    } =>
        message(format!(
            "the policy breaks this expectation: it answers {} with {}",
            call.display(architecture),
            found.display(architecture),
        ))
        .label(match expected {
            Expected::Action(verdict) => format!("expected {}", verdict.display(architecture)),
            Expected::Promise(promise) => format!("must be {}", promise.name()),
        })
        .others(deciding, "decided here")
        .help("change the policy, or the expectation");

    /// An effect that a group allows.
    error "allowed-effect" AllowedEffect { effect: String } =>
        message(format!("`{effect}` is an effect, which a group cannot allow"))
            .label("an effect of many calls")
            .help("name the calls that the program makes; a group before them can refuse what else they can do");

    /// One name twice in a group.
    error "repeated-syscall" RepeatedSyscall { name: String, first: Place } =>
        message(format!("`{name}` is listed twice in this group"))
            .label("listed again here")
            .other(*first, "first listed here")
            .help("remove one of the two");

    /// One name both with and without conditions in a group.
    error "conditional-twin" ConditionalTwin { name: String, unconditional: Place } =>
        message(format!("`{name}` is listed both with and without conditions in this group"))
            .label("listed here with conditions")
            .other(*unconditional, "listed here without conditions")
            .help("remove one of the two: without conditions it always matches");

    /// The policy expands to more rules than allowed.
    error "too-many-rules" TooManyRules { limit: usize } =>
        message(format!("the policy expands to more than {limit} rules"))
            .label("exceeds the limit")
            .help("list each set only once: the first group that lists it decides all of its calls");
}
