//! YAML as the authors of policies read it: merge keys, and integers.

use seccomp_compiler::{Code, Verdict};

use crate::{EPERM, codes, compiled, problems, verdict};

const GROUP: &str = "{action: errno, names: [execve, execveat]}";

#[test]
fn a_merge_at_the_root_is_part_of_the_policy_in_every_form() {
    for (keys, root) in [
        ("&strict {enabled: false, default_action: allow}", "seccomp:\n  <<: *strict\n  syscalls: [GROUP]\n"),
        (
            "&strict {seccomp.enabled: false, seccomp.default_action: allow}",
            "<<: *strict\nseccomp.syscalls: [GROUP]\n",
        ),
        (
            "&strict {seccomp: {enabled: false, default_action: allow}}",
            "<<: *strict\nseccomp.syscalls: [GROUP]\n",
        ),
        ("&strict {seccomp: {enabled: false, default_action: allow, syscalls: [GROUP]}}", "<<: *strict\n"),
    ] {
        let policy = compiled(&format!("strict: {keys}\n{root}").replace("GROUP", GROUP), "x86_64");
        assert!(!policy.enabled, "{root}");
        assert_eq!(verdict(&policy, "execve", [0; 6]), EPERM, "{root}");
    }
    let plain = format!("<<: {{default_action: allow, enabled: false}}\nsyscalls: [{GROUP}]\n");
    assert!(!compiled(&plain, "x86_64").enabled);
}

#[test]
fn what_is_merged_at_the_root_is_checked() {
    let text = "
strict: &strict
  seccomp.compat: true
  seccomp.expect:
  - action: errno
    names: [execve, execveat]
  seccomp.foreign_architecture: errno(ENOSYS)
<<: *strict
seccomp.default_action: allow
seccomp.syscalls:
- action: errno
  names: [execve]
";
    assert!(codes(text, "x86_64").contains(&Code::BrokenExpectation), "{}", problems(text, "x86_64"));
    let kept = compiled(&text.replace("names: [execve]\n", "names: [execve, execveat]\n"), "x86_64");
    assert!(kept.compat);
}

/// The actions of a group that merges `defaults`, in a file that defines these mappings.
fn merging(defaults: &str, group: &str) -> String {
    format!(
        "{defaults}\nseccomp:\n  default_action: allow\n  syscalls: [{{{group}, names: [execve, execveat]}}]\n"
    )
}

const TWO: &str = "a: &a {action: errno}\nb: &b {action: kill_process, optional: true}";

#[test]
fn the_first_of_a_list_wins_and_so_does_a_key_after_the_merge() {
    for (group, wanted) in [
        ("<<: *a", EPERM),
        ("<<: *b", Verdict::KillProcess),
        ("<<: [*a, *b]", EPERM),
        ("<<: [*b, *a]", Verdict::KillProcess),
        ("<<: *b, action: errno", EPERM),
        ("<<: [*b], action: errno", EPERM),
        ("<<: {<<: *b, action: errno}", EPERM),
        ("<<: [{<<: [*a, *b]}, *b]", EPERM),
        // Whatever the order, they do not overlap.
        ("optional: true, <<: *a", EPERM),
        ("<<: *a, <<: {optional: true}", EPERM),
    ] {
        let policy = compiled(&merging(TWO, group), "x86_64");
        assert_eq!(verdict(&policy, "execve", [0; 6]), wanted, "{group}");
    }
}

#[test]
fn a_merge_on_which_yaml_and_beats_disagree_is_refused() {
    for group in ["action: errno, <<: *b", "<<: *a, <<: *b", "<<: *a, optional: true, <<: *b"] {
        let codes = codes(&merging(TWO, group), "x86_64");
        assert!(
            !codes.is_empty() && codes.iter().all(|code| *code == Code::AmbiguousMerge),
            "{group}: {codes:?}"
        );
    }
    let root = format!(
        "d: &d {{seccomp.default_action: log}}\nseccomp.default_action: allow\n<<: *d\nseccomp.syscalls: [{GROUP}]\n"
    );
    assert_eq!(codes(&root, "x86_64"), [Code::AmbiguousMerge]);
    // What is none of the policy's is left alone.
    let other = format!(
        "d: &d {{path: a}}\npath: b\n<<: *d\nseccomp: {{default_action: allow, syscalls: [{GROUP}]}}\n"
    );
    assert_eq!(codes(&other, "x86_64"), []);
}

