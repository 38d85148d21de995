//! libseccomp, through its Rust crate.

use libseccomp::error::SeccompError;
use libseccomp::{ScmpAction, ScmpArgCompare, ScmpCompareOp, ScmpFilterContext, ScmpSyscall};

use crate::{Action, Condition, Policy};

/// `level` is 1, the library's default, or 2, its search tree. Calls of other ABIs kill the process.
pub fn filter(policy: &Policy<'_>, level: u32) -> Result<ScmpFilterContext, SeccompError> {
    let mut filter = ScmpFilterContext::new(action(policy.default))?;
    filter.set_act_badarch(ScmpAction::KillProcess)?;
    filter.set_ctl_tsync(true)?;
    filter.set_ctl_optimize(level)?;
    for entry in policy.entries {
        let call = ScmpSyscall::from(entry.number as i32);
        let conditions: Vec<ScmpArgCompare> = entry.conditions.iter().map(condition).collect();
        filter.add_rule_conditional(action(entry.action), call, &conditions)?;
    }
    Ok(filter)
}

/// It compares 64 bits, or bits under a mask for equality.
fn condition(condition: &Condition) -> ScmpArgCompare {
    let Condition { argument, mask, at_least, value, expected } = *condition;
    let operator = match (at_least, expected) {
        (true, true) => ScmpCompareOp::GreaterEqual,
        (true, false) => ScmpCompareOp::Less,
        (false, true) if mask == u64::MAX => ScmpCompareOp::Equal,
        (false, true) => ScmpCompareOp::MaskedEqual(mask),
        (false, false) => ScmpCompareOp::NotEqual,
    };
    ScmpArgCompare::new(argument.into(), operator, value)
}

fn action(action: Action) -> ScmpAction {
    match action {
        Action::Allow => ScmpAction::Allow,
        Action::Errno(errno) => ScmpAction::Errno(errno.into()),
        Action::Trap => ScmpAction::Trap,
        Action::KillProcess => ScmpAction::KillProcess,
    }
}
