//! Edits in place: the text means exactly the edit, every other byte stays, and the reverse edit gives the text back.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use seccomp_compiler::policy::edit::{Edit, Editor, Unchanged, ways_to_allow};
use seccomp_compiler::policy::{Action, Entry, Group, Policy};
use seccomp_compiler::{Architecture, Compiler, SourceFile, Verdict};
use seccomp_tests::corpus::corpus;
use seccomp_tests::edits::{conditional, eacces, edited, edits};
use seccomp_tests::{random, values};

/// The text after an edit.
fn after(text: &str, edit: &Edit) -> String {
    let file = SourceFile::new("policy.yaml", text);
    edited(&file, edit).unwrap_or_else(|unchanged| panic!("{unchanged}")).text().to_owned()
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
const SHARED: [&str; 3] = ["docs/policy.md", "tests/ui/anchored-names.yaml", "tests/ui/ok-merge-keys.yaml"];

#[test]
fn every_policy_of_the_project_can_be_edited() {
    let mut refused = BTreeSet::new();
    // A policy that is only switched off has nothing to edit.
    let has_rules = |policy: &Policy| policy.default_action.is_some() || !policy.groups.is_empty();
    for (file, policy) in corpus().into_iter().filter(|(_, policy)| policy.enabled || has_rules(policy)) {
        for edit in edits(&policy) {
            match edited(&file, &edit) {
                Ok(_) | Err(Unchanged::LastCall | Unchanged::LastGroup) => {}
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

/// The ways in which a file can be laid out.
#[derive(Debug, Clone, Copy)]
enum Layout {
    Printed,
    WithoutEnd,
    Crlf,
    Nested,
    Dotted,
    Commented,
    Json,
    ShortJson,
}

impl Layout {
    const ALL: [Self; 8] = [
        Self::Printed,
        Self::WithoutEnd,
        Self::Crlf,
        Self::Nested,
        Self::Dotted,
        Self::Commented,
        Self::Json,
        Self::ShortJson,
    ];

    /// Whether what is added looks like what was there before.
    fn is_canonical(self) -> bool {
        !matches!(self, Self::Nested | Self::Commented | Self::Json | Self::ShortJson)
    }

    /// A canonical text in this layout.
    fn of(self, text: &str) -> String {
        let lines = |before: &str, behind: &str| -> String {
            text.lines().map(|line| format!("{before}{line}{behind}\n")).collect()
        };
        let json = || -> serde_json::Value { serde_yaml::from_str(text).expect("a policy is YAML") };
        match self {
            Self::Printed => text.to_owned(),
            Self::WithoutEnd => text.trim_end().to_owned(),
            Self::Crlf => text.replace('\n', "\r\n"),
            Self::Nested => format!("other: [1]\nseccomp:\n{}more: {{}}\n", lines("  ", "")),
            Self::Dotted => {
                let is_key = |line: &str| line.starts_with(|c: char| c.is_ascii_lowercase());
                let dotted =
                    |line| if is_key(line) { format!("seccomp.{line}\n") } else { format!("{line}\n") };
                text.lines().map(dotted).collect()
            }
            Self::Commented => format!("# é\n\n{}\n# the end\n", lines("", "  # why, or: [not]")),
            Self::Json => escaped(&serde_json::to_string_pretty(&json()).expect("it is JSON")),
            Self::ShortJson => escaped(&json().to_string()),
        }
    }
}

/// JSON without characters that a policy cannot have as they are.
fn escaped(json: &str) -> String {
    let escaped = |c: char| match c {
        ' '..='~' | '\n' => c.to_string(),
        c if c.is_control()
            || ('\u{2000}'..='\u{2070}').contains(&c)
            || ('\u{fe00}'..='\u{ffff}').contains(&c) =>
        {
            format!("\\u{:04x}", u32::from(c))
        }
        c => c.to_string(),
    };
    json.chars().map(escaped).collect()
}

/// An edit of anything in a policy, once that is known.
#[derive(Debug, Clone)]
struct Wish {
    kind: u8,
    group: Index,
    at: Index,
    entry: Entry,
    new: Group,
    action: Action,
}

impl Wish {
    fn any() -> impl Strategy<Value = Self> {
        let parts = (0..6_u8, any::<[Index; 2]>(), values::entry(), values::group(), values::action());
        parts.prop_map(|(kind, [group, at], mut entry, mut new, action)| {
            // A comment stays where the entry below it goes.
            entry.comment.clear();
            new.comment.clear();
            new.entries.iter_mut().for_each(|entry| entry.comment.clear());
            Self { kind, group, at, entry, new, action }
        })
    }

    fn edit(self, policy: &Policy) -> Edit {
        if policy.groups.is_empty() {
            return Edit::AddGroup { at: 0, group: self.new };
        }
        let group = self.group.index(policy.groups.len());
        match self.kind {
            0 => Edit::add_call(policy, group, self.entry),
            // A group may have effects alone.
            1 if policy.groups[group].entries.is_empty() => Edit::RemoveGroup { at: group },
            1 => Edit::RemoveCall { group, at: self.at.index(policy.groups[group].entries.len()) },
            2 => Edit::AddGroup { at: self.at.index(policy.groups.len() + 1), group: self.new },
            3 => Edit::RemoveGroup { at: group },
            4 => Edit::SetAction { group, action: self.action },
            _ => Edit::SetDefaultAction { action: self.action },
        }
    }
}

/// Makes the edits one after the other, and takes each back, which gives the same bytes.
fn edit_and_reverse(text: &str, layout: Layout, wishes: Vec<Wish>) {
    let mut file = SourceFile::new("random.yaml", layout.of(text));
    for wish in wishes {
        let policy = Policy::read(&file).unwrap_or_else(|problems| panic!("{problems}"));
        let edit = wish.edit(&policy);
        let edited = match edited(&file, &edit) {
            Ok(edited) => edited,
            // Names that are there already.
            Err(Unchanged::LastCall | Unchanged::LastGroup | Unchanged::Invalid(_)) => continue,
            Err(unchanged) => panic!("{unchanged}\n{edit:?}\n--- of\n{}", file.text()),
        };
        let mut back = edited.clone();
        let reverse = edit.reverse(&policy).expect("the edit was made");
        back.apply(&reverse)
            .unwrap_or_else(|unchanged| panic!("{unchanged}\n{reverse:?}\n{}", edited.text()));
        assert_eq!(back.policy(), &policy);
        let is_kept = match edit {
            Edit::RemoveCall { .. } | Edit::RemoveGroup { .. } => {
                let is_canonical = layout.is_canonical() && file.text() == layout.of(&policy.to_string());
                is_canonical && !is_last_of_list(&edit, &policy)
            }
            _ => true,
        };
        if is_kept {
            assert_eq!(back.text(), file.text(), "{edit:?}");
        }
        file = edited.file().clone();
    }
}

/// Whether the edit takes the list away as well, which then may come back elsewhere.
fn is_last_of_list(edit: &Edit, policy: &Policy) -> bool {
    match edit {
        Edit::RemoveCall { group, at } => {
            let entries = &policy.groups[*group].entries;
            let like = |entry: &&Entry| entry.conditions.is_some() == entries[*at].conditions.is_some();
            entries.iter().filter(like).count() == 1
        }
        Edit::RemoveGroup { .. } => policy.groups.len() == 1,
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_random_policy_can_be_edited_and_the_edit_reversed(
        policy in values::policy(),
        layout in select(&Layout::ALL[..]),
        wishes in vec(Wish::any(), 1..5),
    ) {
        edit_and_reverse(&without_comments(policy).to_string(), layout, wishes);
    }

    #[test]
    fn a_policy_that_compiles_can_be_edited_and_the_edit_reversed(
        text in random::policy(),
        layout in select(&Layout::ALL[..]),
        wishes in vec(Wish::any(), 1..5),
    ) {
        let policy: Policy = text.parse().expect("a random policy can be read");
        edit_and_reverse(&policy.to_string(), layout, wishes);
    }
}

fn without_comments(mut policy: Policy) -> Policy {
    for group in policy.groups.iter_mut().chain(&mut policy.expectations) {
        group.comment.clear();
        group.entries.iter_mut().for_each(|entry| entry.comment.clear());
    }
    policy
}
