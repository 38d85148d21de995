//! Which lines of a policy were used.

use proptest::prelude::*;
use seccomp_compiler::{Compiled, Compiler, SourceFile, Verdict};
use seccomp_tools::coverage::{Coverage, Report};
use seccomp_tools::recording::Options;

use crate::random::{Event, X86_64, architecture, call, events, recording};

const POLICY: &str = "\
default_action: errno
newer_syscalls: errno(ENOSYS)
rust: false
syscalls:
- action: errno(ENOSYS)
  names: [clone3]
- action: allow
  names: [read, reboot]
  names_with_args:
  - name: socket
    arguments:
    - {argument: family, operation: Equal, value: AF_UNIX}
    - {argument: type, operation: MaskedEqual, mask: 0xf, value: SOCK_STREAM}
  - name: kill
    arguments: [{argument: pid, operation: Equal, value: 7}]
# Times and more.
- action: allow
  optional: true
  names:
  - swapoff   # never
  - \"@chown\"
";

fn compiled(text: &str) -> (SourceFile, Compiled) {
    let file = SourceFile::new("tool.yaml", text);
    let compiled = Compiler::for_architecture(architecture(X86_64)).compile(&file);
    (file, compiled.unwrap_or_else(|problems| panic!("{problems}\n{text}")))
}

fn counted<'a>(compiled: &'a Compiled, events: &[Event]) -> Report<'a> {
    let mut coverage = Coverage::new(compiled);
    events.iter().for_each(|event| coverage.add(&event.program, &event.call, 1));
    coverage.report()
}

fn calls() -> Vec<Event> {
    vec![
        call("read", [0; 6]),
        call("read", [0; 6]),
        call("socket", [1, 0x80001, 0, 0, 0, 0]),
        call("socket", [16, 0x80001, 0, 0, 0, 0]),
        call("kill", [7, 9, 0, 0, 0, 0]),
        call("chown", [0; 6]),
        call("clone3", [0; 6]),
        call("ptrace", [16, 0, 0, 0, 0, 0]),
    ]
}

#[test]
fn the_margin_shows_what_was_used() {
    let (_, compiled) = compiled(POLICY);
    assert_eq!(
        counted(&compiled, &calls()).to_text(false),
        "\
tool.yaml
       calls   by |
!          2    1 | default_action: errno
                  | newer_syscalls: errno(ENOSYS)
                  | rust: false
                  | syscalls:
                  | - action: errno(ENOSYS)
!          1    1 |   names: [clone3]
                  | - action: allow
-          2    1 |   names: [read, reboot]
                  |   names_with_args:
+          1    1 |   - name: socket
                  |     arguments:
                  |     - {argument: family, operation: Equal, value: AF_UNIX}
                  |     - {argument: type, operation: MaskedEqual, mask: 0xf, value: SOCK_STREAM}
+          1    1 |   - name: kill
                  |     arguments: [{argument: pid, operation: Equal, value: 7}]
                  | # Times and more.
                  | - action: allow
                  |   optional: true
                  |   names:
-          0    0 |   - swapoff   # never
+          1    1 |   - \"@chown\"

tool.yaml:
  line 8, `reboot`: never used
  line 10, `socket`: `type & 0xf == SOCK_STREAM` held for every call of 2
  line 14, `kill`: `pid == 0x7` held for every call of 1
  line 21, `@chown`: never used of this set: fchown, fchownat, lchown

refused:
          1  ptrace(PTRACE_ATTACH, …) on x86_64 → errno(1), by /usr/bin/program
          1  socket(AF_NETLINK, SOCK_STREAM|SOCK_CLOEXEC, …) on x86_64 → errno(1), by /usr/bin/program

answered with ENOSYS by a rule, so that libraries make another call:
          1  clone3(…) on x86_64 → errno(38), by /usr/bin/program
"
    );
}

#[test]
fn those_who_made_the_calls_are_listed_and_can_be_renamed() {
    let (_, compiled) = compiled(POLICY);
    let mut coverage = Coverage::new(&compiled);
    for (maker, count) in [("one", 3), ("two", 4), ("three", 5)] {
        coverage.add(maker, &call("read", [0; 6]).call, count);
    }
    coverage.rename(|name| if name == "one" { name.to_owned() } else { "others".to_owned() });
    let text = coverage.report().to_text(true);
    assert!(text.contains("-         12    2 |   names: [read, reboot]\n"), "{text}");
    assert!(
        text.ends_with("\ntool.yaml, line 8, `read`:\n           3 by one\n           9 by others\n"),
        "{text}"
    );
}

#[test]
fn trimming_removes_what_nobody_called() {
    let (file, compiled) = compiled(POLICY);
    let trimmed = counted(&compiled, &calls()).trim(&file);
    let expected = POLICY.replace("[read, reboot]", "[read]").replace("  - swapoff   # never\n", "");
    assert_eq!((trimmed.file.text().into_owned(), trimmed.kept.len()), (expected, 0));
}

#[test]
fn lcov_has_lines_and_branches() {
    let (_, compiled) = compiled(POLICY);
    let text = counted(&compiled, &calls()).to_lcov();
    for line in ["SF:tool.yaml", "DA:8,2", "DA:20,0", "BRDA:10,5,0,1", "BRDA:10,5,1,1", "end_of_record"] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
}

/// A recording keeps the constants, so all but the target of `kill` is known.
#[test]
fn a_recording_says_what_it_cannot_tell() {
    let (_, compiled) = compiled(POLICY);
    let mut coverage = Coverage::new(&compiled);
    coverage.add_recording(&recording(&calls(), X86_64));
    let report = coverage.report();
    assert_eq!(report.uncertain, 1);
    let unused: Vec<&str> = report.unused().map(|line| line.name.as_str()).collect();
    assert_eq!(unused, ["reboot", "swapoff"]);
    assert!(
        report.to_text(false).contains("?          0    0 |   - name: kill\n"),
        "{}",
        report.to_text(false)
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_call_is_counted_once(events in events(architecture(X86_64))) {
        let (_, compiled) = compiled(POLICY);
        let report = counted(&compiled, &events);
        let count = report.lines().map(|line| line.count).sum::<u64>();
        prop_assert_eq!(count, u64::try_from(events.len()).expect("they are few"));
        let is_refused = |event: &&Event| compiled.rules().decide(&event.call) != Verdict::Allow;
        let refused = report.refused.iter().map(|refused| refused.count).sum::<u64>();
        prop_assert_eq!(refused, u64::try_from(events.iter().filter(is_refused).count()).expect("they are few"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_trimmed_policy_allows_what_was_called(events in events(architecture(X86_64))) {
        let mut options = Options::default();
        options.is_exact = true;
        let text = recording(&events, X86_64).policy(&options);
        let (file, compiled) = compiled(&text);
        let some = &events[..events.len() / 2];
        let trimmed = counted(&compiled, some).trim(&file);
        let (_, after) = self::compiled(&trimmed.file.text());
        for event in some {
            prop_assert_eq!(after.rules().decide(&event.call), Verdict::Allow);
        }
    }
}
