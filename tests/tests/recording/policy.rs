//! Policies that are written from recordings.

use proptest::prelude::*;
use seccomp_compiler::{Architecture, Compiler, SourceFile, Verdict};
use seccomp_tools::recording::{Options, Recording};

use crate::random::{Event, X86_64, architecture, call, events, recording};

fn exact() -> Options {
    let mut options = Options::default();
    options.is_exact = true;
    options
}

/// Asserts that the policy compiles without warnings everywhere, and allows on its architecture what was recorded.
fn check(
    recording: &Recording,
    events: &[Event],
    options: &Options,
    on: &'static Architecture,
) -> Result<String, TestCaseError> {
    let text = recording.policy(options);
    let file = SourceFile::new("recorded.yaml", text.as_str());
    for architecture in Architecture::all() {
        let compiled = Compiler::for_architecture(architecture).compile(&file);
        let compiled = compiled
            .map_err(|problems| TestCaseError::fail(format!("{architecture}: {problems}\n{text}")))?;
        let warnings = compiled.warnings().to_string();
        prop_assert!(warnings.is_empty(), "{}: {}\n{}", architecture, warnings, text);
        if architecture != on {
            continue;
        }
        for event in events {
            let answer = compiled.program().run(&event.call).map(Verdict::from_return_value);
            let name = on.syscall_name(event.call.number).unwrap_or_default();
            let falls_back = name == "clone3" && !options.is_exact;
            let expected = if falls_back { Verdict::Errno(38) } else { Verdict::Allow };
            prop_assert_eq!(answer, Some(expected), "{}\n{}", event.call.display(on), text);
        }
    }
    Ok(text)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_written_policy_allows_what_was_recorded(events in events(architecture(X86_64))) {
        let recorded = recording(&events, X86_64);
        check(&recorded, &events, &Options::default(), architecture(X86_64))?;
        check(&recorded, &events, &exact(), architecture(X86_64))?;
    }

    #[test]
    fn also_on_another_architecture(events in events(architecture("aarch64"))) {
        let recorded = recording(&events, "aarch64");
        check(&recorded, &events, &Options::default(), architecture("aarch64"))?;
    }
}

#[test]
fn a_policy_reads_as_its_author_would_have_written_it() {
    let mut events = vec![
        call("openat", [0, 0, 0, 0, 0, 0]),
        call("fstat", [3, 0, 0, 0, 0, 0]),
        call("read", [3, 0, 0, 0, 0, 0]),
        call("write", [1, 0, 0, 0, 0, 0]),
        call("close", [3, 0, 0, 0, 0, 0]),
        call("lseek", [3, 0, 0, 0, 0, 0]),
        call("pread64", [3, 0, 0, 0, 0, 0]),
        call("getdents64", [3, 0, 0, 0, 0, 0]),
        call("ioctl", [1, 0x5413, 0, 0, 0, 0]),
        call("mmap", [0, 4096, 3, 0x22, u64::MAX, 0]),
        call("mprotect", [0, 4096, 1, 0, 0, 0]),
        call("munmap", [0, 4096, 0, 0, 0, 0]),
        call("brk", [0; 6]),
        call("clone3", [0; 6]),
        call("futex", [0; 6]),
        call("execve", [0; 6]),
        call("exit_group", [0; 6]),
    ];
    for (family, kind) in [(2, 0x80801), (1, 0x80001)] {
        events.push(call("socket", [family, kind, 0, 0, 0, 0]));
    }
    events.push(call("connect", [3, 0, 16, 0, 0, 0]));
    let recorded = recording(&events, X86_64);
    let text = check(&recorded, &events, &Options::default(), architecture(X86_64))
        .unwrap_or_else(|problem| panic!("{problem}"));
    for line in [
        "  names: [close, lseek, pread64, read, write]",
        "    - {argument: family, operation: Equal, value: AF_UNIX}",
        "    arguments: [{argument: cmd, operation: Equal, value: TIOCGWINSZ}]",
        "# Sockets: 3 calls by program.",
        "# Starting programs: 1 call by program.",
        // What C libraries call only in some programs and at some times.
        "  - sched_getaffinity",
        "  - sysinfo",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
}
