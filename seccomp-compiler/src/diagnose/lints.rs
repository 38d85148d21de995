//! Warnings about policies that compile, but may not do what was meant.

use crate::diagnose::code::Code;
use crate::diagnose::declare::problems;
use crate::diagnose::message::{Message, all_of, any_of, message};
use crate::document::source::Place;
use crate::kernel::tables::VERSION;
use crate::policy::Operation;

problems! {
    /// What the author of a policy may not have meant.
    enum LintProblem;

    /// Refused calls, and others that do the same and are let through; the effects that they share, if any.
    warning "hole-in-blocklist" HoleInBlocklist {
        refused: Vec<String>, open: Vec<String>, effects: Vec<&'static str>, on: Option<&'static str>
    } => {
        let are = if refused.len() == 1 { "is" } else { "are" };
        let (refused, open) = (all_of(refused), all_of(open));
        let message = message(format!("{refused} {are} refused, but{} {open} can do the same", on_abi(*on)))
            .label("easily bypassed");
        if effects.is_empty() {
            message.help(format!("refuse {open} as well, or say why it is intended under `allow_warnings:`"))
        } else {
            message.help(format!(
                "refuse the whole effect, `effects: [{}]`, or say why it is intended under `allow_warnings:`",
                effects.join(", "),
            ))
        }
    };

    /// A refused effect, and the routes to it that earlier groups let through.
    warning "effect-open" EffectOpen { effect: String, open: Vec<String> } =>
        message(format!("`{effect}` is refused here, but an earlier group lets {} through", all_of(open)))
            .label("not refused by every route")
            .help("move this group before the others, or say why it is intended under `allow_warnings:`");

    /// Calls that are refused on one of the ABIs that the filter covers, and let through on another.
    warning "abi-open" AbiOpen { names: Vec<&'static str>, refused_on: &'static str, open_on: &'static str } => {
        let are = if names.len() == 1 { "is" } else { "are" };
        message(format!("{} {are} refused on {refused_on}, but not on {open_on}, which the filter also covers", all_of(names)))
            .label(format!("does not exist on {open_on}"))
            .help(format!("remove `architectures:` from the group, or add `{open_on}`"))
    };

    /// A rule for a call that an effect of an earlier group decides.
    warning "decided-by-effect" DecidedByEffect { name: &'static str, deciding: Vec<Place> } =>
        message(format!("this rule for `{name}` is never reached, because an earlier effect includes the call"))
            .label("every call is already decided")
            .others(deciding, "decided here")
            .help("remove it, or move its group before the effect's");

    /// An allowed call whose successor, which newer C libraries use, is refused.
    warning "drift" Drift { old: &'static str, newer: Vec<&'static str> } =>
        message(format!("`{old}` is allowed, but not {}, which newer C libraries use instead", any_of(newer)))
            .help(format!(
                "allow {} as well, or answer with ENOSYS, which makes libraries fall back to `{old}`",
                all_of(newer),
            ));

    /// Refused calls that most machines never make, because the vDSO answers them.
    warning "hidden-by-vdso" HiddenByVdso { names: Vec<&'static str> } => {
        let (are, them) = if names.len() == 1 { ("is", "it") } else { ("are", "them") };
        message(format!(
            "{} {are} refused; most machines never notice, because the vDSO answers {them}",
            all_of(names),
        ))
        .label("refused by default")
        .help(format!(
            "add {} to a group with `allow`, or `\"@vdso\"`: where there is no vDSO, the calls reach the kernel",
            all_of(names),
        ))
    };

    /// Refused calls that every Rust program makes; `on` is an ABI other than the target's own.
    warning "essential-refused" EssentialRefused {
        names: Vec<&'static str>, answer: String, on: Option<&'static str>, by_rule: bool
    } => {
        let message = message(format!(
            "every Rust program{} needs {}, which this policy answers with {answer}",
            on_abi(*on),
            all_of(names),
        ));
        if *by_rule {
            message.label("no program works without").help("remove it, or add a condition")
        } else {
            message.label("refused by default").help(format!(
                "add {} to a group with `allow`; `\"@rust-std\"` has all that the standard library needs",
                all_of(names),
            ))
        }
    };

    /// Fatal calls that a panic makes; `on` is an ABI other than the target's own.
    warning "panic-killed" PanicKilled {
        names: Vec<&'static str>, answer: String, on: Option<&'static str>
    } =>
        message(format!(
            "a panic{} calls {}, which this policy answers with {answer}",
            on_abi(*on),
            all_of(names),
        ))
        .label("the message of the panic would be lost")
        .help(format!("add {} to a group with `allow`; `\"@rust-panic\"` has all that a panic needs", all_of(names)));

    /// io_uring is allowed, while calls that it can do without are refused.
    warning "io-uring-open" IoUringOpen { refused: Vec<&'static str> } =>
        message(format!("io_uring can do what this policy refuses: {}", all_of(refused)))
            .label("a filter does not see what io_uring does")
            .help("refuse `io_uring_setup`, or say why it is intended under `allow_warnings:`");

    /// `kill_thread` leaves the other threads running.
    warning "kill-thread" KillThread =>
        message("`kill_thread` leaves the other threads running, and the locks of the dead one held")
            .label("the process goes on")
            .help("use `kill_process`");

    /// Calls newer than the compiler's tables fail with EPERM, on which C libraries do not fall back.
    warning "eperm-default" EpermDefault =>
        message(format!("calls newer than {VERSION} will fail with EPERM; C libraries only fall back on ENOSYS"))
            .label("also answers newer calls")
            .help("add `newer_syscalls: errno(ENOSYS)`");

    /// A rule that repeats the default action.
    warning "same-as-default" SameAsDefault { name: &'static str } =>
        message(format!("this rule for `{name}` repeats the default action"))
            .label("has no effect")
            .help("remove it, or change one of the two");

    /// `errno(0)`: the call is skipped and reports success.
    warning "errno-zero" ErrnoZero =>
        message("`errno(0)` skips the call and reports success")
            .label("not an error")
            .help("the caller believes that the call was made; use an error, such as `errno(EPERM)`");

    /// The default action executes every call and logs it, so nothing is refused by default.
    warning "log-default" LogDefault =>
        message("with `log` as the default action, calls that no group refuses are executed")
            .label("logged, but not refused")
            .help("once the log shows nothing that is missing, use `errno` or `kill_process`");

    /// An action that waits for a supervisor, which the runtime does not install.
    warning "no-supervisor" NoSupervisor =>
        message("`user_notif` needs a supervisor; without one the call fails with ENOSYS")
            .label("no supervisor is installed")
            .help("use `errno`, or give the reason in `allow_warnings:` if another program installs this filter \
                   with a listener");

    /// An action whose calls the program can let through itself.
    warning "self-approval" SelfApproval { action: &'static str, by: String, effect: &'static str } => {
        let (whom, what) = if *effect == "trace-others" {
            ("a tracer, and the program can trace a child of its own", "only records calls")
        } else {
            ("a supervisor, and the program can be its own", "always comes with a supervisor")
        };
        message(format!("`{action}` leaves the decision to {whom}, because `{by}` is allowed"))
            .label("the program can allow itself these calls")
            .help(format!(
                "refuse `effects: [{effect}]` in an earlier group, or use `errno` here; if the policy {what}, say so under \
                 `allow_warnings:`",
            ))
    };

    /// What is refused can be done through an ABI that the filter does not cover.
    warning "foreign-open" ForeignOpen { action: &'static str } =>
        message(format!("with `foreign_architecture: {action}`, calls through another ABI bypass every rule"))
            .label("nothing is refused there")
            .help("remove it, so that such a call kills the process; or set `compat: true`, which applies the rules \
                   to these ABIs as well, and use `errno(ENOSYS)` here");

    /// Calls newer than the table are executed, while the default action refuses.
    warning "newer-open" NewerOpen { action: &'static str } =>
        message(format!("with `newer_syscalls: {action}`, this allowlist allows every call newer than {VERSION}"))
            .label("nothing is refused there")
            .help("use `newer_syscalls: errno(ENOSYS)`, which makes C libraries fall back to older calls");

    /// Without `tsync`, threads that are already running stay free.
    warning "single-thread" SingleThread =>
        message("without `tsync`, threads that are already running are not filtered")
            .label("applies to one thread")
            .help("add `tsync`, or say why it is intended under `allow_warnings:`");

    /// `clone3` fails with an error on which C libraries do not fall back to `clone`.
    warning "clone3-errno" Clone3Errno { answer: String } =>
        message(format!(
            "`clone3` is answered with {answer}; glibc only falls back to `clone` on ENOSYS, so no thread can start",
        ))
        .label("also stops threads")
        .help("move `clone3` to a group with `errno(ENOSYS)`");

    /// A call is allowed that the kernel resumes by another, which is refused.
    warning "restart-refused" RestartRefused { names: Vec<&'static str>, answer: String } =>
        message(format!(
            "the kernel resumes an interrupted {} with `restart_syscall`, which this policy answers with {answer}",
            any_of(names),
        ))
        .label("a stop signal or a debugger would break these calls")
        .help("allow `restart_syscall` as well");

    /// An exact comparison of flags: the call passes with any other bit set.
    warning "exact-flags" ExactFlags {
        call: &'static str, argument: String, operation: Operation, value: String, mask: String
    } =>
        message(format!(
            "this `{}` on `{argument}` of `{call}` no longer matches once another bit is set",
            operation.name(),
        ))
        .label("other bits are not left out")
        .help(if *operation == Operation::Equal && value.contains('|') {
            format!("to match any of them, write `operation: BitsSet, value: {value}`; to match all of them, whatever else \
                     is set, `operation: MaskedEqual, value: {value}, mask: {mask}`")
        } else if *operation == Operation::Equal {
            format!("to match `{value}` whatever else is set, write `operation: MaskedEqual, value: {value}, mask: {mask}`")
        } else {
            format!("to allow calls without `{value}`, write `operation: BitsNotSet, value: {value}`, or refuse \
                     `operation: MaskedEqual, value: {value}, mask: {mask}` in an earlier group")
        });

    /// A test of single bits of an argument that is a number.
    warning "bits-of-number" BitsOfNumber { call: &'static str, argument: String, operation: Operation } =>
        message(format!(
            "`{argument}` of `{call}` is a number, but this `{}` looks at single bits of it",
            operation.name(),
        ))
        .label("holds for other numbers with the same bits")
        .help("use `Equal` or `NotEqual`");

    /// A `width` beyond the bits that the kernel reads: the others can be set to get past the rule.
    warning "ignored-bits" IgnoredBits { call: &'static str, argument: String, read: u32 } =>
        message(format!("the kernel reads {read} bits of `{argument}` of `{call}`, so the rule can be bypassed"))
            .label("also compares bits that the kernel ignores")
            .help("remove the `width`");

    /// An order on an argument that can be negative.
    warning "signed-order" SignedOrder { call: &'static str, argument: String, operation: Operation } => {
        let (negative, bound) = match operation {
            Operation::LessThan | Operation::LessOrEqual => ("leaves out negative numbers", "GreaterOrEqual"),
            _ => ("also holds for negative numbers", "LessOrEqual"),
        };
        message(format!(
            "`{argument}` of `{call}` can be negative, but this `{}` compares it unsigned and {negative}",
            operation.name(),
        ))
        .label("-1 is the largest number here")
        .help(format!("add the other end of the range, another condition on `{argument}` with `{bound}`; in an entry \
                       of its own, `GreaterOrEqual` with 0x80000000 matches the negative numbers of an `int`"))
    };

    /// A pointer that is compared with anything but 0.
    warning "pointer-compared" PointerCompared { call: &'static str, argument: String } =>
        message(format!("`{argument}` of `{call}` is a pointer, and a filter only sees the address"))
            .label("compared with the address, not with what is there")
            .help("remove the condition: the program can put the same data anywhere; only a comparison with 0 (NULL) \
                   says something about the call");

    /// Alternatives that together hold for every call.
    warning "alternatives-always-hold" AlternativesAlwaysHold { name: &'static str, others: Vec<Place> } =>
        message(format!("together, the entries for `{name}` with this action match every call"))
            .label("every call meets one of them")
            .others(others, "or this one")
            .help("entries of one name are alternatives; to require all conditions, put them into one entry");

    /// A rule under conditions that lets through what would be let through anyway.
    warning "needless-condition" NeedlessCondition { name: &'static str, deciding: Vec<Place> } =>
        message(format!("the conditions on `{name}` restrict nothing: these calls are allowed without this rule"))
            .label("changes nothing")
            .others(deciding, "already allowed here")
            .help("if only these calls are meant, refuse the others in an earlier group, or remove the rule that allows them; \
                   otherwise remove this rule");

    /// Several numbers joined, which make another number.
    warning "joined-numbers" JoinedNumbers { call: &'static str, argument: String, value: String, sum: String } =>
        message(format!("`{argument}` of `{call}` is a number, not flags: `{value}` is `{sum}`"))
            .label("`|` joins flags")
            .help("write an entry for each number, as entries of one name are alternatives; with `NotEqual`, write a \
                   condition for each into one entry");

    /// A refusal of several flags at once, of which each alone has the effect.
    warning "all-of-flags" AllOfFlags { call: &'static str, value: String, effect: &'static str } =>
        message(format!("this refuses `{call}` with all of `{value}`, but each of them alone has the effect `{effect}`"))
            .label("only matches if all are set")
            .help(format!("to refuse any of them, write `operation: BitsSet, value: {value}`, without a mask"));

    /// A constant that the argument does not take.
    warning "wrong-constant" WrongConstant { call: &'static str, argument: String, confusion: Confusion } =>
        message(format!("`{}` is no constant for `{argument}` of `{call}`", confusion.constant))
            .label("belongs to another argument")
            .help(format!(
                "constants for `{argument}` begin with {}; use one of them, or another argument",
                any_of(confusion.begins.iter().copied()),
            ));

    /// A rule for a call that an earlier set has already, with the same action.
    warning "in-earlier-set" InEarlierSet { name: &'static str, deciding: Vec<Place> } =>
        message(format!("this rule for `{name}` is not needed, because an earlier set includes the call"))
            .label("already has this action")
            .others(deciding, "included here")
            .help("remove it");

    /// A policy that is switched off.
    warning "not-enabled" NotEnabled =>
        message("with `enabled: false`, no filter is installed, and the program runs on without an error")
            .label("switched off")
            .help("remove it, or say why the policy is off under `allow_warnings:`");

    /// A reason for a warning that is not given.
    warning "unused-reason" UnusedReason { code: Code } =>
        message(format!("the policy has no warning `{}` for this reason to silence", code.name()))
            .label("silences nothing")
            .help("remove it, or it will silence a later mistake; if it has `calls`, list those that the warning is about");
}

/// Names an ABI that is not the target's own.
fn on_abi(on: Option<&str>) -> String {
    on.map_or_else(String::new, |on| format!(" on {on}"))
}

/// A constant that an argument does not take, and how those that it takes begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Confusion {
    pub(crate) constant: String,
    pub(crate) begins: Vec<&'static str>,
}

impl LintProblem {
    /// The calls that it is about, without what is said of their arguments.
    pub(super) fn calls(&self) -> Vec<&str> {
        match self {
            Self::HoleInBlocklist { refused: shown, .. } | Self::EffectOpen { open: shown, .. } => {
                shown.iter().map(|shown| shown.split('(').next().unwrap_or(shown)).collect()
            }
            Self::AbiOpen { names, .. }
            | Self::HiddenByVdso { names }
            | Self::EssentialRefused { names, .. }
            | Self::PanicKilled { names, .. }
            | Self::RestartRefused { names, .. }
            | Self::IoUringOpen { refused: names } => names.clone(),
            Self::Drift { old: name, .. }
            | Self::DecidedByEffect { name, .. }
            | Self::SameAsDefault { name }
            | Self::AlternativesAlwaysHold { name, .. }
            | Self::NeedlessCondition { name, .. }
            | Self::InEarlierSet { name, .. }
            | Self::ExactFlags { call: name, .. }
            | Self::BitsOfNumber { call: name, .. }
            | Self::IgnoredBits { call: name, .. }
            | Self::SignedOrder { call: name, .. }
            | Self::PointerCompared { call: name, .. }
            | Self::JoinedNumbers { call: name, .. }
            | Self::AllOfFlags { call: name, .. }
            | Self::WrongConstant { call: name, .. } => vec![name],
            Self::Clone3Errno { .. } => vec!["clone3"],
            Self::KillThread
            | Self::EpermDefault
            | Self::ErrnoZero
            | Self::LogDefault
            | Self::NoSupervisor
            | Self::SelfApproval { .. }
            | Self::ForeignOpen { .. }
            | Self::NewerOpen { .. }
            | Self::SingleThread
            | Self::NotEnabled
            | Self::UnusedReason { .. } => Vec::new(),
        }
    }
}
