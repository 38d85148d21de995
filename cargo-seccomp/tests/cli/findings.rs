//! How problems are drawn, each one once.

use crate::harness::{Folder, MISTAKEN, ODD, SOUND, run};

#[test]
fn every_mistake_is_drawn_at_once() {
    let expected = "\
error[unknown-action]: unknown action `alow`
 --> policy.yaml:1:17
  |
1 | default_action: alow
  |                 ^^^^ not an action
  |
  = help: did you mean `allow`?

error[unknown-syscall]: unknown system call `opne`
 --> policy.yaml:5:5
  |
5 |   - opne
  |     ^^^^ not a system call on any Linux architecture
  |
  = help: did you mean `open`?

error[repeated-syscall]: `execve` is listed twice in this group
 --> policy.yaml:8:5
  |
8 |   - execve
  |     ^^^^^^ listed again here
  |
 ::: policy.yaml:6:5
  |
6 |   - execve
  |     ------ first listed here
  |
  = help: remove one of the two

error: `policy.yaml` has 3 errors
";
    assert_eq!(run(MISTAKEN, "check policy.yaml").stderr, expected);
    assert_eq!(run(MISTAKEN, "export policy.yaml").stderr, expected);
}

/// The lines between two labels are unknown, so they must not be drawn as empty.
#[test]
fn lines_between_labels_are_drawn_as_dots() {
    let policy = "default_action: allow\nsyscalls:\n- action: log\n  names:\n  - kill\n  - read\n  - tkill\n  - kill\n";
    let expected = "\
error[repeated-syscall]: `kill` is listed twice in this group
 --> policy.yaml:8:5
  |
5 |   - kill
  |     ---- first listed here
...
8 |   - kill
  |     ^^^^ listed again here
  |
  = help: remove one of the two

error: `policy.yaml` has 1 error
";
    assert_eq!(run(policy, "check policy.yaml").stderr, expected);
}

