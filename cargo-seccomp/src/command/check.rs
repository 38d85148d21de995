//! `cargo seccomp check`: policies in; what was proved on which architecture, and every problem, out.

use std::time::{Duration, Instant};

use seccomp_compiler::{
    Architecture, Code, Compiled, Compiler, Diagnostic, Diagnostics, Severity, SourceFile, TABLE_VERSION,
};

use super::{count, host, report};
use crate::cli::Check;
use crate::findings::Findings;
use crate::input;
use crate::outcome::{Failure, Outcome};
use crate::output::Output;
use crate::render;

pub(crate) fn run(arguments: &Check, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    let architectures = architectures(arguments)?;
    let mut worst = Outcome::Fine;
    for path in &arguments.policies {
        let outcome = match input::read(path) {
            Ok(policy) => Checked::new(&policy, &architectures, arguments).tell(arguments, output)?,
            Err(failure) => output.failure(&failure),
        };
        worst = worst.max(outcome);
    }
    Ok(worst)
}

/// The architectures to check for, each once, in the order in which they were named.
fn architectures(arguments: &Check) -> Result<Vec<&'static Architecture>, Failure> {
    if arguments.all_architectures {
        return Ok(Architecture::all().collect());
    }
    let mut named: Vec<&'static Architecture> = Vec::new();
    for architecture in &arguments.arch {
        if !named.contains(architecture) {
            named.push(architecture);
        }
    }
    if named.is_empty() { Ok(vec![host()?]) } else { Ok(named) }
}

/// What became of one policy.
struct Checked {
    name: String,
    conclusions: Vec<(&'static Architecture, Conclusion)>,
    findings: Findings,
}

/// What became of a policy on one architecture.
enum Conclusion {
    Proved { compiled: Box<Compiled>, time: Duration },
    Wrong,
    Skipped,
}

impl Checked {
    fn new(policy: &SourceFile, architectures: &[&'static Architecture], arguments: &Check) -> Self {
        let name = policy.name().to_owned();
        let mut checked = Self { name, conclusions: Vec::new(), findings: Findings::default() };
        for &architecture in architectures {
            let start = Instant::now();
            let conclusion =
                match Compiler::for_architecture(architecture).loader(&input::load).compile(policy) {
                    Ok(compiled) => checked.proved(compiled, start.elapsed()),
                    Err(errors) => checked.wrong(architecture, &errors, arguments),
                };
            checked.conclusions.push((architecture, conclusion));
        }
        checked
    }

    fn proved(&mut self, compiled: Compiled, time: Duration) -> Conclusion {
        let warnings = compiled.warnings();
        self.findings.add(compiled.architecture, &warnings, warnings.more());
        Conclusion::Proved { compiled: Box::new(compiled), time }
    }

    /// Who asks for all architectures means all that the policy is for; who names one means that one.
    fn wrong(&mut self, on: &'static Architecture, errors: &Diagnostics, arguments: &Check) -> Conclusion {
        let skips = |error: &Diagnostic| arguments.all_architectures && error.code == Code::OtherArchitecture;
        if errors.iter().all(skips) {
            return Conclusion::Skipped;
        }
        self.findings.add(on, errors.iter().filter(|error| !skips(error)), errors.more());
        Conclusion::Wrong
    }

    fn tell(&self, arguments: &Check, output: &mut Output<'_>) -> Result<Outcome, Failure> {
        report(&self.name, &self.findings, output);
        let proved = self.those(Conclusion::is_proved).len();
        let wrong = self.those(Conclusion::is_wrong).len();
        if proved != 0 {
            output.result(self.headline(proved, proved + wrong))?;
            self.list(arguments, output)?;
        }
        let denied = arguments.deny.is_some() && self.findings.count(Severity::Warning) != 0;
        if denied {
            output.finding(render::error("warnings are denied"));
        }
        Ok(if wrong == 0 && !denied { Outcome::Fine } else { Outcome::Problems })
    }

    fn headline(&self, proved: usize, all: usize) -> String {
        let some = if proved < all { format!(" on {proved} of {all} architectures") } else { String::new() };
        let off = if self.is_enabled() { "" } else { "; not to be installed, as it says `enabled: false`" };
        format!("{}: proved{some}, with the system calls of {TABLE_VERSION}{off}", self.name)
    }

    /// One line for each architecture; those that are skipped share one.
    fn list(&self, arguments: &Check, output: &mut Output<'_>) -> Result<(), Failure> {
        for (architecture, conclusion) in &self.conclusions {
            if let Some(row) = conclusion.row(arguments.verbose) {
                output.result(format_args!("  {:<12}{row}", architecture.name()))?;
            }
        }
        let skipped = self.those(Conclusion::is_skipped);
        if !skipped.is_empty() {
            let skipped = skipped.join(", ");
            output.result(format_args!("  skipped, as the policy is not meant for them: {skipped}"))?;
        }
        Ok(())
    }

    fn those(&self, are: fn(&Conclusion) -> bool) -> Vec<&'static str> {
        let those = self.conclusions.iter().filter(|(_, conclusion)| are(conclusion));
        those.map(|(architecture, _)| architecture.name()).collect()
    }

    fn is_enabled(&self) -> bool {
        self.conclusions.iter().all(|(_, conclusion)| !conclusion.is_disabled())
    }
}

impl Conclusion {
    fn is_proved(&self) -> bool {
        matches!(self, Self::Proved { .. })
    }

    fn is_disabled(&self) -> bool {
        matches!(self, Self::Proved { compiled, .. } if !compiled.enabled)
    }

    fn is_wrong(&self) -> bool {
        matches!(self, Self::Wrong)
    }

    fn is_skipped(&self) -> bool {
        matches!(self, Self::Skipped)
    }

    /// What to say of it on a line of its own.
    fn row(&self, verbose: bool) -> Option<String> {
        match self {
            Self::Proved { compiled, time } if verbose => {
                Some(format!("{}{}{}", size(compiled), proof(compiled, *time), compat(compiled)))
            }
            Self::Proved { compiled, .. } => Some(size(compiled)),
            Self::Wrong => Some("not proved, see the errors".to_owned()),
            Self::Skipped => None,
        }
    }
}

fn size(compiled: &Compiled) -> String {
    let instructions = compiled.program().instructions.len();
    format!("{:>17}", count(instructions, "instruction"))
}

/// What `compat: true` comes to.
fn compat(compiled: &Compiled) -> String {
    match &compiled.covered[1..] {
        _ if !compiled.compat => String::new(),
        [] => "; `compat` changes nothing: no other ABI can be told apart".to_owned(),
        others => {
            let names: Vec<&str> = others.iter().map(|other| other.name()).collect();
            format!("; covers {} too", names.join(" and "))
        }
    }
}

fn proof(compiled: &Compiled, time: Duration) -> String {
    let proof = compiled.verified.proof();
    let nodes = count(proof.nodes, "diagram node");
    let cached = count(proof.cached, "cached call");
    format!("{nodes:>20}{cached:>18}{:>10.1} ms", time.as_secs_f64() * 1000.0)
}
