//! What is said about logs, on which stream, and which sources cannot be read.

use std::fs;
use std::path::PathBuf;

use crate::harness::{Folder, Run};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../seccomp-observe/tests/logs")
}

/// Runs the command on a log.
fn violations(log: &str, arguments: &str) -> Run {
    let folder = Folder::with(&[]);
    let path = self::folder().join(log);
    folder.run(&format!("violations --source {} {arguments}", path.display()))
}

/// Runs the command on this text at standard input.
fn violations_of(text: &[u8], arguments: &str) -> Run {
    Folder::with(&[]).run_with(&format!("violations --source - {arguments}"), text)
}

#[test]
fn the_source_is_named_first_and_the_counts_come_last() {
    let run = violations_of(b"", "");
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""));
    let (read, why) = run.stderr.split_once("understood\n").expect("two parts");
    assert_eq!(read, "note: reading standard input\nnote: 0 records, 0 ");
    assert!(why.starts_with("note: ") && why.contains("`flags: [log]`") && why.contains("--why"), "{why}");
}

#[test]
fn a_table_groups_violations_of_the_same_kind() {
    let run = violations("ubuntu-dmesg.log", "");
    let expected = "\
COUNT  PROGRAM                   CALL               ARCH     ACTION        FIRST                 LAST
    1  /bin/dash                 getpgrp            s390x    trap          2023-11-29T05:09:29Z  2023-11-29T05:09:29Z
";
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(
        words(run.stdout.lines().next().expect("a head")),
        words(expected.lines().next().expect("one"))
    );
    assert_eq!(run.stdout.lines().count(), 5);
    let log = fs::read_to_string(folder().join("ubuntu-dmesg.log")).expect("a log");
    let log = log.clone() + &log.replace("audit(17", "audit(16") + &log.replace("audit(17", "audit(15");
    let run = violations_of(log.as_bytes(), "--program hello");
    assert_eq!(run.stdout.lines().count(), 3, "{}", run.stdout);
    assert!(run.stdout.lines().skip(1).all(|line| line.starts_with("    3  /snap/hello/42/bin/hello")));
    assert!(run.stderr.ends_with("note: 12 records, 12 understood; 6 left out\n"), "{}", run.stderr);
}

#[test]
fn records_that_the_kernel_left_out_are_reported() {
    let run = violations("debian-kern.log", "");
    let said = "warning: the kernel left 18 audit records out of its log, because too many came at once\n";
    assert!(run.stderr.contains(said), "{}", run.stderr);
}

#[test]
fn records_that_are_not_understood_are_reported() {
    let run = violations("broken.log", "");
    let said = "warning: record 1, serial number 1: `syscall` is missing or not a number\n";
    assert!(run.stderr.contains(said), "{}", run.stderr);
}