#[test]
fn a_merged_mapping_is_as_strict_as_any_other() {
    for (defaults, group, wanted) in [
        ("x: &d {action: errno, action: allow}", "<<: *d", Code::DuplicateKey),
        ("x: &d {action: errno, action: allow}", "<<: *d, action: errno", Code::DuplicateKey),
        ("x: &d {action: errno, optionl: true}", "<<: *d", Code::UnknownKey),
        ("x: &d {action: errno, 3: true}", "<<: *d", Code::WrongType),
        ("x: &d {action: errno}", "<<: [*d, 3]", Code::WrongType),
        ("x: &d [action, errno]", "<<: *d, action: errno", Code::WrongType),
        ("x: &d", "<<: *d, action: errno", Code::WrongType),
    ] {
        let codes = codes(&merging(defaults, group), "x86_64");
        assert!(codes.contains(&wanted), "{defaults} {group}: {codes:?}");
    }
}

#[test]
fn merge_keys_work_wherever_a_policy_has_a_mapping() {
    let text = "
reasons: &reasons {errno-zero: the result is not read}
which: &which {argument: cmd, operation: Equal}
seccomp:
  default_action: allow
  allow_warnings: [{<<: *reasons}]
  syscalls:
  - action: errno(0)
    names_with_args:
    - {<<: {name: fcntl}, arguments: [{<<: *which, value: F_SETFL}]}
";
    let policy = compiled(text, "x86_64");
    assert_eq!(verdict(&policy, "fcntl", [0, 4, 0, 0, 0, 0]), Verdict::Errno(0));
    assert!(
        !policy.warnings().iter().any(|warning| warning.code == Code::ErrnoZero),
        "{}",
        policy.warnings()
    );
}

#[test]
fn a_merge_key_in_quotes_is_a_key() {
    for quoted in ["\"<<\"", "'<<'", "\"\\x3c<\"", "!!str <<"] {
        let inside = merging(TWO, &format!("{quoted}: *b, action: errno"));
        assert_eq!(codes(&inside, "x86_64"), [Code::UnknownKey], "{quoted}");
        let root = format!(
            "{TWO}\n{quoted}: {{seccomp.enabled: false}}\nseccomp: {{default_action: allow, syscalls: [{GROUP}]}}\n"
        );
        assert!(compiled(&root, "x86_64").enabled, "{quoted}");
    }
    // The mark and wide characters before it do not move it.
    let marked = format!(
        "\u{feff}{TWO}\nseccomp: {{default_action: allow, syscalls: [{{ \
                          names: [execve, execveat], <<: *b}}]}} # ü\n"
    );
    assert_eq!(verdict(&compiled(&marked, "x86_64"), "execve", [0; 6]), Verdict::KillProcess);
}

fn with_value(value: &str) -> String {
    format!(
        "{{default_action: allow, syscalls: [{{action: errno, names_with_args: [{{name: personality, \
         arguments: [{{argument: 0, operation: Equal, value: {value}}}]}}]}}]}}"
    )
}

#[test]
fn integers_are_those_of_beats_in_quotes_or_not() {
    for (text, value) in [
        ("16", 16),
        ("+5", 5),
        ("0x10", 16),
        ("0X10", 16),
        ("0X1F", 31),
        ("1_000", 1000),
        ("0xff_ff", 0xffff),
        ("0b1", 1),
        ("0B101", 5),
        ("0o17", 15),
        ("0O17", 15),
    ] {
        for written in [text.to_owned(), format!("'{text}'"), format!("\"{text}\""), format!("'{text} | 0'")]
        {
            let policy = compiled(&with_value(&written), "x86_64");
            assert_eq!(verdict(&policy, "personality", [value, 0, 0, 0, 0, 0]), EPERM, "{written}");
            assert_eq!(
                verdict(&policy, "personality", [value + 1, 0, 0, 0, 0, 0]),
                Verdict::Allow,
                "{written}"
            );
        }
    }
    let action = "{default_action: 'errno(0X1_0)', syscalls: [{action: allow, names: [read]}]}";
    assert_eq!(verdict(&compiled(action, "x86_64"), "write", [0; 6]), Verdict::Errno(16));
}

#[test]
fn what_is_in_quotes_is_not_read_as_yaml_again() {
    for value in
        ["2 # | 0x10", "!!int 2", "''2''", "[2]", "&a 2", "1__0", "1_", "0x_1", "1e3", "0755", "1:30", ""]
    {
        assert_eq!(codes(&with_value(&format!("'{value}'")), "x86_64"), [Code::InvalidValue], "{value}");
    }
    for data in ["1 # x", "!!int 1", "010", "1_"] {
        let action =
            format!("{{default_action: 'errno({data})', syscalls: [{{action: allow, names: [read]}}]}}");
        assert_eq!(codes(&action, "x86_64"), [Code::ActionData], "{data}");
    }
}
