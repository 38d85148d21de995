//! Warnings about policies that compile, but may not do what was meant.

use crate::diagnose::code::Code;
use crate::diagnose::declare::problems;
use crate::diagnose::message::{Message, all_of, any_of, message};
use crate::document::source::Place;
use crate::engine::rules::Verdict;
use crate::kernel::architecture::Architecture;
use crate::kernel::tables::VERSION;

problems! {
    /// What the author of a policy may not have meant.
    enum LintProblem;

    /// Refused calls, and others that do the same and are let through; the effects that they share, if any.
    warning "hole-in-blocklist" HoleInBlocklist {
        refused: Vec<String>, open: Vec<String>, effects: Vec<&'static str>
    } => {
        let are = if refused.len() == 1 { "is" } else { "are" };
        let (refused, open) = (all_of(refused), all_of(open));
        let message = message(format!("{refused} {are} refused, but {open} can do the same"))
            .label("easily bypassed");
        if effects.is_empty() {
            message.help(format!("add {open} to the group, or give the reason why not in `allow_warnings:`"))
        } else {
            message.help(format!(
                "refuse the whole effect, `effects: [{}]`, or give the reason why not in `allow_warnings:`",
                effects.join(", "),
            ))
        }
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
        .help("add `\"@vdso\"`: where there is no vDSO, the calls reach the kernel")
    };

    /// Refused calls that every Rust program makes.
    warning "essential-refused" EssentialRefused {
        names: Vec<&'static str>, default: Verdict, architecture: &'static Architecture
    } =>
        message(format!(
            "every Rust program needs {}, which this policy answers with {}",
            all_of(names),
            default.display(architecture),
        ))
        .label("refused by default")
        .help("add `\"@rust-std\"`");

    /// Fatal calls that a panic makes.
    warning "panic-killed" PanicKilled {
        names: Vec<&'static str>, default: Verdict, architecture: &'static Architecture
    } =>
        message(format!(
            "a panic calls {}, which this policy answers with {}",
            all_of(names),
            default.display(architecture),
        ))
        .label("the message of the panic would be lost")
        .help("add `\"@rust-panic\"`");

    /// io_uring is allowed, while calls that it can do without are refused.
    warning "io-uring-open" IoUringOpen { refused: Vec<&'static str> } =>
        message(format!("io_uring can do what this policy refuses: {}", all_of(refused)))
            .label("a filter does not see what io_uring does")
            .help("refuse `io_uring_setup`, or give the reason why not in `allow_warnings:`");

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
}
