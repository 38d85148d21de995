//! Runs the command again under the policy that was recorded.

use std::ffi::OsStr;

use seccomp_compiler::{Architecture, SourceFile};
use seccomp_observe::tracer::{Answer, Executed, Observer, TracedCall};
use seccomp_tools::recording::verified;

use super::Arguments;
use crate::command::run::{Subject, Watcher};
use crate::outcome::{Failure, Outcome};
use crate::output::Output;
use crate::{render, tracing};

/// Says in the policy that it was verified if nothing was refused and the command ended as before, and otherwise says why
/// not. Calls count from the same point as in the first run.
pub(super) fn verify(
    arguments: &Arguments,
    policy: &SourceFile,
    (before, awaits_filter): (Outcome, bool),
    architecture: &'static Architecture,
    output: &mut Output<'_>,
) -> Result<Outcome, Failure> {
    let Some(subject) = Subject::of(policy.clone(), architecture, output)? else {
        return Ok(Outcome::Problems);
    };
    output.finding(render::note("running the command again, under the policy"));
    let tracer = arguments.command.tracer(subject.watch.clone());
    // Let through, so that all of them are found, and those before the command installs a filter can be forgotten.
    let watcher = Watcher::new(&subject, architecture, true, &arguments.command, output);
    let mut verifier = Verifier { arguments, awaits_filter, watcher };
    let ending = tracer.run(&mut verifier)?;
    let Verifier { awaits_filter, watcher: Watcher { refusals, has_own_filter, .. }, .. } = verifier;
    refusals.sum_up(true, output);
    let outcome = tracing::outcome(ending, &arguments.command, output);
    if let Some(reason) = obstacle(refusals.count(), awaits_filter, before, outcome) {
        output.finding(render::error(&format!("the policy is not verified: {reason}")));
        return Ok(Outcome::Problems);
    }
    let text = String::from_utf8_lossy(policy.bytes());
    let text = verified(&text, &joined(&arguments.command.command, " "), &arguments.limits(has_own_filter));
    arguments.write(&SourceFile::new(policy.name(), text), true, output)?;
    Ok(outcome)
}

/// Why the second run does not verify the policy.
fn obstacle(refused: u64, awaits_filter: bool, before: Outcome, after: Outcome) -> Option<String> {
    if refused != 0 {
        return Some("it refused calls of the command".to_owned());
    }
    if awaits_filter {
        return Some(
            "this time, the command did not install its own filter, and calls count only from there on"
                .to_owned(),
        );
    }
    let (before, after) = (before.exit_code(), after.exit_code());
    (before != after)
        .then(|| format!("the command ended with {after} under the policy, and with {before} without it"))
}

/// Watches the programs that are recorded; others do as they like.
struct Verifier<'a, 'o> {
    arguments: &'a Arguments,
    /// Whether nothing counts until the command installs its filter.
    awaits_filter: bool,
    watcher: Watcher<'a, 'o>,
}

impl Observer for Verifier<'_, '_> {
    fn called(&mut self, traced: &TracedCall<'_>) -> Answer {
        let begins = self.arguments.command.begins_with(traced);
        self.awaits_filter &= !begins;
        let counts = begins || (!self.awaits_filter && self.arguments.records(traced.program));
        if counts { self.watcher.called(traced) } else { Answer::Make }
    }

    fn executed(&mut self, executed: &Executed<'_>) {
        self.watcher.executed(executed);
    }
}

impl Arguments {
    /// Which calls of the command counted, if not all.
    fn limits(&self, has_own_filter: bool) -> String {
        let mut limits = String::new();
        if !self.only.is_empty() {
            limits.push_str(&format!(", calls of {} alone", joined(&self.only, ", ")));
        }
        if has_own_filter {
            limits.push_str(", from where it installs its own filter");
        }
        limits
    }
}

fn joined(words: &[impl AsRef<OsStr>], separator: &str) -> String {
    let words: Vec<_> = words.iter().map(|word| word.as_ref().to_string_lossy()).collect();
    words.join(separator)
}
