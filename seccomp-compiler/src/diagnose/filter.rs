//! Problems with the filter as a whole: its flags, its size, its proof and its reporter.

use crate::diagnose::code::Code;
use crate::diagnose::declare::problems;
use crate::diagnose::message::{Message, message};
use crate::engine::rules::Verdict;
use crate::kernel::architecture::Architecture;
use crate::kernel::call::Call;

problems! {
    /// What can be wrong with a filter.
    enum FilterProblem;

    /// A filter flag that needs a supervisor.
    error "flag-needs-supervisor" FlagNeedsSupervisor { flag: &'static str } =>
        message(format!("the flag `{flag}` needs a supervisor"))
            .label("the kernel would reject it")
            .help("remove it: without a listener for `user_notif` the kernel answers EINVAL");

    /// The filter exceeds the kernel's limit.
    error "too-long" TooLong { instructions: usize, limit: usize } =>
        message(format!("the filter has {instructions} instructions, more than the kernel's limit of {limit}"))
            .help("split the policy into two filters and install one after the other, or combine conditions");

    /// The filter could not be proved equal to the policy.
    error "unproved" Unproved { reason: String } =>
        message(format!("the filter could not be proved to match the policy: {reason}"))
            .help("this is a bug in the compiler, not in the policy: please report it with the policy");

    /// The proof would exceed its budget.
    error "too-complex" TooComplex { name: &'static str, conditions: usize } =>
        message(format!("the {conditions} conditions on `{name}` are too complex to prove"))
            .label("has the most conditions")
            .help("split them over two policies and install one after the other");

    /// `report` is used, but no action is `trap`.
    error "nothing-traps" NothingTraps =>
        message("`report` has nothing to report: no action in the policy is `trap`")
            .help("use `trap` for the calls to report, or remove `report`");

    /// `report` is used on an architecture that does not support it.
    error "no-reporter" NoReporter { architecture: &'static Architecture } =>
        message(format!("`report` is not available on {architecture}"))
            .help("use it only where it is: `#[cfg_attr(target_arch = \"x86_64\", policy(\"…\", report))]`");

    /// The policy refuses a call that the reporter itself makes.
    error "reporter-refused" ReporterRefused {
        call: Call, architecture: &'static Architecture, found: Verdict
    } =>
        message(format!(
            "the reporter itself makes {}, which this policy answers with {}",
            call.display(architecture),
            found.display(architecture),
        ))
        .label("decided here")
        .help("allow `write` to standard error (with `report_to`, to every descriptor), `gettid`, and \
                   `rt_sigreturn` (with `exit`, `exit_group`)");
}
