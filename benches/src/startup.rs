//! What installing a filter costs when a program starts: instructions, allocations, system calls, bytes, and time.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use seccomp_compiler::{Instruction, Program};

use crate::cargo::crates;
use crate::contenders::{build, target};

/// A program that installs the container default, the way a user of each library writes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Starter {
    pub(crate) title: &'static str,
    binary: &'static str,
    feature: &'static str,
    argument: Option<&'static str>,
}

/// The first is without a filter, for the others to be compared with; the second is ours.
pub(crate) const STARTERS: [Starter; 6] = [
    Starter { title: "no filter", binary: "start-empty", feature: "default", argument: None },
    Starter { title: "this project", binary: "start-ours", feature: "ours", argument: None },
    Starter {
        title: "seccompiler, from Rust",
        binary: "start-seccompiler",
        feature: "seccompiler",
        argument: None,
    },
    Starter {
        title: "seccompiler, from JSON",
        binary: "start-seccompiler-json",
        feature: "json",
        argument: None,
    },
    Starter {
        title: "libseccomp, level 1",
        binary: "start-libseccomp",
        feature: "libseccomp",
        argument: Some("1"),
    },
    Starter {
        title: "libseccomp, level 2",
        binary: "start-libseccomp",
        feature: "libseccomp",
        argument: Some("2"),
    },
];

/// The same as `#[policy]` on `main`, which is not timed: it is in place before the clock.
pub(crate) const ATTRIBUTE: Starter = Starter {
    title: "this project, `#[policy]`",
    binary: "start-attribute",
    feature: "ours",
    argument: None,
};

/// What one run shows without a clock.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counted {
    pub(crate) instructions: Option<u64>,
    pub(crate) allocations: Option<u64>,
    pub(crate) system_calls: Option<u64>,
    /// The stripped file.
    pub(crate) bytes: Option<u64>,
    pub(crate) crates: Option<usize>,
}

impl Starter {
    pub(crate) fn build(self) -> Result<(), String> {
        build(self.feature, self.binary)
    }

    fn path(self) -> PathBuf {
        target().join("release").join(self.binary)
    }

    pub(crate) fn counted(self) -> Counted {
        let heap = self.printed("valgrind", &["--tool=memcheck"]);
        let calls = self.printed("strace", &["-f", "-qq"]);
        Counted {
            instructions: self.instructions("*::installed*"),
            allocations: heap.and_then(|text| number_after(&text, "total heap usage:")),
            system_calls: calls.map(|text| text.lines().filter(|line| line.contains('(')).count() as u64),
            bytes: self.stripped(),
            crates: self.crates(),
        }
    }

    /// The instructions of functions with such a name and of what they call.
    fn instructions(self, of: &str) -> Option<u64> {
        let collect = format!("--toggle-collect={of}");
        let options = ["--tool=callgrind", "--callgrind-out-file=/dev/null", &collect];
        number_after(&self.printed("valgrind", &options)?, "Collected :")
    }

    /// The instructions of `main`.
    pub(crate) fn main_instructions(self) -> Option<u64> {
        self.instructions("start_*::main")
    }

    /// What this tool prints of a run.
    fn printed(self, tool: &str, options: &[&str]) -> Option<String> {
        let mut command = Command::new(tool);
        if tool == "valgrind" {
            command.env("LD_PRELOAD", stand_in()?);
        }
        let output = command.args(options).arg(self.path()).args(self.argument).output().ok()?;
        Some(String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// The file without symbols.
    pub(crate) fn stripped(self) -> Option<u64> {
        let stripped = self.path().with_extension("stripped");
        Command::new("strip").arg("-o").arg(&stripped).arg(self.path()).status().ok()?;
        std::fs::metadata(stripped).ok().map(|file| file.len())
    }

    /// Crates that the program has in its tree, without itself.
    fn crates(self) -> Option<usize> {
        let manifest = "benches/peers/Cargo.toml";
        let crates = crates(&["--features", self.feature, "--manifest-path", manifest])?;
        // The package itself, and libc, which the package uses for its own measuring.
        Some(crates.saturating_sub(2))
    }

    /// From the start of `main` to the filter in place, in nanoseconds.
    fn time(self) -> Option<u64> {
        let output = Command::new(self.path()).args(self.argument).stderr(Stdio::null()).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    }
}

/// The number that a tool prints behind a label.
fn number_after(text: &str, label: &str) -> Option<u64> {
    let (_, rest) = text.split_once(label)?;
    let digits: String = rest
        .trim_start()
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == ',')
        .filter(char::is_ascii_digit)
        .collect();
    digits.parse().ok()
}

/// What answers in place of the kernel under valgrind, which refuses seccomp(2).
fn stand_in() -> Option<PathBuf> {
    let source = crate::policies::project().join("benches/peers/kernel.c");
    let library = target().join("kernel.so");
    let status =
        Command::new("cc").args(["-O2", "-shared", "-fPIC", "-o"]).arg(&library).arg(source).status();
    status.ok()?.success().then_some(library)
}

/// How long each starter takes as a multiple of the second, over so many rounds in which each runs once.
pub(crate) fn times(starters: &[Starter], rounds: usize) -> Vec<Option<Ratio>> {
    let round = |_| starters.iter().map(|starter| starter.time()).collect::<Option<Vec<u64>>>();
    let rounds: Vec<Vec<u64>> = (0..rounds).filter_map(round).collect();
    (0..starters.len()).map(|at| Ratio::of(&rounds, at, 1)).collect()
}

/// How long the kernel takes to install each program as a multiple of what it takes for the one at `base`.
pub(crate) fn install_times(programs: &[Program], base: usize, rounds: usize) -> Vec<Option<Ratio>> {
    let rounds = installed(programs, rounds).unwrap_or_default();
    (0..programs.len()).map(|at| Ratio::of(&rounds, at, base)).collect()
}

/// A line for each round, the nanoseconds of each program in it.
fn installed(programs: &[Program], rounds: usize) -> Option<Vec<Vec<u64>>> {
    use std::io::Write as _;
    build("default", "install").ok()?;
    let mut child = Command::new(target().join("release/install"))
        .arg(rounds.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take()?;
    for program in programs {
        let hexadecimal: String = program
            .instructions
            .iter()
            .map(|Instruction { code, jt, jf, k }| format!("{code:04x}{jt:02x}{jf:02x}{k:08x}"))
            .collect();
        writeln!(input, "{hexadecimal}").ok()?;
    }
    drop(input);
    let output = child.wait_with_output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.lines().map(|line| line.split(' ').map(|time| time.parse().ok()).collect()).collect()
}

/// One time as a multiple of another, over rounds in each of which both were measured one after the other: the least of
/// each, which is the work itself where nothing disturbed it, and the medians, which other work on the machine is in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ratio {
    pub(crate) least: f64,
    pub(crate) median: f64,
}

impl Ratio {
    fn of(rounds: &[Vec<u64>], at: usize, base: usize) -> Option<Self> {
        let sorted = |at: usize| {
            let mut times: Vec<u64> = rounds.iter().filter_map(|round| round.get(at).copied()).collect();
            times.sort_unstable();
            times
        };
        let (times, bases) = (sorted(at), sorted(base));
        let ratio =
            |of: usize| Some(*times.get(of)? as f64 / *bases.get(of).filter(|time| **time > 0)? as f64);
        Some(Self { least: ratio(0)?, median: ratio(rounds.len() / 2)? })
    }
}
