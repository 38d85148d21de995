//! Coverage in the format of lcov, which editors and code-review sites show beside the lines.

use core::fmt::Write as _;
use std::collections::BTreeMap;

use super::report::{Covered, Report};

impl Report<'_> {
    /// A tracefile of lcov: lines with their counts, and two branches for each condition, that it held and that it did
    /// not.
    pub fn to_lcov(&self) -> String {
        self.files.iter().filter(|file| !file.lines.is_empty()).map(record).collect()
    }
}

fn record(file: &Covered<'_>) -> String {
    // A line break in the name would end the record.
    let name: String = file.name.chars().filter(|c| !c.is_control()).collect();
    let mut text = format!("TN:\nSF:{name}\n");
    let mut lines: BTreeMap<usize, u64> = BTreeMap::new();
    let (mut branches, mut taken) = (0_usize, 0_usize);
    for (block, line) in file.lines.iter().enumerate() {
        let count = lines.entry(line.line).or_default();
        *count = count.saturating_add(line.count);
        for (at, branch) in line.branches.iter().enumerate() {
            for (side, count) in [(2 * at, branch.held), (2 * at + 1, branch.failed)] {
                let is_reached = branch.held > 0 || branch.failed > 0;
                let count = if is_reached { count.to_string() } else { "-".to_owned() };
                let _infallible = writeln!(text, "BRDA:{},{block},{side},{count}", line.line);
            }
            branches += 2;
            taken += usize::from(branch.held > 0) + usize::from(branch.failed > 0);
        }
    }
    let _infallible = writeln!(text, "BRF:{branches}\nBRH:{taken}");
    for (line, count) in &lines {
        let _infallible = writeln!(text, "DA:{line},{count}");
    }
    let hit = lines.values().filter(|count| **count > 0).count();
    let _infallible = writeln!(text, "LF:{}\nLH:{hit}\nend_of_record", lines.len());
    text
}
