//! What recording costs: commands alone, recorded, recorded under a policy that covers them, and under strace.
//!
//! ```text
//! cargo build --release -p cargo-seccomp
//! cargo run --release -p benches --bin record-cost
//! ```
//!
//! Prints the best of five runs of each, as multiples of the command alone.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RUNS: usize = 5;

/// Commands of many calls, and of fewer.
const COMMANDS: [&str; 2] =
    ["find /usr > /dev/null", "tar -cf - /usr/share 2> /dev/null | gzip -1 > /dev/null"];

fn main() {
    let seccomp = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release/cargo-seccomp");
    assert!(seccomp.exists(), "build it first: cargo build --release -p cargo-seccomp");
    let seccomp = seccomp.display().to_string();
    let folder = std::env::temp_dir().join(format!("record-cost-{}", std::process::id()));
    std::fs::create_dir(&folder).expect("a temporary folder");
    let policy = folder.join("policy.yaml").display().to_string();
    println!("command\talone\trecord\trecord --append\tstrace -f -c");
    for command in COMMANDS {
        let alone = best(&["sh", "-c", command]);
        let first = best(&[&seccomp, "record", "--force", "-o", &policy, "--", "sh", "-c", command]);
        let again = best(&[&seccomp, "record", "--append", &policy, "--", "sh", "-c", command]);
        let strace = best(&["strace", "-f", "-c", "-o", "/dev/null", "sh", "-c", command]);
        println!(
            "{command}\t{}\t{}\t{}\t{}",
            alone.map_or("-".to_owned(), |time| format!("{:.2} s", time.as_secs_f64())),
            ratio(first, alone),
            ratio(again, alone),
            ratio(strace, alone)
        );
    }
    std::fs::remove_dir_all(folder).expect("it is there");
}

/// The shortest of several runs; none if there is no such program.
fn best(command: &[&str]) -> Option<Duration> {
    let run = |_| {
        let start = Instant::now();
        let mut process = Command::new(command[0]);
        process.args(&command[1..]).stdout(Stdio::null()).stderr(Stdio::null());
        process.status().ok()?;
        Some(start.elapsed())
    };
    (0..RUNS).filter_map(run).min()
}

fn ratio(time: Option<Duration>, alone: Option<Duration>) -> String {
    match (time, alone) {
        (Some(time), Some(alone)) => format!("{:.2}", time.as_secs_f64() / alone.as_secs_f64()),
        _ => "-".to_owned(),
    }
}
