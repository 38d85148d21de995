//! Counts what was read, how much of it was understood and what was lost, so that nothing goes missing silently.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::record::{Gap, Violation};
use crate::serials::Serials;

/// The counts of one run.
#[derive(Debug, Default)]
pub struct Tally {
    records: u64,
    understood: u64,
    left_out: u64,
    twice: u64,
    has_forgotten: bool,
    /// The first few records that were not understood.
    gaps: Vec<Loss>,
    cut_lines: u64,
    overruns: u64,
    is_interrupted: bool,
    suppressed: u64,
    /// The kernel's count of lost records when it was first told and at last, and what it was before it began anew.
    kernel_lost: Option<(u64, u64)>,
    lost_before: u64,
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
    /// Audit records that the kernel lost while the log was written, at least.
    KernelLost(u64),
    /// Some records may be counted twice, because there were too many to remember.
    Forgotten,
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

    /// The number of records that were not asked for.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The number of records that were there before and are not among the others.
    pub fn twice(&self) -> u64 {
        self.twice
    }

    /// Everything that is known to be lost.
    pub fn losses(&self) -> Vec<Loss> {
        let mut losses = self.gaps.clone();
        let more = (self.records - self.understood).saturating_sub(self.gaps.len() as u64);
        let missing = self.serials.lost();
        let kernel_lost = self
            .kernel_lost
            .map_or(0, |(first, last)| (last - first).saturating_add(1))
            .saturating_add(self.lost_before);
        let counts = [
            (more, Loss::MoreNotUnderstood(more)),
            (self.cut_lines, Loss::CutLines(self.cut_lines)),
            (self.overruns, Loss::Overruns(self.overruns)),
            (self.is_interrupted.into(), Loss::Interrupted),
            (missing, Loss::MissingSerials(missing)),
            (self.suppressed, Loss::Suppressed { count: self.suppressed, is_counted: missing != 0 }),
            (kernel_lost, Loss::KernelLost(kernel_lost)),
            (self.has_forgotten.into(), Loss::Forgotten),
        ];
        losses.extend(counts.into_iter().filter(|(count, _)| *count != 0).map(|(_, loss)| loss));
        losses
    }

    pub(crate) fn record(&mut self, violation: &Violation) {
        self.records += violation.times;
        match violation.gap() {
            None => self.understood += violation.times,
            Some(gap) if self.gaps.len() < DETAILED_GAPS => {
                let (record, serial) = (self.records, violation.serial);
                self.gaps.push(Loss::NotUnderstood { record, serial, gap });
            }
            Some(_) => {}
        }
    }

    pub(crate) fn left_out_one(&mut self, violation: &Violation) {
        self.left_out += violation.times;
    }

    pub(crate) fn set_twice(&mut self, twice: u64, has_forgotten: bool) {
        (self.twice, self.has_forgotten) = (twice, has_forgotten);
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
        if MARKS.iter().all(|mark| mark.find(line).is_none()) {
            return;
        }
        if let Some(count) = number_between(line, b"kauditd_printk_skb: ", b" callbacks suppressed") {
            self.suppressed = self.suppressed.saturating_add(count);
        } else if let Some(count) = number_between(line, b"audit: audit_lost=", b" ") {
            self.lost(count);
        }
    }

    /// The kernel counts what it lost since it started, and tells of some of the losses.
    fn lost(&mut self, count: u64) {
        let (first, last) = self.kernel_lost.unwrap_or((count, count));
        if count >= last {
            self.kernel_lost = Some((first, count));
        } else {
            self.lost_before = self.lost_before.saturating_add((last - first).saturating_add(1));
            self.kernel_lost = Some((count, count));
        }
    }
}

/// What the lines have that tell of losses.
pub(crate) static MARKS: LazyLock<[Finder<'static>; 2]> =
    LazyLock::new(|| ["callbacks suppressed", "audit_lost="].map(Finder::new));

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
        for count in [12, 13, 20, 2, 3] {
            tally.kernel_line(format!("audit: audit_lost={count} audit_rate_limit=0").as_bytes());
        }
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
            Loss::KernelLost(9 + 2),
        ];
        assert_eq!(losses[5..], expected);
    }
}