#[test]
fn an_input_that_is_not_read_comes_with_the_command_that_converts_it() {
    for (text, note) in [
        (&b"BZh91AY"[..], "to be compressed: `bzcat FILE | cargo seccomp violations -`"),
        (
            b"LPKSHHRH",
            "to be a journal file: `journalctl --file FILE -o export | cargo seccomp violations -`",
        ),
    ] {
        let run = violations_of(text, "");
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(
            run.stderr.contains(&format!("note: no records understood; the input seems {note}\n")),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn several_logs_are_read_and_each_record_counts_once() {
    let folder = Folder::with(&[]);
    let path = |name: &str| self::folder().join(name).display().to_string();
    let all =
        ["syslog.log", "syslog.log.gz", "syslog.log.xz", "syslog.log.zst", "fedora-audit.log"].map(path);
    let run = folder.run(&format!("violations {} --format json", all.join(" ")));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stderr.starts_with("note: reading 5 files\n"), "{}", run.stderr);
    let of = |serial: u32| run.stdout.matches(&format!("\"serial\":{serial},")).count();
    assert_eq!((of(4), of(5), of(412)), (1, 1, 1), "{}", run.stdout);
    assert!(run.stderr.contains(" copies counted only once\n"), "{}", run.stderr);
}

#[test]
fn what_can_be_read_of_a_damaged_log_is_shown() {
    let whole = fs::read(folder().join("syslog.log.gz")).expect("a log");
    let run = violations_of(&whole[..whole.len() - 8], "");
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert!(
        run.stdout.starts_with("COUNT") && run.stderr.contains("error: cannot read standard input"),
        "{}",
        run.stderr
    );
}

#[test]
fn violations_are_selected() {
    for (arguments, count) in [
        ("--pid 4711 --pid 822", 2),
        ("--user apache", 1),
        ("--user 0", 1),
        ("--syscall execve --syscall 102", 2),
        ("--action kill", 1),
        ("--action log --action errno", 2),
        ("--since 2025-11-22T09:26:53+01:00", 2),
        ("--until @1763800012.345", 1),
        ("--since 2025-11-22 --until 2025-11-21", 0),
        ("--program mediad --action errno", 1),
        ("--since 1h", 0),
    ] {
        let run = violations("fedora-audit.log", &format!("--format json {arguments}"));
        assert_eq!(run.stdout.lines().count(), count, "{arguments}: {}{}", run.stdout, run.stderr);
    }
    for wrong in ["--since soon", "--action refuse", "--pid x"] {
        assert_eq!(violations("fedora-audit.log", wrong).code, Some(2), "{wrong}");
    }
}

#[test]
fn an_architecture_is_assumed_where_a_record_has_none() {
    let run = violations("old-kernels.log", "--arch x86_64 --format json");
    assert!(run.stdout.contains(r#""syscall":"open","number":2,"architecture":"x86_64""#), "{}", run.stdout);
    assert!(run.stdout.contains(r#""syscall":"bpf""#), "{}", run.stdout);
}

#[test]
fn counters_are_written_for_prometheus() {
    let run = violations("fedora-audit.log", "--format prometheus");
    let line = r#"seccomp_violations_total{program="/usr/sbin/httpd",syscall="execve",arch="x86_64",action="log"} 1"#;
    assert!(run.stdout.contains(line), "{}", run.stdout);
}

#[test]
fn why_there_may_be_nothing_is_listed() {
    let run = Folder::with(&[]).run("violations --why");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("`flags: [log]`") && run.stdout.lines().count() >= 2, "{}", run.stdout);
}

#[test]
fn a_line_that_is_cut_is_reported() {
    let run = violations_of("x".repeat(1 << 17).as_bytes(), "");
    assert!(run.stderr.contains("warning: cut 1 line at 65536 bytes\n"), "{}", run.stderr);
}

#[test]
fn sources_that_cannot_be_read_exit_with_2_and_say_what_to_do() {
    for (arguments, said) in [
        ("--source audit", "add `--follow`"),
        ("--source log --follow", "tail -F"),
        ("--source missing.log", "cannot read `missing.log`"),
        ("--source missing.log --follow", "tail -F"),
        ("--source . ", "cannot read `.`"),
        ("--policy missing.yaml --source -", "cannot read `missing.yaml`"),
        ("--policy missing.yaml --format prometheus", "counters have no place"),
        ("a.log --source b.log", "cannot be used with"),
    ] {
        let run = Folder::with(&[]).run(&format!("violations {arguments}"));
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments}");
        assert!(run.stderr.contains(said), "{arguments}: {}", run.stderr);
    }
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_ends_the_command() {
    use std::process::{Command, Stdio};

    let folder = Folder::with(&[]);
    let log = self::folder().join("debian-kern.log");
    let mut command = folder.command("violations --source - --follow --format json");
    let mut endless = Command::new("sh");
    // Each time with other serial numbers: copies are not written.
    let script = r#"n=0; while n=$((n + 1)); do sed "s/\(audit([0-9.]*:\)/\1$n/" "$0" || exit; done"#;
    endless.args(["-c", script]).arg(&log).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut endless = endless.spawn().expect("a shell");
    command.stdin(endless.stdout.take().expect("a pipe")).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the command starts");
    // Until it is dropped, the command keeps its ends of the pipes open.
    drop(command);
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    endless.wait().expect("the pipe is closed");
}

/// Copies are not written, so that no write tells that the reader is gone.
#[cfg(unix)]
#[test]
fn whoever_follows_stops_when_nobody_reads_even_if_only_copies_come() {
    use std::io::{BufRead, BufReader, Write};
    use std::process::Stdio;

    const RECORD: &str =
        "type=SECCOMP msg=audit(1.000:1): pid=1 comm=\"a\" arch=c000003e syscall=41 code=0x50000\n";
    let folder = Folder::with(&[]);
    let mut command = folder.command("violations --follow --format json -");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the command starts");
    let mut log = child.stdin.take().expect("a pipe");
    let mut violations = BufReader::new(child.stdout.take().expect("a pipe"));
    log.write_all(RECORD.as_bytes()).expect("it reads");
    let mut first = String::new();
    violations.read_line(&mut first).expect("it writes");
    assert!(first.contains("\"serial\":1"), "{first}");
    drop(violations);
    // A pipe holds far fewer.
    let refused = (0..100_000).find(|_| log.write_all(RECORD.as_bytes()).is_err());
    drop(log);
    assert!(child.wait().expect("it ends").success());
    assert!(refused.is_some(), "it read on");
}
