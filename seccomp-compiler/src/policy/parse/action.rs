//! Actions: `allow`, `errno(ENOSYS)`, `trace(7)` …

use super::text;
use crate::diagnose::diagnostic::Problems;
use crate::diagnose::problem::Problem;
use crate::document::yaml::{self, Node};
use crate::policy::{Action, Errno, Placed};

/// The kernel cuts an errno off here (`MAX_ERRNO` of `linux/err.h`).
const MAX_ERRNO: u16 = 4095;

/// EPERM, which has this number everywhere.
const EPERM: u16 = 1;

pub(super) fn parse(node: &Node, problems: &mut Problems) -> Option<Placed<Action>> {
    let written = text(node, "an action", problems)?;
    match action(&written.value) {
        Ok(value) => {
            if value == Action::Errno(Errno::Number(0)) {
                problems.report(written.place, Problem::ErrnoZero);
            }
            Some(Placed { value, place: written.place })
        }
        Err(problem) => {
            problems.report(written.place, problem);
            None
        }
    }
}

pub(crate) fn action(written: &str) -> Result<Action, Problem> {
    let (name, data) = match written.split_once('(') {
        Some((name, rest)) => match rest.strip_suffix(')') {
            Some(data) => (name.trim_end(), Some(data.trim())),
            None => return Err(data_problem(written, "the parenthesis is not closed")),
        },
        None => (written, None),
    };
    let number = || data.map_or(Ok(0), |data| sixteen_bits(written, data));
    let plain = |action| match data {
        None => Ok(action),
        Some(_) => Err(data_problem(written, "it takes no value")),
    };
    match name.to_ascii_lowercase().as_str() {
        "allow" => plain(Action::Allow),
        "log" => plain(Action::Log),
        "kill_thread" => plain(Action::KillThread),
        "kill_process" => plain(Action::KillProcess),
        "user_notif" => plain(Action::UserNotif),
        "trace" => number().map(Action::Trace),
        "trap" => number().map(Action::Trap),
        "errno" => data.map_or(Ok(Errno::Number(EPERM)), |data| errno(written, data)).map(Action::Errno),
        _ => Err(Problem::UnknownAction { text: written.to_owned() }),
    }
}

fn errno(written: &str, data: &str) -> Result<Errno, Problem> {
    if data.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Ok(Errno::Name(data.to_owned()));
    }
    match yaml::integer(data) {
        Some(number @ 0..) => match u16::try_from(number) {
            Ok(number) if number <= MAX_ERRNO => Ok(Errno::Number(number)),
            _ => Err(Problem::ErrnoTooLarge { text: written.to_owned() }),
        },
        _ => Err(data_problem(written, "not an error's name or number")),
    }
}

fn sixteen_bits(written: &str, data: &str) -> Result<u16, Problem> {
    let number = yaml::integer(data).and_then(|number| u16::try_from(number).ok());
    number.ok_or_else(|| data_problem(written, "the value is a number from 0 to 65535"))
}

fn data_problem(written: &str, wanted: &'static str) -> Problem {
    Problem::ActionData { text: written.to_owned(), wanted }
}
