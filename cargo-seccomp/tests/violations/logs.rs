//! What is said about logs, on which stream, and which sources cannot be read.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;

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
    let folder = Folder::with(&[]);
    let mut command = folder.command(&format!("violations --source - {arguments}"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let text = text.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&text));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("no panic").expect("all was read");
    Run {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        bytes: output.stdout,
    }
}

#[test]
fn the_source_is_named_first_and_the_counts_come_last() {
    let run = violations_of(b"", "");
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""));
    assert_eq!(run.stderr, "note: reading standard input\nnote: 0 records, 0 understood\n");
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
    let log = fs::read(folder().join("ubuntu-dmesg.log")).expect("a log");
    let run = violations_of(&log.repeat(3), "--program hello");
    assert_eq!(run.stdout.lines().count(), 3, "{}", run.stdout);
    assert!(run.stdout.lines().skip(1).all(|line| line.starts_with("    3  /snap/hello/42/bin/hello")));
    assert!(
        run.stderr.ends_with("note: 12 records, 12 understood; 6 from other programs left out\n"),
        "{}",
        run.stderr
    );
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
fn an_input_that_is_not_plain_text_comes_with_the_command_that_converts_it() {
    for (text, note) in [
        (&b"\x1f\x8b\x08\0"[..], "to be compressed: `zcat FILE | cargo seccomp violations --source -`"),
        (b"{}", "to be JSON: `journalctl -k -o cat | cargo seccomp violations --source -`"),
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
        ("--policy missing.yaml --format ecs", "`--policy` requires `--format table`"),
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
    endless
        .args(["-c", "while cat \"$0\"; do :; done"])
        .arg(&log)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut endless = endless.spawn().expect("a shell");
    command.stdin(endless.stdout.take().expect("a pipe")).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the command starts");
    // Until it is dropped, the command keeps its ends of the pipes open.
    drop(command);
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    endless.wait().expect("the pipe is closed");
}
