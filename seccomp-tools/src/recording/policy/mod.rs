//! The policy that allows what was recorded, as a reviewer wants to read it.

mod conditions;
mod gather;
mod portable;
mod widen;

use std::collections::BTreeSet;

use seccomp_compiler::policy::{Action, AllowedWarning, Group, Policy};
use seccomp_compiler::{Architecture, Code, Compiler, Effect, Severity, SourceFile, shortened, visible};

use self::conditions::{When, read_only};
use self::gather::{Call, Gathered};
pub(super) use self::widen::members;
use self::widen::{Added, added, purpose};
use super::Recording;

/// What the header of a policy says until it was verified.
const UNVERIFIED: &str = "# Not verified yet: run the programs under it before you rely on it.\n";

/// How its header says by which command it was verified.
const VERIFIED: &str = "# Verified with `";

/// How a policy is written.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Options {
    /// Whether only what was seen is allowed: no sets, nothing for other C libraries, architectures or kernels.
    pub is_exact: bool,
    /// The programs that it is for; all if it is empty.
    pub programs: Vec<String>,
}

/// The sets by which calls are grouped, in this order; a call is in the group of the first that has it.
const PURPOSES: [&str; 27] = [
    "@basic-io",
    "@file-system",
    "@io-event",
    "@network-io",
    "@ipc",
    "@timer",
    "@signal",
    "@process",
    "@sync",
    "@chown",
    "@setuid",
    "@resources",
    "@memlock",
    "@aio",
    "@keyring",
    "@mount",
    "@module",
    "@reboot",
    "@swap",
    "@clock",
    "@debug",
    "@pkey",
    "@raw-io",
    "@cpu-emulation",
    "@default",
    "@privileged",
    "@obsolete",
];

impl Recording {
    /// The text of a policy that allows every call that was recorded, and refuses others with EPERM: programs that can
    /// handle the error go on, and others usually say what failed.
    ///
    /// `clone3` is answered with ENOSYS unless the policy is to be exact: C libraries then call `clone`, whose flags a
    /// filter can see.
    pub fn policy(&self, options: &Options) -> String {
        let gathered = Gathered::of(self, options);
        let mut policy = Policy::new(Action::Errno(1.into()));
        policy.newer_syscalls = Some(Action::Errno("ENOSYS".into()).into());
        policy.compat = gathered.has_compat.then(|| true.into());
        policy.rust = gathered.is_foreign.then(|| false.into());
        let added = if options.is_exact { Added::new() } else { added(&gathered) };
        policy.groups = groups(&gathered, added, options.is_exact);
        if policy.groups.is_empty() {
            policy.groups = vec![Group::new(Action::Allow).names(["exit_group"])];
        }
        policy.allowed_warnings = allowed_warnings(&policy, options.is_exact);
        format!("{}{policy}", self.header(&gathered, options))
    }

    /// The groups of such a policy for these calls alone.
    pub(super) fn groups_for(&self, options: &Options, calls: &[&str]) -> Vec<Group> {
        let mut gathered = Gathered::of(self, options);
        gathered.calls.retain(|name, _| calls.contains(name));
        gathered.is_foreign = true;
        let added = if options.is_exact { Added::new() } else { added(&gathered) };
        let mut groups = groups(&gathered, added, options.is_exact);
        let commands = few(&self.commands(), "; ");
        // A group without a comment continues the one before it.
        for group in groups.iter_mut().filter(|group| !group.comment.is_empty()) {
            group.comment.push_str(&format!(" Added for {commands}."));
        }
        groups
    }

    fn commands(&self) -> BTreeSet<String> {
        self.runs().iter().map(|run| shown(&run.command.join(" "))).collect()
    }

