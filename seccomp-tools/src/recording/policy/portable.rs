//! Groups that compile everywhere: what is not on every architecture is said to be so.

use seccomp_compiler::Architecture;
use seccomp_compiler::policy::{Action, Argument, Condition, Entry, Group, Term};

use super::conditions::{Alternative, When, constants, position};

/// The groups that allow calls, the first with this comment.
pub(super) fn groups<'a>(
    comment: &str,
    sets: impl IntoIterator<Item = &'a str>,
    calls: impl IntoIterator<Item = (&'static str, &'a When)>,
) -> Vec<Group> {
    let mut main = Group::new(Action::Allow).names(sets);
    let mut others: Vec<(Vec<&'static Architecture>, Group)> = Vec::new();
    for (name, when) in calls {
        main.optional |= !Architecture::all().all(|it| it.syscall_number(name).is_some());
        match when {
            When::Always => main.entries.push(Entry::new(name)),
            When::Alternatives(alternatives) => {
                for alternative in alternatives {
                    conditional(name, alternative, &mut main, &mut others);
                }
                let blind = having(name).filter(|it| is_blind(it, name, &alternatives[0])).collect();
                within(blind, &mut others, |group| group.entries.push(Entry::new(name)));
            }
        }
    }
    let mut all: Vec<Group> = Vec::new();
    if !main.entries.is_empty() {
        all.push(main);
    }
    all.extend(others.into_iter().map(|(on, mut group)| {
        group.architectures = Some(on.into_iter().map(Into::into).collect());
        group
    }));
    if let Some(first) = all.first_mut() {
        first.comment = comment.to_owned();
    }
    all
}

/// Adds an entry where its conditions mean something.
fn conditional(
    name: &'static str,
    alternative: &Alternative,
    main: &mut Group,
    others: &mut Vec<(Vec<&'static Architecture>, Group)>,
) {
    let entry = |group: Group| group.name_with_args(name, alternative.iter().cloned());
    let can = |it: &&'static Architecture| {
        let has = |constant| it.constant(constant).is_some();
        !is_blind(it, name, alternative)
            && alternative.iter().flat_map(constants).all(has)
            && alternative.iter().all(|condition| fits(it, name, condition))
    };
    let on: Vec<&Architecture> = having(name).filter(can).collect();
    if on.len() == having(name).count() {
        *main = entry(core::mem::replace(main, Group::new(Action::Allow)));
    } else {
        within(on, others, |group| *group = entry(group.clone()));
    }
}

fn within(
    on: Vec<&'static Architecture>,
    others: &mut Vec<(Vec<&'static Architecture>, Group)>,
    add: impl FnOnce(&mut Group),
) {
    if on.is_empty() {
        return;
    }
    let at = others.iter().position(|(other, _)| *other == on).unwrap_or_else(|| {
        others.push((on, Group::new(Action::Allow)));
        others.len() - 1
    });
    add(&mut others[at].1);
}

fn having(name: &str) -> impl Iterator<Item = &'static Architecture> {
    Architecture::all().filter(move |it| it.syscall_number(name).is_some())
}

/// Whether the numbers of a condition fit into what the kernel reads there.
fn fits(architecture: &Architecture, name: &str, condition: &Condition) -> bool {
    let arguments = architecture.constant_arguments(name);
    let at = argument(condition).and_then(|argument| position(architecture, name, argument));
    let read =
        at.and_then(|at| arguments.iter().find(|(known, _)| *known == at)).map_or(0, |(_, bits)| *bits);
    let terms = condition.value.iter().flat_map(|value| &value.terms);
    terms.into_iter().all(|term| match term {
        Term::Number(number) => u64::try_from(*number).is_ok_and(|number| number & !read == 0),
        Term::Constant(_) => true,
    })
}

fn argument(condition: &Condition) -> Option<&str> {
    match &condition.argument.value {
        Argument::Name(argument) => Some(argument),
        Argument::Position(_) => None,
    }
}

/// Whether a filter cannot see the arguments of a call there, as they are behind a pointer.
fn is_blind(architecture: &Architecture, name: &str, alternative: &Alternative) -> bool {
    alternative.iter().filter_map(argument).any(|argument| position(architecture, name, argument).is_none())
}
