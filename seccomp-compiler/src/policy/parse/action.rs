//! Actions: `allow`, `errno(ENOSYS)`, `trace(7)` …

use super::scalar::string;
use crate::diagnose::lints::LintProblem;
use crate::diagnose::names::{ActionFault, NameProblem};
use crate::diagnose::problems::Problems;
use crate::document::yaml::{self, Node};
use crate::kernel::action::MAX_ERRNO;
use crate::policy::{Action, ActionData, ActionKind, Errno, Placed};

pub(super) fn parse(node: &Node, problems: &mut Problems) -> Option<Placed<Action>> {
    let written = string(node, "an action", problems)?;
    match action(&written.value) {
        Ok(value) => {
            if value == Action::Errno(Errno::Number(0)) {
                problems.report(written.place, LintProblem::ErrnoZero);
            }
            Some(Placed { value, place: written.place })
        }
        Err(problem) => {
            problems.report(written.place, problem);
            None
        }
    }
}

pub(crate) fn action(written: &str) -> Result<Action, NameProblem> {
    let (name, data) = match written.split_once('(') {
        Some((name, rest)) => match rest.strip_suffix(')') {
            Some(data) => (name.trim_end(), Some(data.trim())),
            None => return Err(data_problem(written, ActionFault::Unclosed)),
        },
        None => (written, None),
    };
    let Some(kind) = ActionKind::find(name) else {
        return Err(NameProblem::UnknownAction { text: written.to_owned() });
    };
    match (kind.takes(), data) {
        (ActionData::None, Some(_)) => Err(data_problem(written, ActionFault::TakesNoValue)),
        (ActionData::Number(_), Some(data)) => Ok(kind.with(sixteen_bits(written, data)?, Errno::default())),
        (ActionData::Errno(()), Some(data)) => Ok(kind.with(0, errno(written, data)?)),
        (_, None) => Ok(kind.with(0, Errno::default())),
    }
}

fn errno(written: &str, data: &str) -> Result<Errno, NameProblem> {
    if data.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Ok(Errno::Name(data.to_owned()));
    }
    match yaml::integer(data) {
        Some(number @ 0..) => match u16::try_from(number) {
            Ok(number) if number <= MAX_ERRNO => Ok(Errno::Number(number)),
            _ => Err(NameProblem::ErrnoTooLarge { text: written.to_owned() }),
        },
        _ => Err(data_problem(written, ActionFault::NotAnErrno)),
    }
}

fn sixteen_bits(written: &str, data: &str) -> Result<u16, NameProblem> {
    let number = yaml::integer(data).and_then(|number| u16::try_from(number).ok());
    number.ok_or_else(|| data_problem(written, ActionFault::NotANumber))
}

fn data_problem(written: &str, fault: ActionFault) -> NameProblem {
    NameProblem::ActionData { text: written.to_owned(), fault }
}
