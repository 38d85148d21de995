//! `scan`: what it prints, and how it ends.

use std::path::Path;

use seccomp_compiler::Architecture;

use crate::harness::{Folder, ODD, Run};

/// A small program of the system, if it is one that can be scanned.
fn program() -> Option<&'static str> {
    let program = ["/usr/bin/true", "/bin/true"]
        .into_iter()
        .find(|path| std::fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"\x7fELF\x02\x01")));
    let can = Architecture::host().is_some_and(|host| ["x86_64", "aarch64"].contains(&host.name()));
    program.filter(|_| can)
}

fn scan(folder: &Folder, arguments: &str) -> Run {
    folder.run(&format!("scan {arguments}"))
}

#[test]
fn a_scan_lists_calls_with_who_makes_them() {
    let Some(program) = program() else { return };
    let run = scan(&Folder::with(&[]), program);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{}", run.stdout);
    assert!(run.stdout.starts_with(&format!("{program}: ")), "{}", run.stdout);
    let exit = run.stdout.lines().find(|line| line.starts_with("  exit_group "));
    assert!(exit.is_some_and(|line| line.contains("  true: ")), "{}", run.stdout);
}

#[test]
fn a_scan_as_json_has_the_documented_keys() {
    let Some(program) = program() else { return };
    let run = scan(&Folder::with(&[]), &format!("--format json {program}"));
    let scan: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is in the project");
    let document = std::fs::read_to_string(project.join("docs/scan.md")).expect("the document is there");
    let first = &scan["calls"][0];
    let objects = [&scan, first, &first["uses"][0]];
    let keys = objects.iter().flat_map(|object| object.as_object().expect("it is an object").keys());
    let keys: Vec<&String> = keys.collect();
    assert!(keys.len() >= 15, "{keys:?}");
    for key in keys {
        assert!(document.contains(&format!("`{key}`")), "{key} is not documented");
    }
}

#[test]
fn a_policy_that_refuses_what_is_reached_makes_the_scan_fail() {
    let Some(program) = program() else { return };
    let folder = Folder::with(&[
        ("open.yaml", "default_action: allow\nsyscalls: [{action: errno, names: [add_key]}]\n"),
        ("closed.yaml", "default_action: errno\nsyscalls: [{action: allow, names: ['@rust-std']}]\n"),
        ("broken.yaml", "default_action: alow\n"),
    ]);
    let open = scan(&folder, &format!("--policy open.yaml {program}"));
    assert_eq!(open.code, Some(0), "{}{}", open.stdout, open.stderr);
    let closed = scan(&folder, &format!("--policy closed.yaml {program}"));
    assert_eq!(closed.code, Some(1), "{}", closed.stdout);
    assert!(closed.stdout.contains("always errno(EPERM)"), "{}", closed.stdout);
    let broken = scan(&folder, &format!("--policy broken.yaml {program}"));
    assert_eq!((broken.code, broken.stdout.as_str()), (Some(1), ""));
}

#[test]
fn a_policy_from_standard_input_is_read_once_and_its_problems_are_shown_once() {
    let Some(program) = program() else { return };
    let run = Folder::with(&[]).run_with(&format!("scan --policy - {program} {program}"), ODD.as_bytes());
    assert_eq!(run.stderr.matches("warning[").count(), 1, "{}", run.stderr);
    assert_eq!(run.stdout.matches(" refused by <stdin>").count(), 2, "{}", run.stdout);
}

#[test]
fn libraries_that_are_not_found_are_named() {
    let Some(program) = program() else { return };
    let folder = Folder::with(&[("file", "")]);
    let run = scan(&folder, &format!("--sysroot . {program}"));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let warning = "which were not found: their system calls are not counted";
    assert!(run.stderr.contains(warning), "{}", run.stderr);
}

#[test]
fn a_program_reaches_no_more_than_itself() {
    let Some(program) = program() else { return };
    let same = scan(&Folder::with(&[]), &format!("--diff {program} {program}"));
    assert_eq!(same.code, Some(0), "{}", same.stdout);
    let one = scan(&Folder::with(&[]), &format!("--diff {program}"));
    assert_eq!(one.code, Some(2));
    assert!(one.stderr.contains("name the old one, then the new one"), "{}", one.stderr);
}

#[test]
fn what_is_no_program_is_an_error_that_says_why() {
    let folder = Folder::with(&[("text", "a program\n")]);
    let text = scan(&folder, "text");
    assert_eq!((text.code, text.stdout.as_str()), (Some(2), ""));
    assert!(text.stderr.contains("cannot scan `text`: it is not an ELF file"), "{}", text.stderr);
    let sysroot = scan(&folder, "--sysroot text text");
    assert_eq!((sysroot.code, sysroot.stdout.as_str()), (Some(2), ""));
    assert!(sysroot.stderr.contains("`--sysroot`: `text` is not a folder"), "{}", sysroot.stderr);
    let missing = scan(&folder, "missing");
    assert_eq!(missing.code, Some(2));
    assert!(missing.stderr.contains("cannot read `missing`"), "{}", missing.stderr);
}

/// The recording is of another program, of this one, or none.
#[test]
fn a_recording_tells_seen_calls_from_unseen_ones() {
    use seccomp_compiler::Call;
    use seccomp_tools::recording::{Caller, Machine, Recording, Run};

    let (Some(program), Some(host)) = (program(), Architecture::host()) else { return };
    let evidence = |path: &str| {
        let mut recording = Recording::new(Run::new([path.to_owned()], Machine::new(host.name(), "7.2")));
        let caller = Caller { program: recording.program(path), thread: recording.thread("main") };
        for name in ["exit_group", "add_key"] {
            let number = host.syscall_number(name).expect("it has the call");
            let _new = recording.add(caller, &Call { arch: host.audit(), number, ..Call::default() });
        }
        recording.to_json()
    };
    let folder = Folder::with(&[
        ("own.json", evidence(program).as_str()),
        ("other.json", evidence("/usr/bin/other").as_str()),
        ("none.json", "{}"),
    ]);
    let own = scan(&folder, &format!("--evidence own.json {program}"));
    assert_eq!(own.code, Some(0), "{}", own.stderr);
    assert!(own.stdout.contains(" seen: exit_group\nnever seen:\n  true: "), "{}", own.stdout);
    assert!(own.stdout.contains("seen, but not found in the code: add_key\n"), "{}", own.stdout);
    for (file, reason) in [("other.json", "no calls by a program named `"), ("none.json", "`none.json`: ")] {
        let run = scan(&folder, &format!("--evidence {file} {program}"));
        assert_eq!(run.code, Some(2));
        assert!(run.stderr.contains(reason), "{}", run.stderr);
    }
}