    fn header(&self, gathered: &Gathered<'_>, options: &Options) -> String {
        let machines: BTreeSet<String> = self
            .runs()
            .iter()
            .map(|run| {
                let machine = &run.machine;
                let libc = machine.libc.iter().map(|libc| format!(", {}", shown(libc)));
                let libc: String = libc.collect();
                format!("Linux {} on {}{libc}", shown(&machine.kernel), shown(&machine.architecture))
            })
            .collect();
        let runs = match self.runs().len() {
            1 => "1 run".to_owned(),
            runs => format!("{runs} runs"),
        };
        let mut header = format!("# Recorded in {runs} of {}.\n", few(&self.commands(), "; "));
        header.push_str(&format!("# Seen on {}.\n", few(&machines, "; ")));
        if let [program] = options.programs.as_slice() {
            header.push_str(&format!("# For `{}` alone, without what it starts.\n", shown(program)));
        }
        let attached = self.runs().iter().filter(|run| run.is_attached).count();
        if attached > 0 {
            let of = if attached == self.runs().len() { "" } else { " in some of the runs" };
            header.push_str(&format!(
                "# Incomplete{of}: the program ran already, so what it called before is missing.\n"
            ));
        }
        let lost = self.lost().saturating_add(gathered.nameless);
        if lost > 0 {
            header.push_str(&format!("# Incomplete: {lost} calls were missed or have no known name.\n"));
        }
        header.push_str(UNVERIFIED);
        header
    }
}

impl Options {
    /// Whether the policy is for the program at this path.
    pub(super) fn wants(&self, path: &str) -> bool {
        self.programs.is_empty() || self.programs.iter().any(|program| program == path)
    }
}

/// The text of a policy with a header that says by which command it was verified, and within which limits. A policy without
/// a line about that stays as it is.
pub fn verified(policy: &str, command: &str, limits: &str) -> String {
    let line = format!("{VERIFIED}{}`{}: nothing was refused.\n", shown(command), visible(limits));
    unverified(policy).replacen(UNVERIFIED, &line, 1)
}

/// The text of a policy that has changed, so that its header no longer says that it was verified.
pub fn unverified(policy: &str) -> String {
    let mut header = policy.split_inclusive('\n').take_while(|line| line.starts_with('#'));
    let verified = header.find(|line| line.starts_with(VERIFIED));
    verified.map_or_else(|| policy.to_owned(), |line| policy.replacen(line, UNVERIFIED, 1))
}

/// The groups of what was seen, by purpose, and then those of what was added.
fn groups(gathered: &Gathered<'_>, mut added: Added, is_exact: bool) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut calls: Vec<(&'static str, &Call<'_>)> =
        gathered.calls.iter().map(|(name, call)| (*name, call)).collect();
    let makes = ["clone", "clone3"].iter().any(|name| gathered.calls.contains_key(name));
    if !is_exact && (makes || added.contains_key("clone")) {
        calls.retain(|(name, _)| *name != "clone3");
        groups.push(fallback("clone3", "clone"));
    }
    if !is_exact
        && gathered.only_reads()
        && (gathered.calls.contains_key("open") || added.contains_key("open"))
    {
        groups.push(fallback("openat2", "openat"));
    }
    // The sets have `execve` among what nearly every program needs.
    let starts: Vec<_> = calls.extract_if(.., |(name, _)| starts_programs(name)).collect();
    groups.extend(by_name("starting programs", &starts));
    for set in PURPOSES {
        let (own, rest): (Vec<_>, Vec<_>) =
            calls.into_iter().partition(|(name, _)| members(set).contains(name));
        calls = rest;
        if own.is_empty() {
            continue;
        }
        if !is_exact && is_mostly_used(set, &own, &gathered.natives) {
            added.retain(|name, _| !members(set).contains(name));
            groups.extend(portable::groups(&comment(purpose(set), &own), [set], []));
        } else {
            groups.extend(by_name(purpose(set), &own));
        }
    }
    groups.extend(by_name("other calls", &calls));
    if !is_exact {
        groups.extend(added_groups(added, !groups.is_empty()));
    }
    groups
}

/// The groups of calls that no set stands for.
fn by_name(purpose: &str, calls: &[(&'static str, &Call<'_>)]) -> Vec<Group> {
    if calls.is_empty() {
        return Vec::new();
    }
    portable::groups(&comment(purpose, calls), [], calls.iter().map(|(name, call)| (*name, &call.when)))
}