#[test]
fn columns_count_characters() {
    let policy = "default_action: allow\nsyscalls: [{action: log, names: [\"größe\", opne]}]\n";
    let expected = "
2 | syscalls: [{action: log, names: [\"größe\", opne]}]
  |                                           ^^^^ not a system call on any Linux architecture
";
    let run = run(policy, "check policy.yaml");
    assert!(run.stderr.contains(expected), "{}", run.stderr);
    assert!(run.stderr.contains(" --> policy.yaml:2:43\n"), "{}", run.stderr);
}

#[test]
fn a_problem_of_the_whole_file_names_it() {
    let policy = format!("{SOUND}# {}\n", "a long comment ".repeat(20_000));
    let run = run(&policy, "check policy.yaml");
    assert!(run.stderr.starts_with("error[too-large]: the policy has 300"), "{}", run.stderr);
    assert!(run.stderr.contains("\n--> policy.yaml\n"), "{}", run.stderr);
    assert_eq!((run.code, run.stderr.lines().count()), (Some(1), 5));
}

#[test]
fn a_file_that_is_not_text_is_a_problem_of_the_policy() {
    let folder = Folder::with(&[]);
    std::fs::write(folder.path("policy.yaml"), b"default_action: \xff\n").expect("a file");
    let run = folder.run("check policy.yaml");
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.starts_with("error[not-utf8]: "), "{}", run.stderr);
}

#[test]
fn a_problem_on_all_architectures_is_reported_once() {
    let run = run(MISTAKEN, "check policy.yaml --arch x86_64 --arch arm --arch s390x");
    assert_eq!(run.stderr.matches("= note: the same on all 3 architectures\n").count(), 3, "{}", run.stderr);
    assert!(run.stderr.ends_with("error: `policy.yaml` has 3 errors\n"), "{}", run.stderr);
}

#[test]
fn problems_that_differ_only_by_the_architecture_are_one() {
    let policy = "default_action: allow\nsyscalls:\n- action: errno\n  names: [sigaction, arm_fadvise64_64]\n\
         allow_warnings: [hole-in-blocklist: not the point]\n";
    let run = run(policy, "check policy.yaml --arch arm --arch riscv64 --arch aarch64");
    let expected = "
error[absent-syscall]: the system call `sigaction` does not exist on riscv64
 --> policy.yaml:4:11
  |
4 |   names: [sigaction, arm_fadvise64_64]
  |           ^^^^^^^^^ not on riscv64
  |
  = note: also on aarch64
";
    assert!(format!("\n{}", run.stderr).contains(expected), "{}", run.stderr);
    assert!(run.stderr.ends_with("error: `policy.yaml` has 2 errors\n"), "{}", run.stderr);
}

#[test]
fn a_problem_on_some_architectures_names_them() {
    let policy = "
default_action: allow
syscalls:
- action: errno
  names_with_args:
  - name: brk
    arguments: [{argument: 0, operation: Equal, value: 0x100000000}]
";
    let run = run(policy, "check policy.yaml --arch x86_64 --arch i386 --arch s390x --arch arm");
    assert!(run.stderr.starts_with("error[value-too-wide]: "), "{}", run.stderr);
    assert!(run.stderr.contains(" = note: on i386, arm\n"), "{}", run.stderr);
    assert!(run.stdout.starts_with("policy.yaml: proved on 2 of 4 architectures, "), "{}", run.stdout);
}

#[test]
fn warnings_say_that_they_are_on_the_proved_architectures() {
    let policy = ODD.replace("sync", "sync, uselib");
    let run = run(&policy, "check policy.yaml --arch x86_64 --arch i386 --arch aarch64");
    let note = "= note: the same on all 2 architectures that were proved\n";
    assert!(run.stderr.contains(note), "{}", run.stderr);
    assert!(run.stderr.ends_with("has 1 error\nwarning: `policy.yaml` has 1 warning\n"), "{}", run.stderr);
}

#[test]
fn an_included_file_has_its_own_lines() {
    let policy = "default_action: allow\ninclude: [base.yaml]\nexpect: [{action: errno, names: [sync]}]\n";
    let base = "syscalls:\n- action: errno\n  names: [opne]\n";
    let folder = Folder::with(&[("policy.yaml", policy), ("base.yaml", base)]);
    let run = folder.run("check policy.yaml");
    assert!(run.stderr.contains(" --> base.yaml:3:11\n"), "{}", run.stderr);
    assert!(run.stderr.ends_with("error: `policy.yaml` has 1 error\n"), "{}", run.stderr);
}

#[test]
fn a_problem_in_two_files_shows_both() {
    let policy = "default_action: errno\ninclude: [base.yaml]\nexpect: [{action: allow, names: [sync]}]\n";
    let base = "syscalls:\n- action: log\n  names: [read, sync]\n";
    let folder = Folder::with(&[("policy.yaml", policy), ("base.yaml", base)]);
    let run = folder.run("check policy.yaml --arch x86_64");
    let expected = "\
error[broken-expectation]: the policy breaks this expectation: it answers sync(…) on x86_64 with log
 --> policy.yaml:3:34
  |
3 | expect: [{action: allow, names: [sync]}]
  |                                  ^^^^ expected allow
  |
 ::: base.yaml:3:17
  |
3 |   names: [read, sync]
  |                 ---- decides `sync`
  |
  = help: change the policy, or the expectation

error: `policy.yaml` has 1 error
";
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), expected));
}

#[test]
fn problems_in_two_files_come_file_by_file() {
    let policy = "default_action: allow\nsyscalls: [{action: log, names: [opne]}]\ninclude: [base.yaml]\n";
    let base = "syscalls: [{action: log, names: [raed]}]\n";
    let folder = Folder::with(&[("policy.yaml", policy), ("base.yaml", base)]);
    let run = folder.run("check policy.yaml --all-architectures");
    let places: Vec<&str> = run.stderr.lines().filter_map(|line| line.strip_prefix(" --> ")).collect();
    assert_eq!(places, ["policy.yaml:2:34", "base.yaml:1:34"], "{}", run.stderr);
}

#[test]
fn too_many_problems_are_counted_but_not_all_shown() {
    let names: Vec<String> = (0..60).map(|number| format!("no_such_call_{number}")).collect();
    let policy =
        format!("default_action: allow\nsyscalls: [{{action: log, names: [{}]}}]\n", names.join(", "));
    let run = run(&policy, "check policy.yaml");
    assert_eq!(run.stderr.matches("error[unknown-syscall]").count(), 50);
    let last = run.stderr.lines().last().expect("a line");
    assert_eq!(last, "error: `policy.yaml` has 60 errors, of which 50 are shown");
}

#[test]
fn colour_can_be_forced_and_forbidden() {
    let plain = run(MISTAKEN, "check policy.yaml").stderr;
    let coloured = run(MISTAKEN, "check policy.yaml --color always").stderr;
    assert!(!plain.contains('\x1b'), "{plain}");
    assert!(coloured.contains("\x1b[1m\x1b[91merror[unknown-action]"), "{coloured:?}");
    assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
    assert_eq!(run(MISTAKEN, "--color never check policy.yaml").stderr, plain);
}
