//! `cargo seccomp sets`: the sets of system calls that a policy can name, the members of one, or those that hold a call.

use core::fmt;

use clap::Args;
use seccomp_compiler::{Architecture, set_purpose, sets};

use crate::arguments::{Target, no_such};
use crate::outcome::{Failure, Outcome};
use crate::output::Output;
use crate::render;
use crate::wording::count;

const EXAMPLES: &str = "\
Examples:
  cargo seccomp sets
  cargo seccomp sets @rust-std --arch aarch64
  cargo seccomp sets epoll_wait statx";

/// Lists the sets of system calls that a policy can name, the members of one, or the sets that hold a call
///
/// Sets and calls are those of the architecture. A name without `@` is a set's if there is no such call.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A set, whose members are listed, or a call, for which the sets that hold it are listed
    #[arg(value_name = "SET|CALL", value_parser = subject)]
    subjects: Vec<Subject>,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Clone)]
enum Subject {
    Set(&'static str),
    Call(String),
}

fn subject(name: &str) -> Result<Subject, String> {
    let is_call = |name: &&str| Architecture::all().any(|of| of.syscall_number(name).is_some());
    let is_set = |set: &&str| *set == name || set.strip_prefix('@') == Some(name);
    let members = || sets().flat_map(|(_, members)| members.iter().copied());
    match sets().map(|(set, _)| set).find(is_set) {
        Some(set) if !is_call(&name) => Ok(Subject::Set(set)),
        _ if is_call(&name) => Ok(Subject::Call(name.to_owned())),
        _ => {
            let known = sets().map(|(set, _)| set).chain(members().filter(is_call));
            Err(no_such("set or system call", name, known, "sets"))
        }
    }
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    let architecture = arguments.target.architecture()?;
    if arguments.subjects.is_empty() {
        return list(architecture, None, "", output).map(|_| Outcome::Success);
    }
    let are_several = arguments.subjects.len() > 1;
    let indent = if are_several { "  " } else { "" };
    for subject in &arguments.subjects {
        if are_several {
            output.result(format_args!("{subject}:"))?;
        }
        match subject {
            Subject::Set(set) => {
                for (_, members) in sets().filter(|(name, _)| name == set) {
                    for member in present(members, architecture) {
                        output.result(format_args!("{indent}{member}"))?;
                    }
                }
            }
            Subject::Call(call) => {
                if list(architecture, Some(call), indent, output)? == 0 {
                    output.finding(render::note(&format!("no set holds `{call}`")));
                } else if architecture.syscall_number(call).is_none() {
                    output.finding(render::note(&format!("{architecture} has no `{call}`")));
                }
            }
        }
    }
    Ok(Outcome::Success)
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set(set) => f.write_str(set),
            Self::Call(call) => f.write_str(call),
        }
    }
}

/// Lists the sets, or those that hold a call, and returns how many there are.
fn list(
    architecture: &Architecture,
    call: Option<&str>,
    indent: &str,
    output: &mut Output<'_>,
) -> Result<usize, Failure> {
    let holds = |members: &[&str]| call.is_none_or(|call| members.contains(&call));
    let mut listed = 0;
    for (name, members) in sets().filter(|(_, members)| holds(members)) {
        let calls = count(present(members, architecture).count(), "call");
        let purpose = set_purpose(name).unwrap_or_default();
        output.result(format_args!("{indent}{name:<18}{calls:>10}  {purpose}"))?;
        listed += 1;
    }
    Ok(listed)
}

/// The members that the architecture has.
fn present<'a>(members: &'a [&'a str], architecture: &Architecture) -> impl Iterator<Item = &'a str> {
    members.iter().copied().filter(|member| architecture.syscall_number(member).is_some())
}
