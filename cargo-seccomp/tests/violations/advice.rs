//! `--policy`: the lines that may have decided, and a patch on standard output.

use std::fs;

use crate::harness::{Folder, MISTAKEN};

const POLICY: &str = "\
# A server.
default_action: errno
syscalls:
- action: allow
  names:
  - exit_group
  - read   # all it reads
  - write
";

/// A log of this call by this program.
fn record(program: &str, syscall: u32) -> String {
    format!(
        "type=SECCOMP msg=audit(1.000:1): exe=\"{program}\" arch=c000003e syscall={syscall} code=0x50000\n"
    )
}

#[test]
fn the_lines_and_a_patch_follow_the_table() {
    let folder = Folder::with(&[("policy.yaml", POLICY), ("audit.log", &record("/bin/a", 41))]);
    let run = folder.run("violations --source audit.log --policy policy.yaml --arch x86_64");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let expected = "
What may have decided in `policy.yaml` on x86_64:
  socket on x86_64, errno: line 2, `default_action`
Records have neither the arguments of a call nor the data of an action, such as its errno.

To allow these calls with any arguments, if the program is meant to make them:

--- a/policy.yaml
+++ b/policy.yaml
@@ -5,4 +5,5 @@
   names:
   - exit_group
   - read   # all it reads
+  - socket
   - write
";
    assert!(run.stdout.starts_with("COUNT ") && run.stdout.ends_with(expected), "{}", run.stdout);
    // Offered, never applied.
    assert_eq!(fs::read_to_string(folder.path("policy.yaml")).expect("the policy"), POLICY);
}

#[test]
fn the_reason_is_noted_where_no_patch_is_offered() {
    let policy = "default_action: allow\nsyscalls: [{action: errno, names: [execve, execveat]}]\n";
    let folder = Folder::with(&[("policy.yaml", policy), ("audit.log", &record("/bin/a", 41))]);
    let run = folder.run("violations --source audit.log --policy policy.yaml --arch x86_64");
    let note = "note: no patch is offered for `socket`: the policy already allows it";
    assert!(run.stderr.contains(note) && !run.stdout.contains("--- a/"), "{}{}", run.stdout, run.stderr);
}

#[test]
fn no_patch_is_offered_for_records_from_several_programs() {
    let log = record("/bin/a", 41) + &record("/bin/b", 41);
    let folder = Folder::with(&[("policy.yaml", POLICY), ("audit.log", &log)]);
    let both = folder.run("violations --source audit.log --policy policy.yaml --arch x86_64");
    assert!(both.stderr.contains("the records are from 2 programs"), "{}", both.stderr);
    assert!(!both.stdout.contains("--- a/"), "{}", both.stdout);
    let one = folder.run("violations --source audit.log --policy policy.yaml --arch x86_64 --program b");
    assert!(one.stdout.contains("+  - socket\n"), "{}", one.stdout);
}

#[test]
fn a_policy_with_mistakes_is_a_problem() {
    let folder = Folder::with(&[("policy.yaml", MISTAKEN), ("audit.log", "")]);
    let run = folder.run("violations --source audit.log --policy policy.yaml --arch x86_64");
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    assert!(run.stderr.contains("error[unknown-action]"), "{}", run.stderr);
}

#[test]
fn each_violation_names_the_lines_where_the_format_has_a_place() {
    let folder = Folder::with(&[("policy.yaml", POLICY), ("audit.log", &record("/bin/a", 41))]);
    let plain = folder.run("violations audit.log --policy policy.yaml --arch x86_64 --format json");
    assert!(
        plain.stdout.contains(r#""decided_by":"line 2, `default_action`""#),
        "{}{}",
        plain.stdout,
        plain.stderr
    );
    let event = folder.run("violations audit.log --policy policy.yaml --arch x86_64 --format ecs");
    let fields = r#""seccomp":{"action":"errno","outcome":"blocked","decided_by":"line 2, `default_action`""#;
    assert!(event.stdout.contains(fields), "{}{}", event.stdout, event.stderr);
}

/// `ausearch --interpret` writes the same for both kills.
#[test]
fn a_kill_of_either_kind_may_be_of_lines_with_both() {
    let log = "type=SECCOMP msg=audit(06/26/25 17:24:52.830:4911) : pid=1 comm=a exe=/a sig=SIGSYS arch=x86_64 syscall=socket \
               compat=0 ip=0x1 code=kill\n";
    for action in ["kill_process", "kill_thread"] {
        let policy =
            format!("default_action: {action}\nsyscalls: [{{action: allow, names: [exit_group]}}]\n");
        let folder = Folder::with(&[("policy.yaml", &policy), ("audit.log", log)]);
        let run = folder.run("violations audit.log --policy policy.yaml --arch x86_64");
        assert!(
            run.stdout.contains("socket on x86_64, kill: line 1, `default_action`"),
            "{}{}",
            run.stdout,
            run.stderr
        );
    }
}
