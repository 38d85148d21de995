//! Edits in place: the text means exactly the edit, every other byte and comment stays, and undoing gives the text back.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use seccomp_compiler::policy::edit::{Edit, Editor, Unchanged, ways_to_allow};
use seccomp_compiler::policy::{Action, Entry, Group, Policy};
use seccomp_compiler::{Architecture, Compiler, SourceFile, Verdict};
use seccomp_tests::comments::assert_comments_stay;
use seccomp_tests::corpus::corpus;
use seccomp_tests::edits::{apply, conditional, eacces, edited, edits};
use seccomp_tests::layout::Layout;
use seccomp_tests::{random, values};

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

/// The groups of a policy after an edit of them.
fn groups_after(groups: &str, edit: &Edit) -> Result<String, Unchanged> {
    let before = "default_action: errno\nsyscalls:";
    let file = SourceFile::new("policy.yaml", format!("{before}{groups}"));
    let editor = edited(&file, edit)?;
    Ok(editor.text().strip_prefix(before).expect("only the groups are edited").to_owned())
}

#[test]
fn a_comment_stays_with_what_it_is_about() {
    let add = |at| Edit::AddGroup { at, group: Group::new(Action::Log).names(["new"]) };
    let call = |at| Edit::AddCall { group: 0, at, entry: Entry::new("new") };
    let remove = |at| Edit::RemoveCall { group: 0, at };
    let new = "- action: log\n  names: [new]\n";
    let two =
        "\n- action: allow\n  names:\n  - a\n  # - b\n# about the second\n- action: trap\n  names: [c]\n";
    let headed = |names: &str| format!("\n- action: allow\n  names:\n{names}  optional: true\n");
    let flow = |names: &str| format!(" [{{action: allow, names: [{}]}}]\n", names.replace('\n', "\n  "));
    let cases = [
        // A comment that is indented more deeply than the groups is about the one above it.
        (two.to_owned(), add(1), two.replace("# about", &format!("{new}# about"))),
        (
            two.to_owned(),
            Edit::RemoveGroup { at: 0 },
            "\n# about the second\n- action: trap\n  names: [c]\n".into(),
        ),
        (
            two.to_owned(),
            Edit::RemoveGroup { at: 1 },
            two.split("# about").next().expect("it is there").into(),
        ),
        (two.to_owned(), call(1), two.replace("- a\n", "- a\n  - new\n")),
        // A comment heads the calls below it, to the last.
        (headed("  # x\n  - a\n  - b\n  - c\n"), remove(0), headed("  # x\n  - b\n  - c\n")),
        (headed("  # x\n  - a\n  # y\n  - b\n"), remove(0), headed("  # y\n  - b\n")),
        (headed("  # x\n\n  # y\n  - a\n\n  - b\n"), remove(0), headed("  # x\n\n\n  - b\n")),
        (headed("  - a\n    # x\n  - b\n"), remove(0), headed("  - b\n")),
        (headed("    # x\n  - a # y\n"), call(0), headed("    # x\n  - new\n  - a # y\n")),
        (headed("  - # x\n    a\n  - b\n"), remove(1), headed("  - # x\n    a\n")),
        // So within brackets.
        (flow("\n# x\na, # y\nb # z\n"), call(0), flow("\nnew,\n# x\na, # y\nb # z\n")),
        (flow("\n# x\na, # y\nb # z\n"), call(1), flow("\n# x\na, # y\nnew,\nb # z\n")),
        (flow("\n# x\na, # y\nb # z\n"), call(2), flow("\n# x\na, # y\nb, # z\nnew\n")),
        (flow("\n# x, y\na # y, z\n"), call(1), flow("\n# x, y\na, # y, z\nnew\n")),
        (flow("\n# x\na, # y\nb # z\n"), remove(0), flow("\n# x\nb # z\n")),
        (flow("\na, # y, z\n# x\nb # z\n"), remove(1), flow("\na # y, z\n")),
        (flow("\n'#a' # x\n"), call(1), flow("\n'#a', # x\nnew\n")),
        (flow("a, b, # x\n  c"), call(2), flow("a, b, # x\n  new,\n  c")),
        (flow("a, b, # x\n  c"), call(1), flow("a, new, b, # x\n  c")),
        (flow("a, b, # x\n  c"), remove(1), flow("a, # x\n  c")),
        (flow("a, b, # x\n  c"), remove(2), flow("a, b # x\n  ")),
    ];
    for (groups, edit, wanted) in cases {
        let edited = groups_after(&groups, &edit);
        assert_eq!(
            edited.unwrap_or_else(|unchanged| panic!("{unchanged}\n{edit:?}\n{groups}")),
            wanted,
            "{edit:?}"
        );
    }
    let refused = [
        // What a comment is about would be a guess, or it would have to move.
        (flow("a, # x\n  b, c"), remove(0)),
        (flow("a, b # x\n  "), call(2)),
        (flow("a # x\n  , b"), call(1)),
        ("\n- names: [a]\n  # x\n  action: allow\n  names_with_args: [{name: b, arguments: [{argument: 0, operation: Equal}]}]\n".into(), remove(0)),
    ];
    for (groups, edit) in refused {
        let edited = groups_after(&groups, &edit);
        assert!(matches!(edited, Err(Unchanged::Unusual)), "{edit:?}\n{groups}\n{edited:?}");
    }
}

