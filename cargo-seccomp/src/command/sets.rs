//! `cargo seccomp sets`: the sets of system calls that a policy can name, or the members of one.

use seccomp_compiler::{Architecture, sets};

use super::count;
use crate::cli::Sets;
use crate::outcome::{Failure, Outcome};
use crate::output::Output;

pub(crate) fn run(arguments: &Sets, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    let architecture = arguments.arch.map_or_else(super::host, Ok)?;
    match arguments.set {
        Some(set) => {
            for member in sets().filter(|(name, _)| *name == set).flat_map(|(_, members)| members) {
                if architecture.syscall_number(member).is_some() {
                    output.result(member)?;
                }
            }
        }
        None => {
            for (name, members) in sets() {
                let calls = count(size(members, architecture), "call");
                output.result(format_args!("{name:<18}{calls:>10} on {architecture}"))?;
            }
        }
    }
    Ok(Outcome::Fine)
}

/// How many members the architecture has.
fn size(members: &[&str], architecture: &Architecture) -> usize {
    members.iter().filter(|member| architecture.syscall_number(member).is_some()).count()
}
