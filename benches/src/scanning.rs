//! What `cargo seccomp scan` finds in programs, beside what strace sees them do.

mod programs;
mod seen;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use nix::time::{ClockId, clock_gettime};
use seccomp_compiler::LoadError;
use seccomp_tools::scan::{Scan, Scanner};

use programs::{INSTALLED, OF_THE_REGISTRY, Program};

/// Calls that are reached most often and never seen, as many as are listed.
const LISTED: usize = 10;

/// A program that was scanned and watched.
struct Row {
    program: &'static str,
    scan: Scan,
    reached: BTreeSet<String>,
    /// What was seen in each line.
    lines: Vec<BTreeSet<String>>,
    /// Processor time of the scan, in seconds.
    seconds: f64,
}

/// The tables, as Markdown: of programs of the system, or of those in a folder that come from the public registry.
pub(crate) fn tables(folder: Option<&Path>) -> Result<String, String> {
    let scratch = std::env::temp_dir().join(format!("seccomp-scanning-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).map_err(|error| error.to_string())?;
    let programs: &[Program] = if folder.is_some() { &OF_THE_REGISTRY } else { &INSTALLED };
    let mut rows = Vec::new();
    for program in programs {
        match installed(program.0, folder) {
            Some(path) => rows.push(Row::new(*program, &path, &scratch)?),
            None => eprintln!("benches: {} is not installed, or is a script", program.0),
        }
    }
    let _gone = std::fs::remove_dir_all(&scratch);
    let mut text = table(&rows);
    text.push_str(&summary(&rows));
    text.push_str(&never_seen(&rows));
    Ok(text)
}

fn installed(program: &str, folder: Option<&Path>) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = folder.map_or_else(|| std::env::split_paths(&path).collect(), |it| vec![it.to_owned()]);
    let is_elf = |path: &PathBuf| std::fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"\x7fELF"));
    let found = folders.into_iter().map(|folder| folder.join(program)).find(is_elf)?;
    found.canonicalize().ok()
}

/// The processor time of this program, in seconds.
fn processor_time() -> f64 {
    let time = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).expect("every process has this clock");
    core::time::Duration::from(time).as_secs_f64()
}

impl Row {
    fn new((program, lines): Program, path: &Path, scratch: &Path) -> Result<Self, String> {
        let started = processor_time();
        let load = |path: &str| std::fs::read(path).map_err(|_| LoadError::NotFound);
        let scan = Scanner::new(&load).scan(&path.to_string_lossy()).map_err(|error| error.to_string())?;
        let seconds = processor_time() - started;
        let is_dynamic = !scan.libraries.is_empty();
        let seen = lines.iter().map(|line| seen::seen(path, is_dynamic, line, scratch));
        let lines = seen.collect::<Result<_, _>>()?;
        let reached = scan.calls.iter().map(|call| call.name()).collect();
        Ok(Self { program, scan, reached, lines, seconds })
    }

    fn seen(&self) -> BTreeSet<String> {
        self.lines.iter().flatten().cloned().collect()
    }

    fn missed(&self) -> Vec<String> {
        self.seen().difference(&self.reached).cloned().collect()
    }

    /// Precision, recall, and their harmonic mean.
    fn agreement(&self) -> [f64; 3] {
        let seen = self.seen();
        let both = seen.intersection(&self.reached).count() as f64;
        let [precision, recall] = [self.reached.len(), seen.len()].map(|all| both / (all as f64).max(1.0));
        [precision, recall, 2.0 * both / ((self.reached.len() + seen.len()) as f64).max(1.0)]
    }

    /// The calls that the second half of the lines makes and the first does not; and those of them that a review of a
    /// recording of the first half names as reachable and never seen.
    fn other_half(&self) -> (usize, usize) {
        let (first, second) = self.lines.split_at(self.lines.len() / 2);
        let first: BTreeSet<&String> = first.iter().flatten().collect();
        let second: BTreeSet<&String> = second.iter().flatten().collect();
        let new: Vec<&&String> = second.difference(&first).collect();
        (new.iter().filter(|name| self.reached.contains(name.as_str())).count(), new.len())
    }
}

fn table(rows: &[Row]) -> String {
    let mut text =
        "| program | reached | not known | seen | missed | precision | F1 | other half | seconds |\n\
         |---|--:|--:|--:|---|--:|--:|--:|--:|\n"
            .to_owned();
    for row in rows {
        let Row { program, scan, reached, seconds, .. } = row;
        let [precision, _, f1] = row.agreement();
        let missed: Vec<String> = row.missed().iter().map(|name| format!("`{name}`")).collect();
        let (named, new) = row.other_half();
        let _written = writeln!(
            text,
            "| {program} | {} | {} | {} | {} | {precision:.2} | {f1:.2} | {named} of {new} | {seconds:.1} |",
            reached.len(),
            scan.unresolved.len(),
            row.seen().len(),
            missed.join(", ")
        );
    }
    text
}

fn summary(rows: &[Row]) -> String {
    let count = rows.len().max(1) as f64;
    let mean = |of: &dyn Fn(&Row) -> f64| rows.iter().map(of).sum::<f64>() / count;
    let [precision, recall, f1] = [0, 1, 2].map(|at| mean(&|row| row.agreement()[at]));
    let halves = rows.iter().map(Row::other_half);
    let (named, new) = halves.fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1));
    format!(
        "\n{} programs reach {:.0} calls on average, and were seen to make {:.0}. On average, the precision is \
         {precision:.2}, the recall {recall:.3} and F1 {f1:.2}. Of {new} calls that only the second half of the lines \
         makes, a review names {named}. A scan takes {:.1} seconds on average, and at most {:.1}.\n",
        rows.len(),
        mean(&|row| row.reached.len() as f64),
        mean(&|row| row.seen().len() as f64),
        mean(&|row| row.seconds),
        rows.iter().map(|row| row.seconds).fold(0.0, f64::max),
    )
}

/// The calls that most programs reach and were never seen to make, with one way to each.
fn never_seen(rows: &[Row]) -> String {
    let mut reached: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    let all: Vec<BTreeSet<String>> = rows.iter().map(Row::seen).collect();
    for (row, seen) in rows.iter().zip(&all) {
        for name in row.reached.difference(seen) {
            reached.entry(name).or_default().push(row);
        }
    }
    let mut most: Vec<(&str, Vec<&Row>)> = reached.into_iter().collect();
    most.sort_by_key(|(_, by)| core::cmp::Reverse(by.len()));
    let mut text =
        "\n| reached, never seen | programs | seen in | the way in |\n|---|--:|--:|---|\n".to_owned();
    for (name, by) in most.into_iter().take(LISTED) {
        let elsewhere = all.iter().filter(|seen| seen.contains(name)).count();
        let place =
            by[0].scan.calls.iter().find(|call| call.name() == name).and_then(|call| call.uses.first());
        let path = place.map_or_else(String::new, |it| it.path.join(" → "));
        let _written =
            writeln!(text, "| `{name}` | {} | {elsewhere} | {}: {path} |", by.len(), by[0].program);
    }
    text
}
