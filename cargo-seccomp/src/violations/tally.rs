//! What was read, what of it was understood, and what was lost: nothing goes missing in silence.

use super::lines::LONGEST;
use super::serials::Serials;
use super::violation::Violation;

/// The counts of one run.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) records: u64,
    pub(crate) understood: u64,
    /// Records of programs that were not asked for.
    pub(crate) others: u64,
    /// The first few that were not understood.
    gaps: Vec<String>,
    cut_lines: u64,
    overruns: u64,
    /// Whether the user wanted no more, though there was.
    is_broken: bool,
    /// What the kernel says that it left out of its log, and that it lost since it was started.
    suppressed: u64,
    kernel_lost: u64,
    pub(crate) serials: Serials,
}

const SHOWN_GAPS: usize = 5;

impl Tally {
    /// Notes a record.
    pub(crate) fn record(&mut self, violation: &Violation) {
        self.records += 1;
        match violation.gap() {
            None => self.understood += 1,
            Some(gap) if self.gaps.len() < SHOWN_GAPS => {
                let serial = violation.serial.map(|serial| format!(", serial number {serial}"));
                self.gaps.push(format!("record {}{}: {gap}", self.records, serial.unwrap_or_default()));
            }
            Some(_) => {}
        }
    }

    pub(crate) fn cut_line(&mut self) {
        self.cut_lines += 1;
    }

    pub(crate) fn broken(&mut self) {
        self.is_broken = true;
    }

    pub(crate) fn overrun(&mut self) {
        self.overruns += 1;
    }

    /// Notes what the kernel's log says of records that are not in it.
    pub(crate) fn kernel_line(&mut self, line: &[u8]) {
        if let Some(count) = number_around(line, b"kauditd_printk_skb: ", b" callbacks suppressed") {
            self.suppressed += count;
        } else if let Some(count) = number_around(line, b"audit: audit_lost=", b" ") {
            self.kernel_lost = self.kernel_lost.max(count);
        }
    }

    /// The counts in words: what was read, and then what was not.
    pub(crate) fn summary(&self) -> String {
        let others = match self.others {
            0 => String::new(),
            others => format!("; {others} of other programs left out"),
        };
        format!("{}, {} understood{others}", many(self.records, "record"), self.understood)
    }

    pub(crate) fn losses(&self) -> Vec<String> {
        let mut losses = self.gaps.clone();
        let unshown = (self.records - self.understood).saturating_sub(self.gaps.len() as u64);
        let mut say = |count: u64, text: String| {
            if count != 0 {
                losses.push(text);
            }
        };
        say(unshown, format!("{} more not understood", unshown));
        say(
            self.cut_lines,
            format!("{} longer than {LONGEST} bytes, and cut there", many(self.cut_lines, "line")),
        );
        let times = many(self.overruns, "time");
        say(self.overruns, format!("records came faster than they were read, {times}: some are lost"));
        say(self.is_broken.into(), "more records were there and are not read".to_owned());
        let lost = self.serials.lost();
        let events = many(lost, "audit event");
        say(lost, format!("{events} lost, by their serial numbers, and among them maybe violations"));
        let why = if lost == 0 { "" } else { ": they are among the lost" };
        let suppressed = many(self.suppressed, "audit record");
        say(
            self.suppressed,
            format!("the kernel left {suppressed} out of its log, as too many came at once{why}"),
        );
        let kernel_lost = many(self.kernel_lost, "audit record");
        say(self.kernel_lost, format!("the kernel says that it lost {kernel_lost} since it was started"));
        losses
    }
}

fn many(count: u64, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

/// The number between these words.
fn number_around(line: &[u8], before: &[u8], after: &[u8]) -> Option<u64> {
    let rest = &line[memchr::memmem::find(line, before)? + before.len()..];
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = rest.split_at(digits);
    str::from_utf8(number).ok().filter(|_| rest.starts_with(after))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::Tally;
    use crate::violations::violation::Violation;

    #[test]
    fn nothing_is_lost_in_silence() {
        let mut tally = Tally::default();
        assert_eq!((tally.summary(), tally.losses()), ("0 records, 0 understood".into(), vec![]));
        (0..7).for_each(|_| tally.record(&Violation::default()));
        tally.cut_line();
        tally.overrun();
        tally.serials.saw(1);
        tally.serials.saw(4);
        tally.kernel_line(b"<4>[ 1.5] kauditd_printk_skb: 99992 callbacks suppressed");
        tally.kernel_line(b"audit: audit_lost=12 audit_rate_limit=0 audit_backlog_limit=64");
        tally.kernel_line(b"kauditd_printk_skb: many callbacks suppressed");
        assert_eq!(tally.summary(), "7 records, 0 understood");
        let losses = tally.losses();
        assert_eq!(losses[0], "record 1: `syscall` is missing or no number");
        let expected = [
            "2 more not understood",
            "1 line longer than 65536 bytes, and cut there",
            "records came faster than they were read, 1 time: some are lost",
            "2 audit events lost, by their serial numbers, and among them maybe violations",
            "the kernel left 99992 audit records out of its log, as too many came at once: they are among the lost",
            "the kernel says that it lost 12 audit records since it was started",
        ];
        assert_eq!(losses[5..], expected);
    }
}
