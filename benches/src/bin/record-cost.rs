//! What recording costs: commands alone, recorded, recorded under a policy that covers them, and under strace, on all
//! processors and on one.
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

/// Has a command, and all that it starts, run on one processor.
const ON_ONE: [&str; 3] = ["taskset", "-c", "0"];

fn main() {
    let seccomp = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release/cargo-seccomp");
    assert!(seccomp.exists(), "build it first: cargo build --release -p cargo-seccomp");
    let seccomp = seccomp.display().to_string();
    let folder = std::env::temp_dir().join(format!("record-cost-{}", std::process::id()));
    std::fs::create_dir(&folder).expect("a temporary folder");
    let policy = folder.join("policy.yaml").display().to_string();
    println!("command\tprocessors\talone\trecord\trecord --append\tstrace -f -c");
    for command in COMMANDS {
        measure("all", &[], command, (&seccomp, &policy));
        if works(&[&ON_ONE[..], &["true"]].concat()) {
            measure("one", &ON_ONE, command, (&seccomp, &policy));
        } else {
            println!("{command}\tone\tskipped: `{}` does not work here", ON_ONE.join(" "));
        }
    }
    std::fs::remove_dir_all(folder).expect("it is there");
}

/// Prints a row: the command after a prefix, alone and traced.
fn measure(processors: &str, prefix: &[&str], command: &str, (seccomp, policy): (&str, &str)) {
    let best = |tracer: &[&str]| best(&[prefix, tracer, &["sh", "-c", command]].concat());
    let alone = best(&[]);
    let first = best(&[seccomp, "record", "--force", "-o", policy, "--"]);
    let again = best(&[seccomp, "record", "--append", policy, "--"]);
    let strace = best(&["strace", "-f", "-c", "-o", "/dev/null"]);
    println!(
        "{command}\t{processors}\t{}\t{}\t{}\t{}",
        alone.map_or("-".to_owned(), |time| format!("{:.2} s", time.as_secs_f64())),
        ratio(first, alone),
        ratio(again, alone),
        ratio(strace, alone)
    );
}

/// The shortest of several runs; none if it fails, as where there is no such program.
fn best(command: &[&str]) -> Option<Duration> {
    let run = |_| {
        let start = Instant::now();
        works(command).then(|| start.elapsed())
    };
    (0..RUNS).filter_map(run).min()
}

fn works(command: &[&str]) -> bool {
    let mut process = Command::new(command[0]);
    process.args(&command[1..]).stdout(Stdio::null()).stderr(Stdio::null());
    process.status().is_ok_and(|status| status.success())
}

fn ratio(time: Option<Duration>, alone: Option<Duration>) -> String {
    match (time, alone) {
        (Some(time), Some(alone)) => format!("{:.2}", time.as_secs_f64() / alone.as_secs_f64()),
        _ => "-".to_owned(),
    }
}
