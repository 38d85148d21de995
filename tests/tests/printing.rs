//! Policies as text: what is printed reads back as the same policy.

use std::any::type_name;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use seccomp_compiler::policy::{
    Action, AllowedWarning, Condition, Errno, Flag, Flags, Group, Operation, Policy,
};
use seccomp_compiler::{Architecture, Code};
use seccomp_tests::corpus::corpus;
use seccomp_tests::{random, values};

/// What is printed of a policy, once that is read as the same one.
fn printed(policy: &Policy) -> String {
    let text = policy.to_string();
    match text.parse::<Policy>() {
        Ok(read) => assert_eq!(&read, policy, "{text}"),
        Err(problems) => panic!("{problems}\n{text}"),
    }
    text
}

#[test]
fn every_policy_of_the_project_is_printed_as_it_means() {
    let corpus = corpus();
    assert!(corpus.len() > 120, "only {} policies", corpus.len());
    for (file, policy) in corpus {
        let text = printed(&policy);
        assert_eq!(text.parse::<Policy>().expect("it was read").to_string(), text, "{}", file.name());
    }
}

#[test]
fn what_is_printed_is_short() {
    let mut network =
        Group::new(Action::Errno("EACCES".into())).names(["@network-io", "ptrace"]).name_with_args(
            "socket",
            [
                Condition::new("family", Operation::NotEqual, "AF_UNIX"),
                Condition::masked(1, 0xf, "SOCK_STREAM"),
            ],
        );
    network.comment = "No network.\nBut Unix sockets.".to_owned();
    let mut long = Group::new(Action::Errno(Errno::default())).names(["a_rather_long_name_of_a_call"; 4]);
    long.entries[1].comment = "the second".to_owned();
    let mut policy = Policy::new(Action::Allow);
    policy.flags = Some([Flag::Tsync, Flag::Log].into_iter().collect::<Flags>().into());
    policy.groups = vec![network, long];
    policy.expectations = vec![Group::expectation(Action::KillProcess).names(["execve"])];
    let reason = "it's: on purpose".to_owned();
    policy.allowed_warnings = vec![AllowedWarning::new(Code::KillThread, reason)];
    let wanted = r#"default_action: allow
allow_warnings: [{kill-thread: "it's: on purpose"}]
flags: [tsync, log]
syscalls:
# No network.
# But Unix sockets.
- action: errno(EACCES)
  names: ["@network-io", ptrace]
  names_with_args:
  - name: socket
    arguments:
    - {argument: family, operation: NotEqual, value: AF_UNIX}
    - {argument: 1, operation: MaskedEqual, mask: 0xf, value: SOCK_STREAM}
- action: errno
  names:
  - a_rather_long_name_of_a_call
  # the second
  - a_rather_long_name_of_a_call
  - a_rather_long_name_of_a_call
  - a_rather_long_name_of_a_call
expect:
- action: kill_process
  names: [execve]
"#;
    assert_eq!(policy.to_string(), wanted);
}

#[test]
fn modes_are_printed_in_octal() {
    let mut policy = Policy::new(Action::Allow);
    policy.groups = vec![
        Group::new(Action::Errno(Errno::default()))
            .name_with_args("umask", [Condition::new("mask", Operation::BitsNotSet, i128::from(0o022))])
            .name_with_args("mkdir", [Condition::new("mode", Operation::Equal, i128::from(0o777))])
            .name_with_args("fallocate", [Condition::new("mode", Operation::BitsSet, i128::from(0x20))]),
    ];
    let text = policy.to_string();
    for value in ["BitsNotSet, value: 0o22}", "Equal, value: 0o777}", "BitsSet, value: 0x20}"] {
        assert!(text.contains(value), "{value}\n{text}");
    }
    assert_eq!(text.parse::<Policy>().expect("it reads back"), policy);
}

/// The names of a value's fields with what they hold, as `Debug` lists them.
fn fields(value: &impl Debug) -> BTreeMap<String, String> {
    let text = format!("{value:#?}");
    let mut fields = BTreeMap::new();
    let mut name = "";
    for line in text.lines() {
        let field = line.strip_prefix("    ").filter(|line| !line.starts_with([' ', ']', '}', ')']));
        if let Some((field, _)) = field.and_then(|field| field.split_once(": ")) {
            name = field;
        }
        fields.entry(name.to_owned()).or_insert_with(String::new).push_str(line);
    }
    fields.remove("");
    fields
}

/// Fails for fields that hold the same in every random value: what is printed of them would not be tried.
fn assert_every_field_varies<S: Strategy>(values: S, constant: &[&str])
where
    S::Value: Debug,
{
    let mut runner = TestRunner::deterministic();
    let mut contents: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for _ in 0..100 {
        let value = values.new_tree(&mut runner).expect("a value").current();
        for (field, content) in fields(&value) {
            contents.entry(field).or_default().insert(content);
        }
    }
    let same = contents.iter().filter(|(_, contents)| contents.len() == 1);
    let same: Vec<&str> = same.map(|(field, _)| field.as_str()).collect();
    assert!(contents.len() > 2);
    assert_eq!(same, constant, "{}", type_name::<S::Value>());
}

#[test]
fn every_field_of_the_model_is_tried_in_print() {
    assert_every_field_varies(values::policy(), &[]);
    assert_every_field_varies(values::group(), &["overrides", "promise"]);
    assert_every_field_varies(values::expectation(), &["architectures", "optional"]);
    assert_every_field_varies(values::entry(), &[]);
    assert_every_field_varies(values::condition(), &[]);
}

#[test]
fn what_no_file_can_say_is_printed_and_refused() {
    let expectation = || Group::expectation(Action::Allow).names(["read"]);
    let mut required = expectation();
    required.optional = false;
    let mut limited = expectation();
    limited.architectures = Some(vec![Architecture::find("arm").expect("an architecture").into()]);
    let mut policy = Policy::new(Action::Allow);
    policy.groups = vec![Group::new(Action::Log).names(["write"])];
    let is_refused = |policy: &Policy| {
        let problems = policy.to_string().parse::<Policy>().expect_err("a file cannot say it");
        assert!(problems.to_string().contains("unknown key"), "{problems}");
    };
    for expectation in [required, limited] {
        policy.expectations = vec![expectation];
        is_refused(&policy);
    }
    policy.expectations.clear();
    policy.groups[0].overrides = true;
    is_refused(&policy);
}

proptest! {
    #[test]
    fn a_random_policy_is_printed_as_it_means(text in random::policy()) {
        printed(&text.parse().expect("a random policy can be read"));
    }

    #[test]
    fn a_policy_built_in_code_is_printed_as_it_means(policy in values::policy()) {
        printed(&policy);
    }
}