fn starts_programs(call: &str) -> bool {
    Effect::find("exec").is_some_and(|exec| exec.routes().any(|route| route.call == call))
}

/// What was not seen.
fn added_groups(mut added: Added, has_others: bool) -> Vec<Group> {
    let sets = has_others.then_some("@vdso");
    if sets.is_some() {
        added.retain(|name, _| !members("@vdso").contains(name));
    }
    let comment = "Not recorded: what other C libraries, architectures and kernels call instead, and what programs \
                   call only rarely.";
    portable::groups(comment, sets, added.iter().map(|(name, when)| (*name, when)))
}

/// Makes libraries fall back to a call whose flags are in an argument.
fn fallback(name: &str, older: &str) -> Group {
    let mut group = Group::new(Action::Errno("ENOSYS".into())).names([name]);
    group.optional = true;
    group.comment = format!(
        "Its flags are behind a pointer, where no filter sees them; with ENOSYS, libraries fall back to {older}."
    );
    group
}

/// Whether a set can stand for the calls that were seen: they are most of it, none has conditions, and the others have no
/// effect that a policy could refuse.
fn is_mostly_used(set: &str, own: &[(&'static str, &Call<'_>)], natives: &[&Architecture]) -> bool {
    let others = members(set).iter().filter(|name| !own.iter().any(|(own, _)| own == *name));
    let is_harmless =
        |name: &&&str| !Effect::all().any(|effect| effect.routes().any(|route| route.call == **name));
    let on_most = |name: &&&str| natives.iter().any(|native| native.syscall_number(name).is_some());
    own.len() > 2
        && own.iter().all(|(_, call)| call.when == When::Always)
        && own.len() > others.clone().filter(on_most).count()
        && others.clone().all(|name| is_harmless(&name))
}

fn comment(purpose: &str, calls: &[(&'static str, &Call<'_>)]) -> String {
    let count = calls.iter().fold(0_u64, |sum, (_, call)| sum.saturating_add(call.count));
    let programs: BTreeSet<String> = calls
        .iter()
        .flat_map(|(_, call)| &call.programs)
        .map(|path| shown(path.rsplit('/').next().unwrap_or(path)))
        .collect();
    let only_reads = calls.iter().any(|(_, call)| call.when == When::Alternatives(vec![read_only()]));
    let mut letters = purpose.chars();
    let first: String = letters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    let calls = if count == 1 { "1 call".to_owned() } else { format!("{count} calls") };
    let reading = if only_reads { " Files were opened for reading alone." } else { "" };
    format!("{first}{}: {calls} by {}.{reading}", letters.as_str(), few(&programs, ", "))
}

/// The first of many.
fn few(names: &BTreeSet<String>, separator: &str) -> String {
    const SHOWN: usize = 4;
    let first: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
    let more = names.len().saturating_sub(SHOWN);
    let first = first.join(separator);
    if more == 0 { first } else { format!("{first} and {more} more") }
}

/// A text from a recording within a comment.
fn shown(text: &str) -> String {
    shortened(&visible(text), 100)
}

/// The warnings that the policy would cause on any architecture, each with the reason why they are accepted.
fn allowed_warnings(policy: &Policy, is_exact: bool) -> Vec<AllowedWarning> {
    let file = SourceFile::new("recorded.yaml", policy.to_string());
    let mut codes: Vec<Code> = Vec::new();
    for architecture in Architecture::all() {
        let Ok(compiled) = Compiler::for_architecture(architecture).compile(&file) else { continue };
        for problem in &compiled.warnings() {
            if problem.severity == Severity::Warning && !codes.contains(&problem.code) {
                codes.push(problem.code);
            }
        }
    }
    codes.sort_unstable_by_key(|code| code.name());
    let reason = if is_exact {
        "written with `--exact`: only what was seen is allowed"
    } else {
        "the recorded programs need what is allowed here"
    };
    codes.into_iter().map(|code| AllowedWarning::new(code, reason)).collect()
}
