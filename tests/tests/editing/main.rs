//! Edits in place: the text means exactly the edit, every other byte and comment stays, and undoing gives the text back.

mod comments;
mod random_policies;

use std::collections::BTreeSet;

use seccomp_compiler::policy::edit::{Edit, Editor, Unchanged, ways_to_allow};
use seccomp_compiler::policy::{Action, Entry, Group, Policy};
use seccomp_compiler::{Architecture, Compiler, SourceFile, Verdict};
use seccomp_tests::comments::assert_comments_stay;
use seccomp_tests::corpus::corpus;
use seccomp_tests::edits::{conditional, eacces, edited, edits};

/// The text after an edit.
fn after(text: &str, edit: &Edit) -> String {
    let file = SourceFile::new("policy.yaml", text);
    let edited =
        edited(&file, edit).unwrap_or_else(|unchanged| panic!("{unchanged}\n{edit:?}\n--- of\n{text}"));
    edited.text().to_owned()
}

fn add(text: &str, group: usize, entry: Entry) -> String {
    let policy = text.parse().expect("the policy can be read");
    after(text, &Edit::add_call(&policy, group, entry))
}

#[test]
fn a_name_goes_where_the_order_has_it_and_as_its_neighbours_are_written() {
    let cases = [
        // Comments stay where they are, and above what they are about.
        (
            "  names:\n  # one\n  - bind   # two\n  - write\n",
            "  names:\n  # one\n  - bind   # two\n  - new\n  - write\n",
        ),
        ("  names:\n  # one\n  - open\n", "  names:\n  - new\n  # one\n  - open\n"),
        (
            "  names:\n    - write\n    - open\n\n# end",
            "  names:\n    - write\n    - open\n    - new\n\n# end",
        ),
        ("  names: [ read, write ]  # all\n", "  names: [ new, read, write ]  # all\n"),
        ("  names: [a, b,\n    z]\n", "  names: [a, b,\n    new, z]\n"),
        (
            "  names: [\n    a,  # one\n    b,  # two\n  ]\n",
            "  names: [\n    a,  # one\n    b,  # two\n    new,\n  ]\n",
        ),
        ("  names: [\n    a,\n    b  # two\n  ]\n", "  names: [\n    a,\n    b,  # two\n    new\n  ]\n"),
        ("  names: ['a', \"@b\"]\n", "  names: ['a', \"@b\", 'new']\n"),
        ("  names: [\"@b\"]\n", "  names: [\"@b\", new]\n"),
        ("  names: [\"b\", ]\n", "  names: [\"b\", \"new\", ]\n"),
    ];
    let policy = |group: &str| format!("default_action: errno\nsyscalls:\n- action: allow\n{group}");
    for (before, wanted) in cases {
        assert_eq!(add(&policy(before), 0, Entry::new("new")), policy(wanted));
    }
}

#[test]
fn what_a_file_lacks_is_put_where_it_has_the_others() {
    let plain = "default_action: errno\nsyscalls:\n- action: allow\n  names: [read]   # all\n# end";
    let wanted = "default_action: errno\nsyscalls:\n- action: allow\n  names: [read]   # all\n  names_with_args:\n  \
                  - name: mmap\n    arguments: [{argument: 0, operation: BitsSet, value: 0x1000}]\n# end";
    assert_eq!(add(plain, 0, conditional("mmap")), wanted);

    let json = r#"{"default_action": "errno", "syscalls": [{"action": "allow", "names": ["read"]}]}"#;
    let wanted = r#"{"default_action": "errno", "syscalls": [{"action": "allow", "names": ["read"], "names_with_args": [{"name": "mmap", "arguments": [{"argument": 0, "operation": "BitsSet", "value": 0x1000}]}]}]}"#;
    assert_eq!(add(json, 0, conditional("mmap")), wanted);

    let included = "seccomp.include: [a.yaml] # base\r\nother: {}\r\n";
    let group = Group::new(eacces()).names(["read"]);
    let wanted = "seccomp.include: [a.yaml] # base\r\nother: {}\r\nseccomp.syscalls:\r\n- action: errno(EACCES)\r\n  \
                  names: [read]\r\n";
    assert_eq!(after(included, &Edit::AddGroup { at: 0, group: group.clone() }), wanted);

    let mut commented = group;
    commented.comment = "Not for files.".to_owned();
    let nested = "seccomp:\n  default_action: 'allow'\n  syscalls:\n    - action: log\n      names: [read]\n";
    let wanted = "seccomp:\n  default_action: 'allow'\n  syscalls:\n    - action: log\n      names: [read]\n    \
                  # Not for files.\n    - action: errno(EACCES)\n      names: [read]\n";
    assert_eq!(after(nested, &Edit::AddGroup { at: 1, group: commented }), wanted);
    let wanted = nested.replace("'allow'", "'errno(EACCES)'");
    assert_eq!(after(nested, &Edit::SetDefaultAction { action: eacces() }), wanted);
}

#[test]
fn what_would_change_more_is_refused() {
    let shared = "base: &base {action: allow}\nseccomp:\n  default_action: errno\n  syscalls:\n  - action: allow\n    \
                  names: &names [read, write]\n  - <<: *base\n    optional: true\n    names: *names\n";
    let file = SourceFile::new("policy.yaml", shared);
    let refused = [
        Edit::RemoveCall { group: 0, at: 1 },
        Edit::RemoveCall { group: 1, at: 1 },
        Edit::SetAction { group: 1, action: eacces() },
        Edit::RemoveGroup { at: 0 },
    ];
    for edit in refused {
        let unchanged = edited(&file, &edit).expect_err("another place would change");
        assert!(matches!(unchanged, Unchanged::Shared), "{unchanged:?}");
    }
    edited(&file, &Edit::SetAction { group: 0, action: eacces() }).expect("nothing else is meant");
    let missing = edited(&file, &Edit::RemoveCall { group: 2, at: 0 }).expect_err("there are two groups");
    assert!(matches!(missing, Unchanged::Missing), "{missing:?}");
    let twice = Edit::AddCall { group: 0, at: 0, entry: Entry::new("read") };
    let file =
        SourceFile::new("policy.yaml", "default_action: errno\nsyscalls: [{action: log, names: [read]}]");
    let invalid = edited(&file, &twice).expect_err("a name is listed once");
    assert!(invalid.to_string().contains("`read`"), "{invalid}");
}

