//! What a profile changes: how soon a call is decided, and nothing else.

use seccomp_compiler::Profile;

use super::*;

/// Fifty refused calls, in one group.
fn blocklist() -> (String, Vec<&'static str>) {
    let x86_64 = architecture("x86_64");
    let numbers = (100..300).step_by(4).filter_map(|number| x86_64.syscall_name(number));
    let names: Vec<&str> = numbers.collect();
    let text = format!(
        "default_action: allow\nsyscalls:\n- action: errno\n  names: [{}]\nallow_warnings: [hole-in-blocklist: it is a test]\n",
        names.join(", ")
    );
    (text, names)
}

fn profile(text: &str) -> Result<Profile, Diagnostics> {
    Profile::parse(&SourceFile::new("calls.yaml", text))
}

#[test]
fn what_is_called_most_is_decided_soonest_and_as_before() {
    let (text, names) = blocklist();
    let file = SourceFile::new("policy.yaml", text);
    let x86_64 = architecture("x86_64");
    let plain = Compiler::for_architecture(x86_64).compile(&file).expect("it compiles");
    let mut sooner = 0;
    for name in names.iter().step_by(5) {
        let counts = profile(&format!("{name}: 1000000\nread: 5\n")).expect("it is a profile");
        let weighed =
            Compiler::for_architecture(x86_64).profile(&counts).compile(&file).expect("it compiles");
        let number = x86_64.syscall_number(name).expect("it has the call");
        let call = Call { arch: x86_64.audit(), number, ..Call::default() };
        let executed = |compiled: &Compiled| compiled.program().executed(&call).expect("it is proved");
        assert!(executed(&weighed) <= executed(&plain), "{name}");
        sooner += usize::from(executed(&weighed) < executed(&plain));
        assert_eq!(verdict(&weighed, name, [0; 6]), EPERM);
        assert_eq!(verdict(&weighed, "read", [0; 6]), Verdict::Allow);
    }
    assert!(sooner >= 8, "{sooner}");
}

#[test]
fn calls_that_the_architecture_lacks_and_counts_of_nothing_change_nothing() {
    let (text, _) = blocklist();
    let file = SourceFile::new("policy.yaml", text);
    let plain = Compiler::for_architecture(architecture("x86_64")).compile(&file).expect("it compiles");
    for counts in ["{}", "{mmap2: 7}", "{reboot: 0}"] {
        let counts = profile(counts).expect("it is a profile");
        let weighed = Compiler::for_architecture(architecture("x86_64")).profile(&counts).compile(&file);
        assert_eq!(weighed.expect("it compiles").program(), plain.program());
    }
}

#[test]
fn what_is_wrong_with_a_profile_is_said_all_at_once() {
    let problems = profile("opne: 3\nread: -1\nwrite: many\nread: 4\n17: 5\n").expect_err("it is wrong");
    let codes: Vec<&str> = problems.iter().map(|problem| problem.code.name()).collect();
    let expected = ["unknown-syscall", "wrong-type", "wrong-type", "duplicate-key", "wrong-type"];
    assert_eq!(codes, expected, "{problems}");
    let list = profile("- read\n").expect_err("it is a list").to_string();
    assert!(
        list.starts_with("calls.yaml:1:3: error[wrong-type]: expected a mapping of system calls to counts"),
        "{list}"
    );
}

#[test]
fn an_empty_profile_is_told_what_it_should_be() {
    let problems = profile("# nothing\n").expect_err("it is empty").to_string();
    assert!(problems.contains("error[empty]: the profile is empty"), "{problems}");
    assert!(problems.contains("`read: 100`"), "{problems}");
    let missing = Profile::unreadable("calls.yaml", seccomp_compiler::LoadError::NotFound).to_string();
    assert_eq!(missing, "calls.yaml: error[unreadable]: cannot read the profile: no such file\n");
}
