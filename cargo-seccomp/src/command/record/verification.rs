//! Runs the command again under the policy that was recorded.

use seccomp_compiler::{Architecture, SourceFile};
use seccomp_tools::recording::verified;

use super::Arguments;
use crate::command::run::{Subject, Watcher};
use crate::outcome::{Failure, Outcome};
use crate::output::Output;
use crate::{render, tracing};

/// Says in the policy that it was verified, if nothing was refused; otherwise says what was.
pub(super) fn verify(
    arguments: &Arguments,
    policy: &SourceFile,
    before: Outcome,
    architecture: &'static Architecture,
    output: &mut Output<'_>,
) -> Result<Outcome, Failure> {
    let Some(subject) = Subject::of(policy.clone(), architecture, output)? else {
        return Ok(Outcome::Problems);
    };
    output.finding(render::note("running the command again, under the policy"));
    let tracer = arguments.command.tracer(subject.watch.clone());
    // Let through, so that all of them are found, and those before the command installs a filter can be forgotten.
    let mut watcher = Watcher::new(&subject, architecture, true, &arguments.command, output);
    let ending = tracer.run(&mut watcher)?;
    let refusals = watcher.refusals;
    refusals.sum_up(true, output);
    let outcome = tracing::outcome(ending, &arguments.command, output);
    if refusals.count() != 0 {
        output.finding(render::error("the policy is not verified: it refused calls of the command"));
        return Ok(Outcome::Problems);
    }
    if outcome != before {
        let note = format!(
            "the command ended with {} under the policy, and with {} without it",
            outcome.exit_code(),
            before.exit_code()
        );
        output.finding(render::warning(&note));
    }
    let text = verified(&String::from_utf8_lossy(policy.bytes()));
    arguments.write(&SourceFile::new(policy.name(), text), true, output)?;
    Ok(outcome)
}
