//! `--policy`: the lines that may have decided, and a patch that does what it says.

use std::fs;

use seccomp_compiler::{Architecture, Call, Compiler, SourceFile, Verdict};

use crate::harness::{Folder, Run};

/// Runs the command on records of these calls, each with the return value of the filter.
fn advise(policy: &str, calls: &[(&str, u32)]) -> (Folder, Run) {
    let x86_64 = Architecture::find("x86_64").expect("an architecture");
    let record = |(name, code): &(&str, u32)| {
        let number = x86_64.syscall_number(name).expect("a call");
        format!(
            "type=SECCOMP msg=audit(1.000:1): exe=\"/bin/a\" arch=c000003e syscall={number} code={code:#x}\n"
        )
    };
    let log: String = calls.iter().map(record).collect();
    let folder = Folder::with(&[("policy.yaml", policy), ("audit.log", &log)]);
    let run = folder.run("violations --source audit.log --policy policy.yaml --arch x86_64");
    (folder, run)
}

/// The patch at the end of the output.
fn patch(run: &Run) -> &str {
    run.stdout.find("--- a/").map_or("", |start| &run.stdout[start..])
}

/// Applies a patch. Every line of context and every removed line must be where the patch says.
fn apply(policy: &str, patch: &str) -> String {
    let old: Vec<&str> = policy.split_inclusive('\n').collect();
    let (mut new, mut at) = (String::new(), 0);
    for line in patch.split_inclusive('\n').skip(2) {
        if let Some(header) = line.strip_prefix("@@ -") {
            let start: usize =
                header.split([',', ' ']).next().and_then(|start| start.parse().ok()).expect("a line");
            old[at..start - 1].iter().for_each(|line| new.push_str(line));
            at = start - 1;
        } else if let Some(added) = line.strip_prefix('+') {
            new.push_str(added);
        } else if let Some(removed) = line.strip_prefix('-') {
            assert_eq!(old[at], removed);
            at += 1;
        } else {
            assert_eq!(Some(old[at]), line.strip_prefix(' '));
            new.push_str(old[at]);
            at += 1;
        }
    }
    old[at..].iter().for_each(|line| new.push_str(line));
    new
}

/// What the policy answers to a call.
fn verdict(policy: &str, name: &str, arguments: [u64; 6]) -> Verdict {
    let x86_64 = Architecture::find("x86_64").expect("an architecture");
    let compiled = Compiler::for_architecture(x86_64)
        .compile(&SourceFile::new("policy.yaml", policy))
        .expect("a sound policy");
    let number = x86_64.syscall_number(name).expect("a call");
    compiled.rules().decide(&Call { arch: x86_64.audit(), number, instruction_pointer: 0, arguments })
}

const ERRNO: u32 = 0x5_0000;
const KILL: u32 = 0x8000_0000;

