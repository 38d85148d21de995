//! Problems with groups, expectations and the rules that they make.

use crate::diagnose::code::Code;
use crate::diagnose::declare::problems;
use crate::diagnose::message::{Message, all_of, message};
use crate::document::source::Place;
use crate::engine::rules::Verdict;
use crate::kernel::action::Promise;
use crate::kernel::architecture::Architecture;
use crate::kernel::call::Call;

/// A call that breaks an expectation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Breach {
    pub(crate) call: Call,
    pub(crate) architecture: &'static Architecture,
    pub(crate) found: Verdict,
    /// What decides the call.
    pub(crate) deciding: Option<Place>,
}

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

    /// An expectation that the policy breaks, by these calls.
    error "broken-expectation" BrokenExpectation {
        breaches: Vec<Breach>, expected: Expected, effect: Option<String>, is_included: bool
    } =>
        broken(breaches, *expected, effect.as_deref(), *is_included);

    /// An expectation that overrides nothing.
    error "overrides-nothing" OverridesNothing { name: &'static str } =>
        message(format!("this expectation of `{name}` overrides nothing: nothing else is expected of it"))
            .label("nothing to override")
            .help("remove it, or leave out `overrides`");

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
    error "conditional-twin" ConditionalTwin { name: String, unconditional: Place, set: Option<String> } =>
        message(format!("`{name}` is listed both with and without conditions in this group"))
            .label("listed here with conditions")
            .other(*unconditional, "listed here without conditions")
            .help(match set {
                None => "remove one of the two: without conditions it always matches".to_owned(),
                Some(set) => format!(
                    "remove it: `{set}` has `{name}` without conditions, which always matches; to treat some of its calls \
                     otherwise, list them in a group before this one"
                ),
            });

    /// The policy expands to more rules than allowed.
    error "too-many-rules" TooManyRules { limit: usize } =>
        message(format!("the policy expands to more than {limit} rules"))
            .label("exceeds the limit")
            .help("list each set only once: the first group that lists it decides all of its calls");
}

/// The most calls that a label names.
const NAMED: usize = 6;

/// The first call in full, the others by name where they are decided.
fn broken(breaches: &[Breach], expected: Expected, effect: Option<&str>, is_included: bool) -> Message {
    let Some(first) = breaches.first() else { return message("the policy breaks this expectation") };
    let Breach { call, architecture, found, .. } = first;
    let others = match distinct_names(breaches).len() - 1 {
        0 => String::new(),
        1 => "; another call breaks it too".to_owned(),
        more => format!("; {more} other calls break it too"),
    };
    let text = format!(
        "the policy breaks this expectation: it answers {} with {}{others}",
        call.display(architecture),
        found.display(architecture),
    );
    let label = match expected {
        Expected::Action(verdict) => format!("expected {}", verdict.display(architecture)),
        Expected::Promise(promise) => format!("must be {}", promise.name()),
    };
    let mut places: Vec<Place> = Vec::new();
    for place in breaches.iter().filter_map(|breach| breach.deciding) {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    let message = places.iter().fold(message(text).label(label), |message, place| {
        let here = breaches.iter().filter(|breach| breach.deciding == Some(*place));
        message.other(*place, format!("decides {}", names_of(here)))
    });
    message.help(remedy(expected, effect, is_included))
}

/// What to do about a broken expectation.
fn remedy(expected: Expected, effect: Option<&str>, is_included: bool) -> String {
    const OVERRIDE: &str = "write what holds instead under the policy's `expect`, with `overrides: true`";
    let otherwise = if is_included { OVERRIDE } else { "change the expectation" };
    match effect {
        Some(effect) if expected == Expected::Promise(Promise::Allowed) => format!(
            "`{effect}` is allowed only if every call that has it is; expect the calls that the program makes to be \
             allowed, under `names`"
        ),
        Some(effect) => {
            format!(
                "to refuse every route, put a group with `effects: [{effect}]` before these; or {otherwise}"
            )
        }
        None if is_included => format!("change the policy, or {OVERRIDE}"),
        None => "change the policy, or the expectation".to_owned(),
    }
}

/// The calls by name, each once, and not too many.
fn names_of<'a>(breaches: impl IntoIterator<Item = &'a Breach>) -> String {
    let names = distinct_names(breaches);
    match names.len() {
        0..=NAMED => all_of(names),
        all => format!("`{}` and {} more", names[..NAMED - 1].join("`, `"), all - (NAMED - 1)),
    }
}

fn distinct_names<'a>(breaches: impl IntoIterator<Item = &'a Breach>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for Breach { call, architecture, .. } in breaches {
        let name = call.name(architecture);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
