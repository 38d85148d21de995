//! What a recording adds to a policy of an author.

use proptest::prelude::*;
use seccomp_compiler::{Compiled, Compiler, SourceFile, Verdict};
use seccomp_tools::recording::{Options, append};

use crate::random::{Event, X86_64, architecture, call, events, recording};

const POLICY: &str = "\
# What the server needs.
default_action: errno
newer_syscalls: errno(ENOSYS)
rust: false
syscalls:
- action: errno      # never
  names: [ptrace]
- action: errno(ENOSYS)
  names: [clone3]
- action: allow
  names:
  - read   # from the socket
  - write
";

fn compiler() -> Compiler<'static> {
    Compiler::for_architecture(architecture(X86_64))
}

fn compiled(file: &SourceFile) -> Compiled {
    compiler().compile(file).unwrap_or_else(|problems| panic!("{problems}\n{}", file.text()))
}

fn answer(compiled: &Compiled, event: &Event) -> Verdict {
    compiled.rules().decide(&event.call)
}

#[test]
fn what_is_refused_is_added_and_every_other_byte_stays() {
    let file = SourceFile::new("server.yaml", POLICY);
    let made = [
        call("read", [0; 6]),
        call("getpid", [0; 6]),
        call("ioctl", [1, 0x5413, 0, 0, 0, 0]),
        call("clone3", [0; 6]),
        call("ptrace", [0; 6]),
    ];
    let recorded = recording(&made, X86_64);
    let appended = append(&file, &recorded, &Options::default(), compiler()).expect("the policy compiles");
    let text = appended.file.text().into_owned();
    assert_eq!(appended.added, ["getpid", "ioctl", "ptrace"], "{text}");
    assert_eq!((appended.refused, appended.falling_back), (vec![], vec!["clone3"]), "{text}");
    assert!(POLICY.lines().all(|line| text.lines().any(|found| found == line)), "{text}");
    assert!(text.contains("value: TIOCGWINSZ"), "{text}");
    let compiled = compiled(&appended.file);
    let answers = made.map(|event| answer(&compiled, &event));
    let [allow, enosys] = [Verdict::Allow, Verdict::Errno(38)];
    assert_eq!(answers, [allow, allow, allow, enosys, allow], "{text}");
}

/// A rule that answers ENOSYS under conditions was written on purpose; another refusal of the same call was not.
#[test]
fn a_call_falls_back_only_where_a_rule_with_enosys_decides() {
    let policy = "\
default_action: errno
newer_syscalls: errno(ENOSYS)
rust: false
syscalls:
- action: errno(ENOSYS)
  names_with_args:
  - name: ioctl
    arguments: [{argument: cmd, operation: Equal, value: TIOCSTI}]
- action: allow
  names: [read]
";
    let file = SourceFile::new("server.yaml", policy);
    let [injecting, asking] = [0x5412, 0x5413].map(|command| call("ioctl", [1, command, 0, 0, 0, 0]));
    let append = |events: &[Event]| {
        append(&file, &recording(events, X86_64), &Options::default(), compiler())
            .expect("the policy compiles")
    };
    let appended = append(core::slice::from_ref(&injecting));
    assert_eq!((&appended.file, appended.falling_back), (&file, vec!["ioctl"]));
    let appended = append(&[injecting.clone(), asking.clone()]);
    assert_eq!((appended.added, appended.falling_back), (vec!["ioctl"], vec![]));
    let compiled = compiled(&appended.file);
    assert_eq!(answer(&compiled, &asking), Verdict::Allow, "{}", appended.file.text());
    assert_eq!(answer(&compiled, &injecting), Verdict::Errno(38), "{}", appended.file.text());
}

#[test]
fn a_policy_that_allows_everything_stays_as_it_is() {
    let file = SourceFile::new("server.yaml", POLICY);
    let recorded = recording(&[call("read", [0; 6]), call("write", [0; 6])], X86_64);
    let appended = append(&file, &recorded, &Options::default(), compiler()).expect("the policy compiles");
    assert_eq!(appended.file, file);
    assert!(appended.added.is_empty() && appended.refused.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_appended_is_allowed(events in events(architecture(X86_64))) {
        let file = SourceFile::new("server.yaml", POLICY);
        let recorded = recording(&events, X86_64);
        let appended = append(&file, &recorded, &Options::default(), compiler());
        let appended = appended.map_err(|problems| TestCaseError::fail(problems.to_string()))?;
        let compiled = compiled(&appended.file);
        prop_assert!(appended.refused.is_empty(), "{:?}\n{}", appended.refused, appended.file.text());
        for event in events {
            let falls_back = architecture(X86_64).syscall_name(event.call.number) == Some("clone3");
            let expected = if falls_back { Verdict::Errno(38) } else { Verdict::Allow };
            prop_assert_eq!(answer(&compiled, &event), expected, "{}", appended.file.text());
        }
    }
}

/// What a written policy allows under conditions can be needed without, and an edit repeats nothing.
#[test]
fn a_written_policy_grows_without_warnings_and_then_stays() {
    let first = recording(&[call("mmap", [0, 4096, 3, 0x22, 0, 0]), call("futex", [0; 6])], X86_64);
    let file = SourceFile::new("tool.yaml", first.policy(&Options::default()));
    let second = recording(&[call("mmap", [0, 4096, 5, 2, 3, 0]), call("clone3", [0; 6])], X86_64);
    let grown = append(&file, &second, &Options::default(), compiler()).expect("the policy compiles").file;
    assert!(!grown.text().contains("mmap\n    arguments"), "{}", grown.text());
    assert!(grown.text().contains("names: [clone3]"), "{}", grown.text());
    for architecture in seccomp_compiler::Architecture::all() {
        let compiled = Compiler::for_architecture(architecture).compile(&grown);
        let compiled = compiled.unwrap_or_else(|problems| panic!("{problems}\n{}", grown.text()));
        assert!(compiled.warnings().is_empty(), "{}\n{}", compiled.warnings(), grown.text());
    }
    let again = append(&grown, &second, &Options::default(), compiler()).expect("the policy compiles");
    assert_eq!(again.file, grown);
}
