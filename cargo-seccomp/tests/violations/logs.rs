//! Logs as several systems write them, and what is decoded of them: `NAME.log` beside `NAME.jsonl`.
//!
//! `BLESS=1 cargo test -p cargo-seccomp --test violations logs` writes the latter.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;

use crate::harness::{Folder, Run};

pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/logs")
}

/// Every log of the folder.
pub(crate) fn all() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder()).expect("the folder of logs");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut logs: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|of| of == "log")).collect();
    logs.sort();
    logs
}

/// Runs the command on a log.
pub(crate) fn violations(log: &str, arguments: &str) -> Run {
    let folder = Folder::with(&[]);
    let path = self::folder().join(log);
    folder.run(&format!("violations --source {} {arguments}", path.display()))
}

/// Runs the command on this text at standard input.
pub(crate) fn violations_of(text: &[u8], arguments: &str) -> Run {
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
fn every_log_is_decoded_as_it_says_beside_it() {
    for log in all() {
        let name = log.file_name().and_then(|name| name.to_str()).expect("a name");
        let run = violations(name, "--format json");
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let expected = log.with_extension("jsonl");
        if std::env::var_os("BLESS").is_some() {
            fs::write(&expected, &run.stdout).expect("the folder can be written");
        }
        let text = fs::read_to_string(&expected).expect("what is expected");
        assert_eq!(run.stdout, text, "{name}");
        let records = run.stdout.lines().count();
        let understood = run.stdout.lines().filter(|line| !line.contains("\"gap\":")).count();
        let last = run.stderr.lines().last().expect("a summary");
        let plural = if records == 1 { "" } else { "s" };
        assert_eq!(last, format!("note: {records} record{plural}, {understood} understood"), "{name}");
    }
}

#[test]
fn the_source_is_named_first_and_the_counts_come_last() {
    let run = violations_of(b"", "");
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""));
    assert_eq!(run.stderr, "note: reading standard input\nnote: 0 records, 0 understood\n");
}

#[test]
fn a_table_groups_what_is_alike() {
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
        run.stderr.ends_with("note: 12 records, 12 understood; 6 of other programs left out\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_the_kernel_left_out_is_said() {
    let run = violations("debian-kern.log", "");
    let said = "warning: the kernel left 18 audit records out of its log, as too many came at once\n";
    assert!(run.stderr.contains(said), "{}", run.stderr);
}

#[test]
fn what_is_not_understood_is_said() {
    let run = violations("broken.log", "");
    let said = "warning: record 1, serial number 1: `syscall` is missing or no number\n";
    assert!(run.stderr.contains(said), "{}", run.stderr);
}

#[test]
fn an_input_that_is_no_plain_text_is_said_to_be_none() {
    let record = "type=SECCOMP msg=audit(1.000:1): arch=c000003e syscall=41 code=0x50000 comm=\"a\"\n";
    let utf_16: Vec<u8> = ["\u{feff}", record].concat().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: [(&[u8], &str); 6] = [
        (b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0", "compressed: `zcat FILE |"),
        (b"\x28\xb5\x2f\xfd\x24\0\x01\0\0\x99\xe9\xd8\x51", "compressed: `zstdcat FILE |"),
        (b"\xfd7zXZ\0\0\x04", "compressed: `xzcat FILE |"),
        (&utf_16, "UTF-16: `iconv -f UTF-16"),
        (b"\n{\"MESSAGE\":\"SECCOMP auid=0 comm=\\\"a\\\"\"}\n", "JSON, which is not read: `journalctl -k -o cat"),
        (
            br#"{"MESSAGE":"audit: type=1326 audit(1.000:1): arch=c000003e syscall=41 code=0x50000","_PID":"1"}"#,
            "JSON, which is not read",
        ),
    ];
    for (text, said) in cases {
        let run = violations_of(text, "");
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(
            run.stderr.contains("note: nothing is understood here") && run.stderr.contains(said),
            "{}",
            run.stderr
        );
    }
    for text in ["", "\n", "a plain line\n{\n", &format!("{{}}\n{record}")] {
        let run = violations_of(text.as_bytes(), "");
        assert!(!run.stderr.contains("nothing is understood"), "{}", run.stderr);
    }
}

#[test]
fn a_time_that_does_not_fit_is_no_time() {
    for seconds in ["99999999999999999", "18446744073709551615", "99999999999999999999"] {
        let run = violations_of(format!("type=SECCOMP msg=audit({seconds}").as_bytes(), "--format json");
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(run.stdout.contains("\"gap\":") && !run.stdout.contains("\"time\":"), "{}", run.stdout);
    }
}

#[test]
fn a_line_without_end_is_cut_and_counted() {
    let record = "type=SECCOMP msg=audit(1.000:1): arch=c000003e syscall=41 code=0x50000 comm=\"a\" ";
    let text = format!("{record}{}\n{record}\n", "x".repeat(1 << 20));
    let run = violations_of(text.as_bytes(), "");
    assert!(run.stdout.contains("    2  a"), "{}", run.stdout);
    assert!(
        run.stderr.contains("warning: 1 line longer than 65536 bytes, and cut there\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn wrong_sources_are_two_and_say_what_to_do() {
    for (arguments, said) in [
        ("--source audit", "add `--follow`"),
        ("--source log --follow", "tail -F"),
        ("--source missing.log", "cannot read `missing.log`"),
        ("--source missing.log --follow", "tail -F"),
        ("--source . ", "cannot read `.`"),
        ("--policy missing.yaml --source -", "cannot read `missing.yaml`"),
        ("--policy missing.yaml --format ecs", "`--format table` alone"),
    ] {
        let run = Folder::with(&[]).run(&format!("violations {arguments}"));
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments}");
        assert!(run.stderr.contains(said), "{arguments}: {}", run.stderr);
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_has_seen_enough_ends_it() {
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
    // The command holds its end of the pipes until it goes.
    drop(command);
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    endless.wait().expect("the pipe is closed");
}
