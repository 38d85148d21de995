//! Comments stay with what they are about, and unusual files are edited rightly or not at all.

use seccomp_compiler::SourceFile;
use seccomp_compiler::policy::edit::{Edit, Unchanged};
use seccomp_compiler::policy::{Action, Entry, Group, Policy};
use seccomp_tests::comments::assert_comments_stay;
use seccomp_tests::edits::{edited, edits};

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
