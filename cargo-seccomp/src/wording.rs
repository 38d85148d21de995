//! What is said about records: how many were read, and what was lost.

use core::fmt::Display;

use seccomp_compiler::visible;
use seccomp_observe::source::Note;
use seccomp_observe::why::Reason;
use seccomp_observe::{Form, LONGEST_LINE, Loss, Tally};

use crate::outcome::with_remedy;

/// `1 instruction`, `9 instructions`.
pub(crate) fn count(number: impl Display, thing: &str) -> String {
    let number = number.to_string();
    let plural = if number == "1" { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

/// How many records were read and understood.
pub(crate) fn totals(tally: &Tally) -> String {
    let left_out = match tally.left_out() {
        0 => String::new(),
        left_out => format!("; {left_out} left out"),
    };
    let twice = match tally.twice() {
        0 => String::new(),
        twice => format!("; {} counted only once", count(twice, "copy").replace("copys", "copies")),
    };
    format!("{}, {} understood{left_out}{twice}", count(tally.records(), "record"), tally.understood())
}

pub(crate) fn loss(loss: &Loss) -> String {
    match loss {
        Loss::NotUnderstood { record, serial: Some(serial), gap } => {
            format!("record {record}, serial number {serial}: {gap}")
        }
        Loss::NotUnderstood { record, serial: None, gap } => format!("record {record}: {gap}"),
        Loss::MoreNotUnderstood(more) => format!("{} not understood either", count(more, "more record")),
        Loss::CutLines(lines) => format!("cut {} at {LONGEST_LINE} bytes", count(lines, "line")),
        Loss::Overruns(times) => {
            format!("records came faster than they were read ({}); some are lost", count(times, "time"))
        }
        Loss::Interrupted => "stopped before all records were read".to_owned(),
        Loss::MissingSerials(events) => {
            format!(
                "{} lost, judging by the serial numbers; some may be violations",
                count(events, "audit event")
            )
        }
        Loss::Suppressed { count: records, is_counted } => {
            let records = count(records, "audit record");
            let rest = if *is_counted { "; they are among the lost ones" } else { "" };
            format!("the kernel left {records} out of its log, because too many came at once{rest}")
        }
        Loss::KernelLost(records) => {
            format!("the kernel lost at least {} in that time", count(records, "audit record"))
        }
        Loss::Forgotten => {
            "there are too many records to remember all: copies that are far apart count twice".to_owned()
        }
        _ => format!("some records are lost: {loss:?}"),
    }
}

/// Why a source may deliver less than expected.
pub(crate) fn source_note(note: &Note) -> String {
    match note {
        Note::OtherNetworkNamespace => {
            "the kernel sends audit records only to the first network namespace, and this is \
                                        another one: run the command there"
                .to_owned()
        }
        Note::Instead(unavailable) => with_remedy(unavailable),
        Note::Stale { log, kernel } => format!(
            "the log of auditd ends at {log}, before the newest violation in the kernel log, at {kernel}: reading the \
             kernel log; `--source log` reads the other"
        ),
        _ => format!("{note:?}"),
    }
}

/// What to do about an input that is not plain text.
pub(crate) fn other_form(form: Form) -> String {
    let converter = form.converter();
    format!("no records understood; the input seems to be {form}: `{converter} | cargo seccomp violations -`")
}

/// Why there may be nothing to see.
pub(crate) fn reason(reason: &Reason) -> String {
    match reason {
        Reason::NoAudit => "this kernel has no audit subsystem (CONFIG_AUDIT), which writes the records".to_owned(),
        Reason::AuditOff => "the kernel was started with `audit=0`, which turns off all records: remove it".to_owned(),
        Reason::NotLogged(actions) => format!(
            "`kernel.seccomp.actions_logged` leaves out {}: add what you want to see with `sysctl -w`",
            actions.iter().map(|action| format!("`{}`", visible(action))).collect::<Vec<_>>().join(", "),
        ),
        Reason::Excluded { path, rule } => {
            format!("`{}` excludes the records: `{}`", visible(&path.to_string_lossy()), visible(rule))
        }
        Reason::OtherNetworkNamespace => source_note(&Note::OtherNetworkNamespace),
        Reason::Auditd => {
            "auditd is running and takes the records: they are in its log (`--source log`), not in the kernel log".to_owned()
        }
        _ => format!("{reason:?}"),
    }
}

/// What always holds.
pub(crate) const SILENT: &str = "filters with `errno`, `trap`, `trace` or `user_notif` leave records only if the policy has `flags: [log]`";
