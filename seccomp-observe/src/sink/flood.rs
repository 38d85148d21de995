//! Violations as they happen, one line each; many of the same kind are one line that counts up.

use std::collections::HashMap;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use super::groups::Kind;

/// How long violations of a kind are counted before they are shown again.
const PAUSE: Duration = Duration::from_secs(1);

/// The most kinds that are counted apart.
const MOST_KINDS: usize = 1000;

/// Lines that are shown and counted.
#[derive(Debug)]
pub(super) struct Flood {
    /// Whether the last line can still be changed.
    is_terminal: bool,
    /// The kinds that were shown since the pause began, with how many came after that and the last line of them.
    kinds: HashMap<Kind, (u64, String)>,
    since: Option<Instant>,
    /// What the last line is about, and how many violations it counts.
    last: Option<(Kind, u64)>,
}

impl Flood {
    pub(super) fn new(is_terminal: bool) -> Self {
        Self { is_terminal, kinds: HashMap::new(), since: None, last: None }
    }

    /// Takes the line of a violation, and how many it counts.
    pub(super) fn add(
        &mut self,
        kind: Kind,
        times: u64,
        line: String,
        output: &mut dyn Write,
    ) -> io::Result<()> {
        if self.since.is_some_and(|since| since.elapsed() >= PAUSE) || self.kinds.len() >= MOST_KINDS {
            self.flush(output)?;
        }
        self.since.get_or_insert_with(Instant::now);
        if let Some((count, last)) = self.kinds.get_mut(&kind) {
            *count += times;
            *last = line;
            return Ok(());
        }
        self.show(&kind, times, &line, output)?;
        self.kinds.insert(kind, (0, line));
        Ok(())
    }

    /// Shows what was only counted, once the pause is over: a flood is read faster than it comes.
    pub(super) fn idle(&mut self, output: &mut dyn Write) -> io::Result<()> {
        if self.since.is_some_and(|since| since.elapsed() >= PAUSE) { self.flush(output) } else { Ok(()) }
    }

    /// Shows what was only counted.
    pub(super) fn flush(&mut self, output: &mut dyn Write) -> io::Result<()> {
        self.since = None;
        let mut counted: Vec<_> =
            core::mem::take(&mut self.kinds).into_iter().filter(|(_, (count, _))| *count > 0).collect();
        counted.sort();
        counted.iter().try_for_each(|(kind, (count, line))| self.show(kind, *count, line, output))
    }

    fn show(&mut self, kind: &Kind, times: u64, line: &str, output: &mut dyn Write) -> io::Result<()> {
        let mut sum = times;
        match &self.last {
            Some((last, before)) if self.is_terminal && last == kind => {
                sum += before;
                // Up to the last line, which is erased.
                output.write_all(b"\x1b[1A\x1b[2K")?;
            }
            _ => {}
        }
        self.last = Some((kind.clone(), sum));
        match sum {
            1 => writeln!(output, "{line}"),
            sum => writeln!(output, "{line}  ({sum} times)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Flood, Kind};
    use crate::record::Violation;

    fn shown(is_terminal: bool, programs: &[&str]) -> String {
        let mut flood = Flood::new(is_terminal);
        let mut output = Vec::new();
        for (position, program) in programs.iter().enumerate() {
            let violation = Violation { executable: Some((*program).to_owned()), ..Violation::default() };
            flood.add(Kind::new(&violation), 1, format!("{program}{position}"), &mut output).expect("memory");
        }
        flood.flush(&mut output).expect("memory");
        String::from_utf8(output).expect("UTF-8")
    }

    #[test]
    fn a_flood_is_few_lines_and_every_violation_is_counted() {
        assert_eq!(shown(false, &["a", "b", "c"]), "a0\nb1\nc2\n");
        let flood: Vec<&str> = ["a"; 1000].into_iter().chain(["b"; 500]).collect();
        let lines = shown(false, &flood);
        let last: Vec<&str> = lines.lines().collect();
        assert!(last.len() < 20, "{lines}");
        let count = |line: &&str| {
            line.split_once('(')
                .map_or(1, |(_, rest)| rest.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0))
        };
        assert_eq!(last.iter().map(count).sum::<u64>(), 1500);
    }

    #[test]
    fn on_a_terminal_the_line_counts_up() {
        let lines = shown(true, &["a"; 3]);
        assert!(lines.ends_with("\x1b[1A\x1b[2Ka2  (3 times)\n"), "{lines:?}");
    }
}
