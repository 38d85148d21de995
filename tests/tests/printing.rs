//! Policies as text: what is printed reads back as the same policy.

use proptest::prelude::*;
use seccomp_compiler::Code;
use seccomp_compiler::policy::{Action, AllowedWarning, Condition, Errno, Flag, Group, Operation, Policy};
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
    policy.flags = [Flag::Tsync, Flag::Log].into_iter().collect();
    policy.groups = vec![network, long];
    policy.expectations = vec![Group::expectation(Action::KillProcess).names(["execve"])];
    let reason = "it's: on purpose".to_owned();
    policy.allowed_warnings = vec![AllowedWarning { code: Code::KillThread, reason }];
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
