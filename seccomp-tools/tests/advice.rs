//! Advice on recorded calls: the lines that may have decided, and edits that allow the calls and change nothing else.

use seccomp_compiler::policy::ActionKind;
use seccomp_compiler::{Architecture, Call, Compiler, SourceFile, Verdict};
use seccomp_tools::advice::{Adviser, Obstacle, Patch, RecordedCall};

fn x86_64() -> &'static Architecture {
    Architecture::find("x86_64").expect("an architecture")
}

fn adviser(policy: &str) -> Adviser {
    let file = SourceFile::new("policy.yaml", policy);
    let compiled = Compiler::for_architecture(x86_64()).compile(&file).expect("a sound policy");
    Adviser::new(file, compiled)
}

fn recorded(name: &str, action: ActionKind) -> RecordedCall {
    RecordedCall::new(x86_64().audit(), x86_64().syscall_number(name).expect("a call"), action)
}

fn deciders(policy: &str, call: RecordedCall) -> String {
    adviser(policy).deciders(call).to_string()
}

fn allow(policy: &str, names: &[&str]) -> Patch {
    let calls = names.iter().map(|name| recorded(name, ActionKind::Errno));
    adviser(policy).allow(calls, Compiler::for_architecture(x86_64()))
}

/// Applies a patch. Every line of context and every removed line must be where the patch says.
fn apply(policy: &str, patch: &str) -> String {
    let old: Vec<&str> = policy.split_inclusive('\n').collect();
    let (mut new, mut next) = (String::new(), 0);
    for line in patch.split_inclusive('\n').skip(2) {
        if let Some(header) = line.strip_prefix("@@ -") {
            let start: usize =
                header.split([',', ' ']).next().and_then(|start| start.parse().ok()).expect("a line");
            new.extend(old[next..start - 1].iter().copied());
            next = start - 1;
        } else if let Some(added) = line.strip_prefix('+') {
            new.push_str(added);
        } else {
            assert_eq!(old[next], &line[1..]);
            if line.starts_with(' ') {
                new.push_str(old[next]);
            }
            next += 1;
        }
    }
    new.extend(old[next..].iter().copied());
    new
}

fn verdict(policy: &str, name: &str, arguments: [u64; 6]) -> Verdict {
    let file = SourceFile::new("policy.yaml", policy);
    let compiled = Compiler::for_architecture(x86_64()).compile(&file).expect("a sound policy");
    let number = x86_64().syscall_number(name).expect("a call");
    compiled.rules().decide(&Call { arch: x86_64().audit(), number, instruction_pointer: 0, arguments })
}

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
    assert_eq!(deciders(policy, recorded("socket", ActionKind::Errno)), "line 2, `default_action`");
    let patch = allow(policy, &["socket", "accept4"]);
    assert_eq!(patch.refused, []);
    let expected = policy
        .replace("  - exit_group", "  - accept4\n  - exit_group")
        .replace("  - write", "  - socket\n  - write");
    assert_eq!(apply(policy, &patch.text), expected);
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
    assert_eq!(deciders(policy, recorded("execve", ActionKind::Errno)), "line 4");
    assert_eq!(
        deciders(policy, recorded("clone", ActionKind::KillProcess)),
        "line 10 if its conditions held"
    );
    let names = ["execve", "ptrace", "clone", "socket"];
    let edited = apply(policy, &allow(policy, &names).text);
    let expected = "\
default_action: allow
syscalls:
- action: errno
  names: [fork, execveat]
- action: kill_process
  names:
  - mount
";
    assert_eq!(edited, expected);
    for name in names {
        assert_eq!(verdict(&edited, name, [u64::MAX; 6]), Verdict::Allow);
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
    let expected = "line 5 if its conditions held; or line 1, `default_action`";
    assert_eq!(deciders(policy, recorded("socket", ActionKind::Errno)), expected);
}

#[test]
fn a_patch_keeps_the_line_endings() {
    let policy = "seccomp:\r\n  default_action: errno\r\n  syscalls:\r\n    - action: allow\r\n      names:\r\n      - read\r\n";
    let edited = apply(policy, &allow(policy, &["execve"]).text);
    assert!(edited.lines().count() > policy.lines().count());
    assert_eq!(edited.matches('\n').count(), edited.matches("\r\n").count());
    assert_eq!(verdict(&edited, "execve", [0; 6]), Verdict::Allow);
}

#[test]
fn calls_that_the_policy_did_not_decide_are_told_apart() {
    let policy = "default_action: allow\nsyscalls: [{action: errno, names: [execve]}]\n";
    let call = recorded("socket", ActionKind::KillProcess);
    assert!(deciders(policy, call).starts_with("no line of it; the decision came from another filter"));
    let patch = allow(policy, &["socket"]);
    assert_eq!((patch.text.as_str(), patch.refused[0].1), ("", Obstacle::Allowed));
}