/// Policies as few people write them, each with the number of edits that are refused.
const UNUSUAL: [(&str, usize); 12] = [
    (
        "? default_action\n: errno\n? syscalls\n: - ? action\n    : allow\n    ? names\n    : - read\n      - write\n",
        8,
    ),
    ("{? default_action : errno, syscalls: [{? action : allow, ? names : [read, write]}]}", 3),
    (
        "--- # x\ndefault_action: errno # y\nsyscalls:\n- &a # z\n  action: allow\n  names: &b [read, write]\n...\n",
        0,
    ),
    (
        "default_action: &a errno\nsyscalls: &b\n- &c\n  action: &d allow\n  names: &e\n  - &f read\n  - write\n",
        2,
    ),
    (
        "default_action: !!str errno\nsyscalls:\n- action: !!str 'allow'\n  names: !!seq [!!str read, write]\n",
        2,
    ),
    (
        "default_action: >-\n  errno\nsyscalls:\n- action: |-\n    allow\n  names:\n  - |-\n    read\n  - >-\n    write\n",
        13,
    ),
    (
        "default_action:\n  errno\nsyscalls:\n  -\n    action:\n      allow\n    names:\n      -\n        read\n      - write",
        0,
    ),
    ("default_action: \"err\\\n  no\"\nsyscalls:\n- action: 'allow'\n  names: ['read',\"write\"]", 0),
    (
        "\u{feff}# é\r\n{default_action: errno, # é\r\n\tsyscalls:\t[{action:\tallow,\tnames:\t[\tread\t,\twrite\t]}] # é\r\n}\r\n# é",
        0,
    ),
    (
        "default_action: errno\nsyscalls:\n- action: allow\n  names: [ # x\n    read # y\n    , # z\n    write\n  ]\n",
        2,
    ),
    ("default_action: errno\nsyscalls: [{action: allow, names: [read\n , write\n ]} # x\n]\n# y", 1),
    (
        "{\"default_action\":\"errno\",\"syscalls\":[{\"action\":\"allow\",\"names\":[\"read\",\"write\"]}]}",
        0,
    ),
];

#[test]
fn an_unusual_file_is_edited_rightly_or_refused_as_unusual() {
    for (text, wanted) in UNUSUAL {
        let file = SourceFile::new("policy.yaml", text);
        let policy = Policy::read(&file).unwrap_or_else(|problems| panic!("{problems}"));
        let edits = edits(&policy);
        let refused = edits.iter().filter(|edit| match edited(&file, edit) {
            Ok(editor) => {
                assert_comments_stay(edit, text, editor.text());
                false
            }
            Err(Unchanged::LastGroup) => false,
            Err(Unchanged::Unusual) => true,
            Err(unchanged) => panic!("{unchanged}\n{edit:?}\n{text}"),
        });
        assert_eq!(refused.count(), wanted, "{text}");
    }
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
        parts.prop_map(|(kind, [group, at], entry, new, action)| Self { kind, group, at, entry, new, action })
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

/// Makes the edits one after the other, and then undoes them, the last one first, which gives the same bytes.
fn edit_and_undo(text: &str, layout: Layout, wishes: Vec<Wish>) {
    let file = SourceFile::new("random.yaml", layout.of(text));
    let mut editor = Editor::open(&file).unwrap_or_else(|problems| panic!("{problems}"));
    let mut made = Vec::new();
    for wish in wishes {
        let edit = wish.edit(editor.policy());
        let old = editor.clone();
        match apply(&mut editor, &edit) {
            Ok(change) => {
                assert_comments_stay(&edit, old.text(), editor.text());
                made.push((old, change));
            }
            // Names that are there already.
            Err(Unchanged::LastCall | Unchanged::LastGroup | Unchanged::Invalid(_)) => {}
            Err(unchanged) => panic!("{unchanged}\n{edit:?}\n--- of\n{}", old.text()),
        }
    }
    while let Some((old, change)) = made.pop() {
        editor.undo(&change).expect("later changes are undone");
        assert_eq!((editor.text(), editor.policy()), (old.text(), old.policy()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_random_policy_can_be_edited_and_the_edits_undone(
        policy in values::policy(),
        layout in select(&Layout::ALL[..]),
        wishes in vec(Wish::any(), 1..6),
    ) {
        edit_and_undo(&policy.to_string(), layout, wishes);
    }

    #[test]
    fn a_policy_that_compiles_can_be_edited_and_the_edits_undone(
        text in random::policy(),
        layout in select(&Layout::ALL[..]),
        wishes in vec(Wish::any(), 1..6),
    ) {
        let policy: Policy = text.parse().expect("a random policy can be read");
        edit_and_undo(&policy.to_string(), layout, wishes);
    }
}
