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
    for finding in findings.iter() {
        output.finding(render::problem(finding.diagnostic(), findings.note(finding).as_deref()));
    }
    for severity in [Severity::Error, Severity::Warning] {
        if let Some(total) = findings.total(policy, severity) {
            output.finding(render::line(severity, &total));
        }
    }
}

/// How much is said about where a policy was proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// A line for each policy, and one for each architecture on which it was not proved.
    Summary,
    /// A line for each architecture.
    Architectures,
    /// What there is to know about each proof.
    Proofs,
}

impl Detail {
    pub(crate) const fn of(verbose: bool, policies: usize, architectures: usize) -> Self {
        match verbose {
            true => Self::Proofs,
            false if policies > 1 && architectures > 1 => Self::Summary,
            false => Self::Architectures,
        }
    }
}

/// Says where a policy was proved. The times are those of the architectures.
pub(crate) fn proofs(
    policy: &str,
    check: &Check,
    detail: Detail,
    times: &[Duration],
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let policy = visible(policy);
    let skipped: Vec<&str> = check.skipped().map(|architecture| architecture.name()).collect();
    let skipped = match (detail, skipped.len()) {
        (Detail::Summary, 2..) => count(skipped.len(), "architecture"),
        _ => skipped.join(", "),
    };
    if check.skipped().count() == check.conclusions().len() {
        return output
            .confirm(format_args!("{policy}: skipped, because the policy is not meant for {skipped}"));
    }
    if check.proved().next().is_none() {
        return Ok(());
    }
    output.confirm(format_args!("{policy}: {}", headline(check, detail)))?;
    for ((architecture, conclusion), time) in check.conclusions().iter().zip(times) {
        let Some(row) = row(conclusion, detail, *time) else { continue };
        output.confirm(format_args!("  {:<12}{row}", architecture.name()))?;
        if let (Conclusion::Proved(compiled), Detail::Proofs) = (conclusion, detail) {
            effects(compiled, output)?;
        }
    }
    if !skipped.is_empty() {
        output.confirm(format_args!("  skipped, because the policy is not meant for them: {skipped}"))?;
    }
    Ok(())
}

/// What there is to say about one architecture.
fn row(conclusion: &Conclusion, detail: Detail, time: Duration) -> Option<String> {
    match (conclusion, detail) {
        (Conclusion::Skipped, _) | (Conclusion::Proved(_), Detail::Summary) => None,
        (Conclusion::Proved(compiled), Detail::Architectures) => Some(size(compiled)),
        (Conclusion::Proved(compiled), Detail::Proofs) => {
            Some(format!("{}{}", size(compiled), proof(compiled, time)))
        }
        (Conclusion::Failed, _) => Some("not proved; see the errors".to_owned()),
    }
}

/// Where a policy was proved, in one line.
fn headline(check: &Check, detail: Detail) -> String {
    let lengths: Vec<usize> = check.proved().map(|compiled| compiled.program().instructions.len()).collect();
    let (proved, all) = (lengths.len(), check.conclusions().len() - check.skipped().count());
    let is_disabled = check.proved().any(|compiled| !compiled.enabled);
    let disabled = if is_disabled { "; not installed, because of `enabled: false`" } else { "" };
    let some = match (proved == all, detail) {
        (true, Detail::Summary) => format!(" on {}", count(all, "architecture")),
        (true, _) => String::new(),
        (false, _) => format!(" on {proved} of {}", count(all, "architecture")),
    };
    let what = match (detail, lengths.iter().min(), lengths.iter().max()) {
        (Detail::Summary, Some(shortest), Some(longest)) if shortest == longest => {
            count(longest, "instruction")
        }
        (Detail::Summary, Some(shortest), Some(longest)) => format!("{shortest} to {longest} instructions"),
        _ => format!("with the system calls of {TABLE_VERSION}"),
    };
    format!("proved{some}, {what}{disabled}")
}

/// What each effect of a policy came to: a line for each answer that its routes get, and one for each promise.
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
            output.confirm(format_args!("    {}{abi}: no call has this effect", effect.name))?;
        }
        for answer in answers {
            let routes = routes.iter().filter(|(_, verdict)| *verdict == answer);
            let routes: Vec<String> = routes.map(|(route, _)| route.to_string()).collect();
            let answer = answer.display(architecture);
            output.confirm(format_args!("    {}{abi}: {answer} for {}", effect.name, routes.join(", ")))?;
        }
    }
    for (effect, promise) in compiled.promised_effects() {
        output.confirm(format_args!("    {}: {}, as expected", effect.name, promise.name()))?;
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
