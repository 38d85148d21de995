//! Counts what was read, how much of it was understood and what was lost, so that nothing goes missing silently.

use crate::record::{Gap, Violation};
use crate::serials::Serials;

/// The counts of one run.
#[derive(Debug, Default)]
pub struct Tally {
    records: u64,
    understood: u64,
    others: u64,
    /// The first few records that were not understood.
    gaps: Vec<Loss>,
    cut_lines: u64,
    overruns: u64,
    is_interrupted: bool,
    suppressed: u64,
    kernel_lost: u64,
    serials: Serials,
}

/// Records that the user does not see, or does not see as they were.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Loss {
    /// A record that was not understood.
    NotUnderstood {
        /// Its position among the records, from 1.
        record: u64,
        /// Its serial number.
        serial: Option<u64>,
        /// What is missing.
        gap: Gap,
    },
    /// Further records that were not understood.
    MoreNotUnderstood(u64),
    /// Lines that were cut at [`LONGEST_LINE`](crate::LONGEST_LINE) bytes.
    CutLines(u64),
    /// How often the kernel dropped records because they were not read in time.
    Overruns(u64),
    /// The user stopped although there was more to read.
    Interrupted,
    /// Audit events whose serial numbers never arrived.
    MissingSerials(u64),
    /// Audit records that the kernel did not print, because too many came at once.
    Suppressed {
        /// How many.
        count: u64,
        /// Whether they are among [`Loss::MissingSerials`].
        is_counted: bool,
    },
    /// Audit records that the kernel says that it lost since it started.
    KernelLost(u64),
}

const DETAILED_GAPS: usize = 5;

impl Tally {
    /// The number of records.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// The number of records that were understood.
    pub fn understood(&self) -> u64 {
        self.understood
    }

    /// The number of records of programs that were not asked for.
    pub fn others(&self) -> u64 {
        self.others
    }

    /// Everything that is known to be lost.
    pub fn losses(&self) -> Vec<Loss> {
        let mut losses = self.gaps.clone();
        let more = (self.records - self.understood).saturating_sub(self.gaps.len() as u64);
        let missing = self.serials.lost();
        let counts = [
            (more, Loss::MoreNotUnderstood(more)),
            (self.cut_lines, Loss::CutLines(self.cut_lines)),
            (self.overruns, Loss::Overruns(self.overruns)),
            (self.is_interrupted.into(), Loss::Interrupted),
            (missing, Loss::MissingSerials(missing)),
            (self.suppressed, Loss::Suppressed { count: self.suppressed, is_counted: missing != 0 }),
            (self.kernel_lost, Loss::KernelLost(self.kernel_lost)),
        ];
        losses.extend(counts.into_iter().filter(|(count, _)| *count != 0).map(|(_, loss)| loss));
        losses
    }

    pub(crate) fn record(&mut self, violation: &Violation) {
        self.records += 1;
        match violation.gap() {
            None => self.understood += 1,
            Some(gap) if self.gaps.len() < DETAILED_GAPS => {
                let (record, serial) = (self.records, violation.serial);
                self.gaps.push(Loss::NotUnderstood { record, serial, gap });
            }
            Some(_) => {}
        }
    }

    pub(crate) fn other_program(&mut self) {
        self.others += 1;
    }

    pub(crate) fn cut_line(&mut self) {
        self.cut_lines += 1;
    }

    pub(crate) fn interrupted(&mut self) {
        self.is_interrupted = true;
    }

    pub(crate) fn overrun(&mut self) {
        self.overruns += 1;
    }

    pub(crate) fn serial(&mut self, serial: u32) {
        self.serials.add(serial);
    }

    /// Notes what the kernel log says about records that are not in it.
    pub(crate) fn kernel_line(&mut self, line: &[u8]) {
        if let Some(count) = number_between(line, b"kauditd_printk_skb: ", b" callbacks suppressed") {
            self.suppressed += count;
        } else if let Some(count) = number_between(line, b"audit: audit_lost=", b" ") {
            self.kernel_lost = self.kernel_lost.max(count);
        }
    }
}

fn number_between(line: &[u8], before: &[u8], after: &[u8]) -> Option<u64> {
    let rest = &line[memchr::memmem::find(line, before)? + before.len()..];
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = rest.split_at(digits);
    str::from_utf8(number).ok().filter(|_| rest.starts_with(after))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Gap, Loss, Tally, Violation};

    #[test]
    fn nothing_is_lost_silently() {
        let mut tally = Tally::default();
        assert_eq!(tally.losses(), []);
        (0..7).for_each(|_| tally.record(&Violation::default()));
        tally.cut_line();
        tally.overrun();
        tally.interrupted();
        tally.serial(1);
        tally.serial(4);
        tally.kernel_line(b"<4>[ 1.5] kauditd_printk_skb: 99992 callbacks suppressed");
        tally.kernel_line(b"audit: audit_lost=12 audit_rate_limit=0 audit_backlog_limit=64");
        tally.kernel_line(b"kauditd_printk_skb: many callbacks suppressed");
        assert_eq!((tally.records(), tally.understood()), (7, 0));
        let losses = tally.losses();
        assert_eq!(losses[0], Loss::NotUnderstood { record: 1, serial: None, gap: Gap::Syscall });
        let expected = [
            Loss::MoreNotUnderstood(2),
            Loss::CutLines(1),
            Loss::Overruns(1),
            Loss::Interrupted,
            Loss::MissingSerials(2),
            Loss::Suppressed { count: 99_992, is_counted: true },
            Loss::KernelLost(12),
        ];
        assert_eq!(losses[5..], expected);
    }
}
