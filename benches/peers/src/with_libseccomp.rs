//! libseccomp, through its Rust crate.

use libseccomp::{ScmpAction, ScmpArch, ScmpArgCompare, ScmpCompareOp, ScmpFilterContext, ScmpSyscall};

use crate::{Action, Condition, Entry, Policy};

/// A filter for this machine, its calls given by number. `level` is 1, the library's default, or 2, its search tree.
pub fn filter(policy: &Policy<'_>, level: u32) -> Option<ScmpFilterContext> {
    let mut filter = empty(policy, level)?;
    for entry in policy.entries {
        add(&mut filter, policy, entry, ScmpSyscall::from(entry.number as i32))?;
    }
    Some(filter)
}

/// A filter for another architecture. The library takes the numbers of this machine's calls and translates them by name;
/// what it does not know is left out and returned.
pub fn filter_for<'a>(
    policy: &Policy<'a>,
    level: u32,
    architecture: ScmpArch,
) -> Option<(ScmpFilterContext, Vec<&'a Entry<'a>>)> {
    let mut filter = empty(policy, level)?;
    filter.remove_arch(ScmpArch::Native).ok()?;
    filter.add_arch(architecture).ok()?;
    let mut unknown = Vec::new();
    for entry in policy.entries {
        let number = ScmpSyscall::from_name_by_arch(entry.name, architecture);
        let known = number.is_ok_and(|number| number.as_raw_syscall() == entry.number as i32);
        match ScmpSyscall::from_name(entry.name) {
            Ok(call) if known => add(&mut filter, policy, entry, call)?,
            _ => unknown.push(entry),
        }
    }
    Some((filter, unknown))
}

fn empty(policy: &Policy<'_>, level: u32) -> Option<ScmpFilterContext> {
    let mut filter = ScmpFilterContext::new(action(policy.default)).ok()?;
    filter.set_act_badarch(action(policy.foreign)).ok()?;
    filter.set_ctl_tsync(true).ok()?;
    filter.set_ctl_optimize(level).ok()?;
    Some(filter)
}

/// It takes no rule that says what is the default anyway.
fn add(
    filter: &mut ScmpFilterContext,
    policy: &Policy<'_>,
    entry: &Entry<'_>,
    call: ScmpSyscall,
) -> Option<()> {
    if entry.action == policy.default {
        return Some(());
    }
    let conditions: Option<Vec<ScmpArgCompare>> = entry.conditions.iter().map(condition).collect();
    filter.add_rule_conditional(action(entry.action), call, &conditions?).map(|_| ()).ok()
}

/// It compares 64 bits, or bits under a mask for equality.
fn condition(condition: &Condition) -> Option<ScmpArgCompare> {
    let Condition { argument, mask, at_least, value, expected } = *condition;
    // 32 bits are all there are where a condition asks for so many and is not an equality under a mask.
    let whole = mask == u64::MAX || mask == u32::MAX.into();
    let operator = match (at_least, expected) {
        (true, true) => ScmpCompareOp::GreaterEqual,
        (true, false) => ScmpCompareOp::Less,
        (false, true) if mask == u64::MAX => ScmpCompareOp::Equal,
        (false, true) => ScmpCompareOp::MaskedEqual(mask),
        (false, false) if whole => ScmpCompareOp::NotEqual,
        (false, false) => return None,
    };
    Some(ScmpArgCompare::new(argument.into(), operator, value))
}

/// The library's name of an architecture.
pub fn architecture(name: &str) -> Option<ScmpArch> {
    Some(match name {
        "x86_64" => ScmpArch::X8664,
        "x32" => ScmpArch::X32,
        "i386" => ScmpArch::X86,
        "aarch64" => ScmpArch::Aarch64,
        "arm" => ScmpArch::Arm,
        "mips" => ScmpArch::Mips,
        "mipsel" => ScmpArch::Mipsel,
        "mips64" => ScmpArch::Mips64,
        "mips64el" => ScmpArch::Mipsel64,
        "mipsn32" => ScmpArch::Mips64N32,
        "mipsn32el" => ScmpArch::Mipsel64N32,
        "powerpc" => ScmpArch::Ppc,
        "powerpc64" => ScmpArch::Ppc64,
        "powerpc64le" => ScmpArch::Ppc64Le,
        "s390" => ScmpArch::S390,
        "s390x" => ScmpArch::S390X,
        "riscv64" => ScmpArch::Riscv64,
        _ => return None,
    })
}

fn action(action: Action) -> ScmpAction {
    match action {
        Action::Allow => ScmpAction::Allow,
        Action::Log => ScmpAction::Log,
        Action::Trace(data) => ScmpAction::Trace(data),
        Action::Notify => ScmpAction::Notify,
        Action::Errno(errno) => ScmpAction::Errno(errno.into()),
        Action::Trap => ScmpAction::Trap,
        Action::KillThread => ScmpAction::KillThread,
        Action::KillProcess => ScmpAction::KillProcess,
    }
}
