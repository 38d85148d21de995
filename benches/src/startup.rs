//! What installing takes when a program starts: instructions, allocations, system calls, bytes, and time.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use seccomp_compiler::Program;

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
        let path = self.path();
        let arguments: Vec<&str> = self.argument.into_iter().collect();
        let run = |program: &str, options: &[&str]| {
            let mut command = Command::new(program);
            if program == "valgrind" {
                command.env("LD_PRELOAD", stand_in()?);
            }
            let output = command.args(options).arg(&path).args(&arguments).output().ok()?;
            Some(String::from_utf8_lossy(&output.stderr).into_owned())
        };
        let number_after = |text: String, label: &str| {
            let (_, rest) = text.split_once(label)?;
            let digits: String = rest
                .trim_start()
                .chars()
                .take_while(|c| c.is_ascii_digit() || *c == ',')
                .filter(char::is_ascii_digit)
                .collect();
            digits.parse().ok()
        };
        let callgrind = run(
            "valgrind",
            &["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*::installed*"],
        );
        let heap = run("valgrind", &["--tool=memcheck"]);
        let calls = run("strace", &["-f", "-qq"]);
        Counted {
            instructions: callgrind.and_then(|text| number_after(text, "Collected :")),
            allocations: heap.and_then(|text| number_after(text, "total heap usage:")),
            system_calls: calls.map(|text| text.lines().filter(|line| line.contains('(')).count() as u64),
            bytes: self.stripped(),
            crates: self.crates(),
        }
    }

    /// The file without symbols.
    fn stripped(self) -> Option<u64> {
        let stripped = self.path().with_extension("stripped");
        Command::new("strip").arg("-o").arg(&stripped).arg(self.path()).status().ok()?;
        std::fs::metadata(stripped).ok().map(|file| file.len())
    }

    /// Crates that the program has in its tree, without itself.
    fn crates(self) -> Option<usize> {
        let output = Command::new(env!("CARGO"))
            .args(["tree", "--prefix", "none", "--edges", "normal,build", "--features", self.feature])
            .arg("--manifest-path")
            .arg(crate::policies::project().join("benches/peers/Cargo.toml"))
            .output()
            .ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        let mut crates: Vec<&str> =
            text.lines().filter_map(|line| line.strip_suffix(" (*)").or(Some(line))).collect();
        crates.sort_unstable();
        crates.dedup();
        // The package itself, and libc, which the package uses for its own measuring.
        Some(crates.len().saturating_sub(2))
    }

    /// From the start of `main` to the filter in place, in nanoseconds.
    fn time(self) -> Option<u64> {
        let output = Command::new(self.path()).args(self.argument).stderr(Stdio::null()).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    }
}

/// What answers in place of the kernel under valgrind, which refuses seccomp(2).
fn stand_in() -> Option<PathBuf> {
    let source = crate::policies::project().join("benches/peers/kernel.c");
    let library = target().join("kernel.so");
    let status =
        Command::new("cc").args(["-O2", "-shared", "-fPIC", "-o"]).arg(&library).arg(source).status();
    status.ok()?.success().then_some(library)
}

/// The tenth percentile of each starter's times, in nanoseconds, over so many rounds in which each runs once.
pub(crate) fn times(starters: &[Starter], rounds: usize) -> Vec<Option<u64>> {
    let mut times = vec![Vec::new(); starters.len()];
    for _ in 0..rounds {
        for (starter, times) in starters.iter().zip(&mut times) {
            times.extend(starter.time());
        }
    }
    times.into_iter().map(tenth).collect()
}

/// The tenth percentile of what the kernel takes to install each program, in nanoseconds, in rounds alike.
pub(crate) fn install_times(programs: &[Program], rounds: usize) -> Vec<Option<u64>> {
    if build("default", "install").is_err() {
        return vec![None; programs.len()];
    }
    let mut times = vec![Vec::new(); programs.len()];
    for _ in 0..rounds {
        for (program, times) in programs.iter().zip(&mut times) {
            times.extend(install_time(program));
        }
    }
    times.into_iter().map(tenth).collect()
}

fn install_time(program: &Program) -> Option<u64> {
    use std::io::Write as _;
    let mut child = Command::new(target().join("release/install"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(&program.to_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

fn tenth(mut times: Vec<u64>) -> Option<u64> {
    times.sort_unstable();
    times.get(times.len() / 10).copied()
}
