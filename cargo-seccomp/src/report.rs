//! What is said about a checked policy: its problems, and where it was proved.

use std::time::Duration;

use seccomp_compiler::{Compiled, EffectUse, Severity, TABLE_VERSION, Verdict, visible};
use seccomp_tools::{Check, Conclusion, Findings};

use crate::outcome::Failure;
use crate::output::Output;
use crate::render;
use crate::wording::count;

/// Draws the problems of a policy, then says how many there are.
pub(crate) fn problems(policy: &str, findings: &Findings, output: &mut Output<'_>) {
    for (diagnostic, note) in findings.iter() {
        output.finding(render::problem(diagnostic, note.as_deref()));
    }
    for severity in [Severity::Error, Severity::Warning] {
        let (number, located) = (findings.count(severity), findings.located(severity));
        let shown = if located < number { format!(", of which {located} are shown") } else { String::new() };
        if number != 0 {
            output.finding(render::line(
                severity,
                &format!("`{policy}` has {}{shown}", count(number, severity.name())),
            ));
        }
    }
}

/// Says where a policy was proved, with a line for each architecture; those that are skipped share one. The times are
/// those of the architectures, where the details of the proofs are wanted.
pub(crate) fn proofs(
    policy: &str,
    check: &Check,
    times: Option<&[Duration]>,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let proved = check.proved().count();
    if proved == 0 {
        return Ok(());
    }
    let policy = visible(policy);
    let all = check.conclusions().len() - check.skipped().count();
    let some = if proved < all { format!(" on {proved} of {all} architectures") } else { String::new() };
    let is_disabled = check.proved().any(|compiled| !compiled.enabled);
    let disabled = if is_disabled { "; not installed, because of `enabled: false`" } else { "" };
    output
        .result(format_args!("{policy}: proved{some}, with the system calls of {TABLE_VERSION}{disabled}"))?;
    for (index, (architecture, conclusion)) in check.conclusions().iter().enumerate() {
        let details = |compiled| times.map(|times| proof(compiled, times[index])).unwrap_or_default();
        let row = match conclusion {
            Conclusion::Proved(compiled) => format!("{}{}", size(compiled), details(compiled)),
            Conclusion::Failed => "not proved; see the errors".to_owned(),
            Conclusion::Skipped => continue,
        };
        output.result(format_args!("  {:<12}{row}", architecture.name()))?;
        if let (Conclusion::Proved(compiled), Some(_)) = (conclusion, times) {
            effects(compiled, output)?;
        }
    }
    let skipped: Vec<&str> = check.skipped().map(|architecture| architecture.name()).collect();
    if !skipped.is_empty() {
        let skipped = skipped.join(", ");
        output.result(format_args!("  skipped, because the policy is not meant for them: {skipped}"))?;
    }
    Ok(())
}

/// What each effect of a policy came to: a line for each answer that its routes get.
fn effects(compiled: &Compiled, output: &mut Output<'_>) -> Result<(), Failure> {
    for EffectUse { effect, architecture, routes, .. } in &compiled.effects() {
        let abi = if compiled.covered.len() == 1 { String::new() } else { format!(" on {architecture}") };
        let mut answers: Vec<Verdict> = Vec::new();
        for (_, verdict) in routes {
            if !answers.contains(verdict) {
                answers.push(*verdict);
            }
        }
        if answers.is_empty() {
            output.result(format_args!("    {}{abi}: no call has this effect", effect.name))?;
        }
        for answer in answers {
            let routes = routes.iter().filter(|(_, verdict)| *verdict == answer);
            let routes: Vec<String> = routes.map(|(route, _)| route.to_string()).collect();
            let answer = answer.display(architecture);
            output.result(format_args!("    {}{abi}: {answer} for {}", effect.name, routes.join(", ")))?;
        }
    }
    Ok(())
}

fn size(compiled: &Compiled) -> String {
    format!("{:>17}", count(compiled.program().instructions.len(), "instruction"))
}

fn proof(compiled: &Compiled, time: Duration) -> String {
    let proof = compiled.verified.proof();
    let nodes = count(proof.nodes, "diagram node");
    let cached = count(proof.cached, "cached call");
    let milliseconds = time.as_secs_f64() * 1000.0;
    format!("{nodes:>20}{cached:>18}{milliseconds:>10.1} ms{}", compat(compiled))
}

/// What `compat: true` covers.
fn compat(compiled: &Compiled) -> String {
    match &compiled.covered[1..] {
        _ if !compiled.compat => String::new(),
        [] => "; `compat` has no effect: there is no other ABI that a filter can tell apart".to_owned(),
        others => {
            let names: Vec<&str> = others.iter().map(|other| other.name()).collect();
            format!("; also covers {}", names.join(" and "))
        }
    }
}
