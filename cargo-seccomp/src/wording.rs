//! What is said about records: how many were read, and what was lost.

use core::fmt::Display;

use seccomp_observe::source::Note;
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
    let others = match tally.others() {
        0 => String::new(),
        others => format!("; {others} from other programs left out"),
    };
    format!("{}, {} understood{others}", count(tally.records(), "record"), tally.understood())
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
            format!("the kernel reports {} lost since boot", count(records, "audit record"))
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
        _ => format!("{note:?}"),
    }
}

/// What to do about an input that is not plain text.
pub(crate) fn other_form(form: Form) -> String {
    let converter = form.converter();
    format!(
        "no records understood; the input seems to be {form}: `{converter} | cargo seccomp violations --source -`"
    )
}
