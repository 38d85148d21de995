//! `cargo seccomp run`: what a policy refuses of a command, reported and patched.

use std::fs;

use crate::harness::{Folder, Run};

/// Allows everything but some calls of no consequence, in three ways.
const DENIES: &str = "\
default_action: allow
syscalls:
- action: errno(EACCES)
  names: [sync]
- action: kill_process
  names: [syncfs]
";

fn run(policy: &str, arguments: &str, script: &str) -> (Folder, Run) {
    let folder = Folder::with(&[("policy.yaml", policy)]);
    let mut command = folder.command(&format!("run policy.yaml {arguments} -- sh -c"));
    let run = command.arg(script).output().expect("the command starts").into();
    (folder, run)
}

#[test]
fn a_refused_call_is_reported_with_its_line_and_fails() {
    let (_, run) = run(DENIES, "", "sync; echo end; exit 3");
    assert_eq!((run.code, &*run.stdout), (Some(3), "end\n"));
    assert!(
        run.stderr.contains("warning: the policy refuses `sync()` with errno(EACCES), line 4 ("),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("note: 1 call was refused\n      1  sync  /"), "{}", run.stderr);
    assert!(run.stderr.contains("-  names: [sync]\n"), "{}", run.stderr);
}

#[test]
fn a_kill_is_reported_and_is_one() {
    let (_, run) = run(DENIES, "", "exec sync -f .");
    assert_eq!(run.code, Some(159), "{}", run.stderr);
    // The descriptor is whichever was free.
    let (_, call) = run.stderr.split_once("refuses `syncfs(").expect("it is reported");
    assert!(call.trim_start_matches(char::is_numeric).starts_with(")` with kill_process, line 6"), "{call}");
}

#[test]
fn all_refusals_of_a_run_are_reported_when_they_are_let_through() {
    let (folder, run) = run(DENIES, "--log", "sync && sync -f . && sync && echo end");
    assert_eq!((run.code, &*run.stdout), (Some(0), "end\n"), "{}", run.stderr);
    assert!(run.stderr.contains("3 calls would be refused"), "{}", run.stderr);
    assert!(run.stderr.contains("      2  sync  ") && run.stderr.contains("      1  syncfs  "));
    assert_eq!(fs::read_to_string(folder.path("policy.yaml")).expect("it is there"), DENIES);
}

#[test]
fn the_patch_is_applied_when_that_is_asked_for() {
    let (folder, first) = run(DENIES, "--log --fix", "sync");
    assert!(
        first.stderr.contains("`policy.yaml` allows these calls now with any arguments:"),
        "{}",
        first.stderr
    );
    let mut again = folder.command("run policy.yaml -- sync");
    let again: Run = again.output().expect("the command starts").into();
    assert_eq!((again.code, &*again.stderr), (Some(0), "note: no call was refused\n"));
}

/// From a policy for another program, with all that the new one needs added in one run.
#[test]
fn one_run_finds_all_that_a_policy_lacks() {
    let folder = Folder::with(&[("policy.yaml", crate::harness::SOUND)]);
    let script = "mkdir d && cd d && for f in 1 2 3; do echo $f > $f; done && cat 1 2 | sort > 4 && mv 4 5 && ln -s 5 6 && \
                  chmod 600 5 && rm -r ../d && kill -CONT $$";
    let run = |options: &str| -> Run {
        let mut command = folder.command(&format!("run policy.yaml {options} -- sh -c"));
        command.arg(script).output().expect("the command starts").into()
    };
    let refused = run("");
    assert!(
        refused.stderr.contains("`--log` lets refused calls through and finds all"),
        "{}",
        refused.stderr
    );
    let learned = run("--log --fix");
    assert_eq!((learned.code, learned.stderr.contains("finds all")), (Some(0), false), "{}", learned.stderr);
    let again = run("");
    assert_eq!((again.code, &*again.stderr), (Some(0), "note: no call was refused\n"));
    let checked = folder.run("check policy.yaml --deny warnings --all-architectures");
    assert_eq!(checked.code, Some(0), "{}", checked.stderr);
}