#[test]
fn a_call_that_the_default_action_refuses_is_added_in_order() {
    let policy = "\
# A server.
default_action: errno
syscalls:
- action: allow
  names:
  - exit_group
  - read   # all it reads
  - write
";
    let (folder, run) = advise(policy, &[("socket", ERRNO), ("accept4", ERRNO)]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    for said in [
        "  socket on x86_64, errno: line 2, `default_action`\n",
        "What may have decided in `policy.yaml` on x86_64:\n",
    ] {
        assert!(run.stdout.contains(said), "{}", run.stdout);
    }
    assert!(
        run.stdout.contains("neither the arguments of a call nor the data of an action"),
        "{}",
        run.stdout
    );
    let expected = policy
        .replace("  - exit_group", "  - accept4\n  - exit_group")
        .replace("  - write", "  - socket\n  - write");
    assert_eq!(apply(policy, patch(&run)), expected);
    // Offered, never applied.
    assert_eq!(fs::read_to_string(folder.path("policy.yaml")).expect("the policy"), policy);
}

#[test]
fn a_call_that_a_rule_refuses_loses_the_rule() {
    let policy = "\
default_action: allow
syscalls:
- action: errno
  names: [fork, execve, execveat]
- action: kill_process
  names:
  - ptrace
  - mount
  names_with_args:
  - name: clone
    arguments:
    - argument: 0
      operation: BitsSet
      value: CLONE_NEWUSER
  - arguments: [{argument: 0, value: AF_PACKET, operation: Equal}]
    name: socket
";
    let calls = [("execve", ERRNO), ("ptrace", KILL), ("clone", KILL), ("socket", KILL)];
    let (_, run) = advise(policy, &calls);
    for said in [
        "execve on x86_64, errno: line 4\n",
        "clone on x86_64, kill_process: line 10 if its conditions held\n",
    ] {
        assert!(run.stdout.contains(said), "{}", run.stdout);
    }
    let changed = apply(policy, patch(&run));
    let expected = "\
default_action: allow
syscalls:
- action: errno
  names: [fork, execveat]
- action: kill_process
  names:
  - mount
";
    assert_eq!(changed, expected);
    for (name, _) in calls {
        assert_eq!(verdict(&changed, name, [u64::MAX; 6]), Verdict::Allow);
    }
}

#[test]
fn several_lines_may_have_decided() {
    let policy = "\
default_action: errno
syscalls:
- action: errno
  names_with_args:
  - {name: socket, arguments: [{argument: 0, operation: Equal, value: AF_PACKET}]}
- action: allow
  names: [read, write]
  names_with_args:
  - {name: socket, arguments: [{argument: 0, operation: Equal, value: AF_UNIX}]}
";
    let (_, run) = advise(policy, &[("socket", ERRNO)]);
    let said = "  socket on x86_64, errno: line 5 if its conditions held; or line 1, `default_action`\n";
    assert!(run.stdout.contains(said), "{}", run.stdout);
    // Without its entry the first group would be empty, and a group before it would leave it without a call to decide.
    assert_eq!(patch(&run), "");
    assert!(run.stderr.contains("no patch is offered for `socket`"), "{}", run.stderr);
}

#[test]
fn nothing_is_offered_where_a_group_would_be_empty() {
    let policy = "seccomp:\r\n  default_action: allow\r\n  syscalls:\r\n    # None of this.\r\n    - action: errno\r\n      names:\r\n      - execve\r\n";
    let (_, run) = advise(policy, &[("execve", ERRNO)]);
    assert_eq!(patch(&run), "");
    assert!(run.stderr.contains("no patch is offered for `execve`"), "{}", run.stderr);
}

#[test]
fn a_patch_keeps_the_line_endings() {
    let policy = "seccomp:\r\n  default_action: errno\r\n  syscalls:\r\n    - action: allow\r\n      names:\r\n      - read\r\n";
    let (_, run) = advise(policy, &[("execve", ERRNO)]);
    let changed = apply(policy, patch(&run));
    assert!(changed.lines().count() > policy.lines().count());
    assert_eq!(changed.matches('\n').count(), changed.matches("\r\n").count());
    assert_eq!(verdict(&changed, "execve", [0; 6]), Verdict::Allow);
}

#[test]
fn calls_that_the_policy_did_not_decide_are_reported() {
    let policy = "default_action: allow\nsyscalls: [{action: errno, names: [execve]}]\n";
    let (_, run) = advise(policy, &[("socket", KILL), ("execve", ERRNO)]);
    assert!(
        run.stdout
            .contains("socket on x86_64, kill_process: no line of it; the decision came from another filter"),
        "{}",
        run.stdout
    );
    assert!(
        run.stderr.contains("no patch is offered for `socket`: the policy already allows it"),
        "{}",
        run.stderr
    );
    // No edit is found for this layout.
    assert!(
        run.stderr.contains("no patch is offered for `execve`: no safe edit was found"),
        "{}",
        run.stderr
    );
    assert_eq!(patch(&run), "");
}

#[test]
fn foreign_calls_are_decided_by_their_own_line() {
    let policy = "default_action: errno\nforeign_architecture: errno(ENOSYS)\nsyscalls: [{action: allow, names: [read]}]\n";
    let log = "\
type=SECCOMP msg=audit(1.000:1): exe=\"/bin/a\" arch=40000003 syscall=20 code=0x50000
type=SECCOMP msg=audit(1.000:2): exe=\"/bin/a\" arch=c000003e syscall=1073741863 code=0x50000
";
    let folder = Folder::with(&[("policy.yaml", policy), ("audit.log", log)]);
    let run = folder.run("violations --source audit.log --policy policy.yaml --arch x86_64");
    assert!(run.stdout.contains("getpid on i386, errno: line 2, `foreign_architecture`\n"), "{}", run.stdout);
    assert!(
        run.stdout.contains("getpid on x32, errno: the fixed answer to x32 calls on x86_64"),
        "{}",
        run.stdout
    );
    assert_eq!(run.stderr.matches("it was made on another architecture").count(), 2, "{}", run.stderr);
}

#[test]
fn no_patch_is_offered_for_records_from_several_programs() {
    let policy = "default_action: errno\nsyscalls: [{action: allow, names: [read]}]\n";
    let record = "type=SECCOMP msg=audit(1.000:1): arch=c000003e syscall=41 code=0x50000 exe=\"/bin/";
    let log = format!("{record}a\"\n{record}b\"\n");
    let folder = Folder::with(&[("policy.yaml", policy), ("audit.log", &log)]);
    let both = folder.run("violations --source audit.log --policy policy.yaml --arch x86_64");
    assert!(both.stderr.contains("the records are from 2 programs"), "{}", both.stderr);
    assert_eq!(patch(&both), "");
    let one = folder.run("violations --source audit.log --policy policy.yaml --arch x86_64 --program b");
    assert_eq!(apply(policy, patch(&one)), policy.replace("[read]", "[read, socket]"));
}

#[test]
fn a_policy_with_mistakes_is_a_problem() {
    let folder = Folder::with(&[("policy.yaml", crate::harness::MISTAKEN), ("audit.log", "")]);
    let run = folder.run("violations --source audit.log --policy policy.yaml --arch x86_64");
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    assert!(run.stderr.contains("error[unknown-action]"), "{}", run.stderr);
}