#[test]
fn foreign_calls_are_decided_by_their_own_line() {
    let policy = "default_action: errno\nforeign_architecture: errno(ENOSYS)\nsyscalls: [{action: allow, names: [read]}]\n";
    let i386 = RecordedCall::new(0x4000_0003, 20, ActionKind::Errno);
    let x32 = RecordedCall::new(x86_64().audit(), 0x4000_0027, ActionKind::Errno);
    assert_eq!(deciders(policy, i386), "line 2, `foreign_architecture`");
    assert_eq!(deciders(policy, x32), "the fixed answer to calls of x32, which the policy does not cover");
    // Under `compat` both are covered, and decided as the native ABI's are.
    let compat = format!("compat: true\n{policy}");
    assert_eq!(deciders(&compat, i386), "line 2, `default_action`");
    let patch = adviser(policy).allow([i386, x32], Compiler::for_architecture(x86_64()));
    assert_eq!(patch.refused, [(i386, Obstacle::OtherAbi), (x32, Obstacle::OtherAbi)]);
}

#[test]
fn no_patch_is_offered_where_the_policy_would_have_no_group_left() {
    let policy = "seccomp:\n  default_action: allow\n  syscalls:\n  - action: errno\n    names: [execve]\n";
    let patch = allow(policy, &["execve"]);
    assert_eq!((patch.text.as_str(), patch.refused[0].1), ("", Obstacle::NoSafeEdit));
}

#[test]
fn a_patch_allows_what_it_can() {
    let policy = "default_action: errno\nsyscalls:\n- action: kill_process\n  names: [ptrace]\n- action: allow\n  names: [read]\n";
    let unknown = RecordedCall::new(x86_64().audit(), 100_000, ActionKind::Errno);
    let calls = [recorded("ptrace", ActionKind::KillProcess), unknown, recorded("write", ActionKind::Errno)];
    let patch = adviser(policy).allow(calls, Compiler::for_architecture(x86_64()));
    assert_eq!(patch.refused, [(unknown, Obstacle::Nameless)]);
    let edited = apply(policy, &patch.text);
    for name in ["ptrace", "write"] {
        assert_eq!(verdict(&edited, name, [0; 6]), Verdict::Allow, "{edited}");
    }
}

/// The decision on `socket` with these arguments, under a policy that allows it for two families.
fn decision(arguments: [u64; 6]) -> String {
    const POLICY: &str = "\
default_action: errno
syscalls:
- action: allow
  names: [\"@rust-std\"]
  names_with_args:
  - {name: socket, arguments: [{argument: family, operation: Equal, value: AF_UNIX}]}
  - {name: socket, arguments: [{argument: family, operation: Equal, value: AF_INET}, {argument: type, operation: Equal, value: SOCK_STREAM}]}
- {action: kill_process, names_with_args: [{name: socket, arguments: [{argument: family, operation: Equal, value: AF_PACKET}]}]}
";
    let number = x86_64().syscall_number("socket").expect("a call");
    let call = Call { arch: x86_64().audit(), number, arguments, ..Call::default() };
    adviser(POLICY).decision(&call).to_string()
}

#[test]
fn a_call_with_its_arguments_has_one_line_that_decides() {
    assert_eq!(decision([1, 1, 0, 0, 0, 0]), "line 6");
    assert_eq!(decision([17, 3, 0, 0, 0, 0]), "line 8");
    let netlink = decision([0xffff_0000_0010, 3, 0, 0, 0, 0]);
    assert_eq!(netlink, "line 1, `default_action`; line 6 allows it, but not with family = AF_NETLINK");
    // The rules disagree on which argument is wrong, so it is what the first of them would have.
    let datagram = decision([2, 2, 0, 0, 0, 0]);
    assert_eq!(datagram, "line 1, `default_action`; line 6 allows it, but not with family = AF_INET");
}

#[test]
fn a_call_of_another_abi_is_decided_by_the_key_for_those() {
    let call = Call { arch: 0x4000_0003, number: 20, ..Call::default() };
    let decision =
        adviser("{default_action: allow, syscalls: [{action: errno, names: [reboot]}]}").decision(&call);
    assert_eq!(decision.to_string(), "the default of `foreign_architecture`");
}

/// A rule that answers ENOSYS was written on purpose, also one with conditions if all other calls are allowed.
#[test]
fn a_call_that_only_falls_back_is_left_as_it_is() {
    let policy = "\
default_action: errno
newer_syscalls: errno(ENOSYS)
rust: false
syscalls:
- {action: errno(ENOSYS), names: [clone3]}
- action: errno(ENOSYS)
  names_with_args:
  - {name: ioctl, arguments: [{argument: cmd, operation: Equal, value: TIOCSTI}]}
  - {name: fcntl, arguments: [{argument: cmd, operation: Equal, value: F_NOTIFY}]}
- {action: allow, names: [ioctl, read]}
";
    let patch = allow(policy, &["clone3", "ioctl"]);
    let obstacles: Vec<Obstacle> = patch.refused.iter().map(|(_, obstacle)| *obstacle).collect();
    assert_eq!((patch.text.as_str(), obstacles), ("", vec![Obstacle::FallsBack; 2]));
    // Other calls of it are refused, by the default.
    let patch = allow(policy, &["fcntl"]);
    assert_ne!(patch.refused.first().map(|(_, obstacle)| *obstacle), Some(Obstacle::FallsBack));
}
