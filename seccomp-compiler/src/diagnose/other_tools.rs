//! What to write here for the words of C libraries and of other tools.

use crate::diagnose::message::all_of;
use crate::kernel::action::ActionKind;
use crate::kernel::architecture::Architecture;
use crate::kernel::related::{OTHER_NAMES, REPLACEMENTS};
use crate::kernel::tables;

/// What to write for the name of a system call elsewhere: with a prefix, negated, or a function of the C library.
/// Names only calls that the target has.
pub(super) fn syscall(name: &str, target: Option<&Architecture>) -> Option<String> {
    if let Some(rest) = name.strip_prefix(['~', '!']) {
        return Some(format!(
            "no sign means `all but`; list `{rest}` in a group of its own with another action, before this group",
        ));
    }
    let lower = name.to_ascii_lowercase();
    let bare = PREFIXES.iter().find_map(|prefix| lower.strip_prefix(prefix)).unwrap_or(&lower);
    if let Some(syscall) = tables::syscall(bare) {
        return Some(format!("did you mean `{}`?", on_target(syscall.name, target)?));
    }
    let mut there: Vec<&str> = Vec::new();
    for call in OTHER_NAMES.of(bare).filter_map(|call| on_target(call, target)) {
        if !there.contains(&call) {
            there.push(call);
        }
    }
    match &there[..] {
        [] => None,
        [call] => {
            Some(format!("did you mean `{call}`? `{name}` is what the C library or another tool calls it"))
        }
        _ => Some(format!("`{name}` is a function of the C library; it makes {}", all_of(there))),
    }
}

/// Whether the target has a call. Without a target, any architecture will do.
pub(super) fn has(target: Option<&Architecture>, call: &str) -> bool {
    target.is_none_or(|target| target.syscall_number(call).is_some())
}

/// A call, or what the target has in its place.
fn on_target(call: &'static str, target: Option<&Architecture>) -> Option<&'static str> {
    core::iter::once(call).chain(REPLACEMENTS.of(call)).find(|call| has(target, call))
}

/// What comes before the names of calls in headers, in the kernel and in traces.
const PREFIXES: [&str; 7] =
    ["__nr_", "__x64_sys_", "__arm64_sys_", "__ia32_sys_", "__se_sys_", "sys_", "syscall_"];

/// What to write for an action of another tool.
pub(super) fn action(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    if tables::errno(&text.to_ascii_uppercase()).is_some() {
        return Some(format!("did you mean `errno({})`?", text.to_ascii_uppercase()));
    }
    let name = lower.split('(').next().unwrap_or_default().trim_end();
    let kernel = |kind: &&ActionKind| kind.kernel_name().eq_ignore_ascii_case(name);
    let kind = ActionKind::ALL.iter().find(kernel).map(|kind| kind.name());
    let meant = kind.or_else(|| {
        let name = name.strip_prefix("scmp_act_").unwrap_or(name);
        ACTIONS.iter().find(|(others, _)| others.contains(&name)).map(|(_, action)| *action)
    });
    meant.map(|meant| format!("did you mean `{meant}`?"))
}

/// Actions as other tools name them.
const ACTIONS: [(&[&str], &str); 7] = [
    (&["accept", "allow", "continue", "pass", "permit"], "allow"),
    (&["audit", "log", "warn"], "log"),
    (&["block", "deny", "disallow", "forbid", "reject", "refuse", "errno", "eperm", "return"], "errno"),
    (&["kill", "abort", "terminate", "kill_process"], "kill_process"),
    (&["kill_thread", "thread"], "kill_thread"),
    (&["notify", "notification", "user_notification"], "user_notif"),
    (&["sigsys", "signal", "trap"], "trap"),
];

/// What to write for an architecture in other letters, or in the words of the kernel or of libseccomp.
pub(super) fn architecture(text: &str) -> Option<String> {
    Architecture::suggest(text).map(|meant| format!("did you mean `{meant}`?"))
}