/// Another value of an argument is allowed beside the known one, not every value.
#[test]
fn the_patch_has_the_arguments_that_were_refused() {
    let folder = Folder::with(&[]);
    let mut record = folder.command("record --output policy.yaml -- sh -c");
    let recorded: Run = record.arg("kill -0 $$").output().expect("the command starts").into();
    assert_eq!(recorded.code, Some(0), "{}", recorded.stderr);
    let mut fix = folder.command("run policy.yaml --log --fix -- sh -c");
    let fixed: Run = fix.arg("kill -CONT $$").output().expect("the command starts").into();
    assert!(fixed.stderr.contains("`policy.yaml` allows these calls now:"), "{}", fixed.stderr);
    let text = fs::read_to_string(folder.path("policy.yaml")).expect("it is there");
    assert!(text.contains("operation: Equal, value: SIGCONT"), "{text}");
    let mut again = folder.command("run policy.yaml -- sh -c");
    let again: Run = again.arg("kill -CONT $$; kill -USR1 $$").output().expect("the command starts").into();
    assert!(again.stderr.contains("SIGUSR1") && !again.stderr.contains(", SIGCONT)`"), "{}", again.stderr);
}

#[test]
fn an_exported_filter_is_run_without_its_policy() {
    let folder = Folder::with(&[("policy.yaml", DENIES)]);
    assert_eq!(folder.run("export policy.yaml --output filter.bpf").code, Some(0));
    let run = folder.run("run filter.bpf -- sync");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("refuses `sync()` with errno(EACCES) ("), "{}", run.stderr);
    let fixed = folder.run("run filter.bpf --fix -- sync");
    assert_eq!((fixed.code, fixed.stdout.as_str()), (Some(2), ""));
    assert!(
        fixed.stderr.starts_with("error: `filter.bpf` is a filter, and `--fix` changes a policy"),
        "{}",
        fixed.stderr
    );
}

#[test]
fn what_falls_back_is_counted_apart() {
    let policy = "\
default_action: allow
syscalls:
- action: errno(ENOSYS)
  names: [sync]
";
    let (_, run) = run(policy, "--log", "sync; sync");
    assert!(run.stderr.contains("note: no call was refused"), "{}", run.stderr);
    assert!(
        run.stderr.contains("`sync` of /") && run.stderr.contains("got ENOSYS 2 times"),
        "{}",
        run.stderr
    );
}

#[test]
fn nothing_runs_where_the_policy_or_the_command_is_wrong() {
    let (folder, run) = run("default_action: alow", "", "touch ran");
    assert_eq!((run.code, folder.files().len()), (Some(1), 1), "{}", run.stderr);
    let run = Folder::with(&[("policy.yaml", DENIES)]).run("run policy.yaml -- ./no-such-program");
    assert_eq!(
        (run.code, &*run.stderr),
        (Some(2), "error: cannot start `./no-such-program`: no such file\n")
    );
    let run = Folder::with(&[]).run("run no.yaml -- true");
    assert_eq!((run.code, &*run.stderr), (Some(2), "error: cannot read `no.yaml`: no such file\n"));
}

#[test]
fn nothing_runs_under_a_filter_of_another_architecture_or_of_no_instructions() {
    let folder = Folder::with(&[("policy.yaml", DENIES), ("empty.bpf", "")]);
    let other = if cfg!(target_arch = "s390x") { "aarch64" } else { "s390x" };
    assert_eq!(folder.run(&format!("export policy.yaml --arch {other} --output other.bpf")).code, Some(0));
    let files = folder.files();
    let run = folder.run("run other.bpf -- touch ran");
    assert_eq!(run.code, Some(2));
    let error = format!("error: `other.bpf` seems to be a filter for {other}, and this machine is ");
    assert!(run.stderr.starts_with(&error), "{}", run.stderr);
    let run = folder.run("run empty.bpf -- touch ran");
    assert_eq!((run.code, &*run.stderr), (Some(2), "error: `empty.bpf` is not a BPF program: it is empty\n"));
    assert_eq!(folder.files(), files);
}

#[test]
fn refusals_that_differ_in_each_call_are_counted() {
    let policy = "\
default_action: errno(EPERM)
syscalls:
- action: allow
  names_with_args:
  - {name: umask, arguments: [{argument: mask, operation: Equal, value: 0}]}
";
    let script = "for a in 1 2 3 4 5; do for b in 0 1 2 3 4 5 6 7; do umask $a$b; done; done";
    let (_, run) = run(policy, "--log", script);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(run.stderr.matches("warning: the policy would refuse `umask(0").count(), 16, "{}", run.stderr);
    assert_eq!(run.stderr.matches("note: further refusals of `umask` in /").count(), 1, "{}", run.stderr);
    assert!(run.stderr.contains("  with other arguments\n"), "{}", run.stderr);
}