#[test]
fn what_changed_otherwise_is_not_undone() {
    let file =
        SourceFile::new("policy.yaml", "default_action: errno\nsyscalls: [{action: allow, names: [b, c]}]\n");
    let mut editor = Editor::open(&file).expect("the policy can be read");
    let add = Edit::AddCall { group: 0, at: 0, entry: Entry::new("a") };
    let first = editor.apply(&add).expect("it has no such call");
    assert_eq!(
        (&file.text()[..first.start], &*first.old, &*first.new),
        ("default_action: errno\nsyscalls: [{action: allow, names: [", "", "a, ")
    );
    let second = editor.apply(&Edit::SetDefaultAction { action: Action::Allow }).expect("it has one");
    // The range has another text, or the same text with another policy around it.
    let mut others = vec![editor.clone()];
    let later = Edit::RemoveCall { group: 0, at: 2 };
    let third = editor.apply(&later).expect("there are others");
    others.push(editor.clone());
    for mut other in others {
        let text = other.text().to_owned();
        let stale = other.undo(&first).expect_err("another change is in the way");
        assert!(matches!(stale, Unchanged::Stale), "{stale:?}");
        assert_eq!(other.text(), text);
    }
    for change in [third, second, first] {
        editor.undo(&change).expect("it is the last one");
    }
    assert_eq!(editor.file(), &file);
}

/// The policy after the first of the ways that makes the compiler allow the call.
fn allowing(text: &str, name: &str) -> String {
    let x86_64 = Architecture::find("x86_64").expect("it is in the table");
    let number = x86_64.syscall_number(name).expect("it has the call");
    let file = SourceFile::new("policy.yaml", text);
    let editor = Editor::open(&file).expect("the policy can be read");
    for way in ways_to_allow(editor.policy(), name, x86_64) {
        let mut editor = editor.clone();
        if way.iter().any(|edit| editor.apply(edit).is_err()) {
            continue;
        }
        let Ok(compiled) = Compiler::for_architecture(x86_64).compile(editor.file()) else { continue };
        let rules = &compiled.verified.rules().abis[0];
        let decider = rules.rules.iter().find(|rule| rule.number == number);
        let is_decided = decider.is_none_or(|rule| rule.conditions.is_empty());
        if is_decided && decider.map_or(rules.default, |rule| rule.verdict) == Verdict::Allow {
            return editor.text().to_owned();
        }
    }
    panic!("no way allows {name} in\n{text}")
}

#[test]
fn a_call_is_allowed_by_the_smallest_change() {
    let list = "default_action: errno\nsyscalls:\n- action: allow\n  names: [read, write]\n";
    assert_eq!(allowing(list, "openat"), list.replace("[read", "[openat, read"));
    let refused = "default_action: allow\nsyscalls:\n- action: errno\n  names: [execve, execveat]\n";
    assert_eq!(allowing(refused, "execve"), refused.replace("execve, ", ""));
    let alone = "default_action: allow\nsyscalls:\n- action: log\n  names: [bind]\n- action: errno\n  names: [fork]\n";
    assert_eq!(allowing(alone, "fork"), alone.replace("- action: errno\n  names: [fork]\n", ""));
    let set = "default_action: allow\nsyscalls:\n# No files.\n- action: errno\n  names: [\"@file-system\"]\n";
    let group = "syscalls:\n- action: allow\n  names: [openat]\n";
    assert_eq!(allowing(set, "openat"), set.replace("syscalls:\n", group));
    let conditional = "default_action: errno\nsyscalls:\n- action: allow\n  names: [read]\n- action: errno(EACCES)\n  \
                       names: [bind]\n  names_with_args:\n  - name: openat\n    arguments: [{argument: flags, \
                       operation: BitsSet, value: O_CREAT}]\n";
    let (before, _) = conditional.split_once("  names_with_args").expect("it has some");
    assert_eq!(allowing(conditional, "openat"), before.replace("[read]", "[openat, read]"));
}

/// Files whose parts are shared: what cannot be changed in them is refused.
const SHARED: [&str; 4] =
    ["docs/policy.md", "policies/README.md", "tests/ui/anchored-names.yaml", "tests/ui/ok-merge-keys.yaml"];

#[test]
fn every_policy_of_the_project_can_be_edited() {
    let mut refused = BTreeSet::new();
    // A policy that is only switched off has nothing to edit.
    let has_rules = |policy: &Policy| policy.default_action.is_some() || !policy.groups.is_empty();
    for (file, policy) in corpus().into_iter().filter(|(_, policy)| policy.enabled || has_rules(policy)) {
        for edit in edits(&policy) {
            match edited(&file, &edit) {
                Ok(editor) => assert_comments_stay(&edit, &file.text(), editor.text()),
                Err(Unchanged::LastCall | Unchanged::LastGroup) => {}
                Err(Unchanged::Shared) => {
                    let file = file.name().split(':').next().unwrap_or_default();
                    refused.insert(file.to_owned());
                }
                Err(unchanged) => panic!("{}: {unchanged}\n{edit:?}", file.name()),
            }
        }
    }
    assert_eq!(refused.into_iter().collect::<Vec<_>>(), SHARED);
}
