//! Edits in place: the text means exactly the edit, every other byte stays, and the reverse edit gives the text back.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use seccomp_compiler::SourceFile;
use seccomp_compiler::policy::edit::{Edit, Editor, Unchanged};
use seccomp_compiler::policy::{Action, Condition, Entry, Errno, Group, Operation, Policy};
use seccomp_tests::corpus::corpus;
use seccomp_tests::{random, values};

/// The file after an edit, once the properties hold that each edit has.
fn edited(file: &SourceFile, edit: &Edit) -> Result<Editor, Unchanged> {
    let mut editor = Editor::open(file).expect("the policy can be read");
    let (old, policy) = (editor.text().to_owned(), editor.policy().clone());
    if let Err(unchanged) = editor.apply(edit) {
        assert_eq!(editor.text(), old, "a refused edit changed the text");
        return Err(unchanged);
    }
    let mut wanted = policy.clone();
    edit.apply(&mut wanted).expect("the editor made it");
    assert_eq!(editor.policy(), &wanted);
    let new = editor.text();
    assert_eq!(&new.parse::<Policy>().expect("it was read"), &wanted);
    let is_kept = match edit {
        Edit::AddCall { .. } | Edit::AddGroup { .. } => is_within(&old, new),
        Edit::RemoveCall { .. } | Edit::RemoveGroup { .. } => is_within(new, &old),
        _ => {
            let (before, after) =
                (common(old.bytes(), new.bytes()), common(old.bytes().rev(), new.bytes().rev()));
            // Nothing but the action, on its one line.
            !old[before..old.len().saturating_sub(after).max(before)].contains('\n')
        }
    };
    assert!(is_kept, "{edit:?}\n--- of\n{old}\n--- made\n{new}");
    if matches!(edit, Edit::AddCall { .. } | Edit::AddGroup { .. }) {
        assert_reversed(&editor, edit, &policy, &old);
    }
    Ok(editor)
}

fn assert_reversed(editor: &Editor, edit: &Edit, policy: &Policy, old: &str) {
    let mut editor = editor.clone();
    let new = editor.text().to_owned();
    let reverse = edit.reverse(policy).expect("the edit was made");
    match editor.apply(&reverse) {
        Ok(()) => assert_eq!(editor.text(), old, "{edit:?}\n--- made\n{new}"),
        Err(unchanged) => panic!("{unchanged}\n{reverse:?}\n--- of\n{new}"),
    }
}

fn common(one: impl Iterator<Item = u8>, other: impl Iterator<Item = u8>) -> usize {
    one.zip(other).take_while(|(one, other)| one == other).count()
}

/// Whether all of `part` is in `whole`, in its order.
fn is_within(part: &str, whole: &str) -> bool {
    let mut whole = whole.bytes();
    part.bytes().all(|byte| whole.any(|other| other == byte))
}

fn eacces() -> Action {
    Action::Errno(Errno::Name("EACCES".to_owned()))
}

fn conditional(name: &str) -> Entry {
    let condition = Condition::new(0, Operation::BitsSet, 0x1000);
    Group::new(Action::Allow).name_with_args(name, [condition]).entries.remove(0)
}

/// Edits at the ends and in the middle of everything that a policy has.
fn edits(policy: &Policy) -> Vec<Edit> {
    let mut edits = vec![Edit::SetDefaultAction { action: eacces() }];
    let new = Group::new(eacces()).names(["zzz_new", "@zzz_set"]);
    let groups = policy.groups.len();
    for at in [0, groups / 2, groups] {
        edits.push(Edit::AddGroup { at, group: new.clone() });
    }
    let few = |group: &usize| groups < 8 || [0, groups / 2, groups - 1].contains(group);
    for (group, of) in policy.groups.iter().enumerate().filter(|(group, _)| few(group)) {
        edits.push(Edit::RemoveGroup { at: group });
        edits.push(Edit::SetAction { group, action: Action::Trap(7) });
        for entry in
            ["aaa_new", "mmm_new", "zzz_new"].map(Entry::new).into_iter().chain([conditional("mmm_new")])
        {
            edits.push(Edit::add_call(policy, group, entry));
        }
        let plain = of.entries.iter().filter(|entry| entry.conditions.is_none()).count();
        let all = of.entries.len();
        for (at, entry) in [(0, "first"), (plain / 2, "middle"), (plain, "last")] {
            edits.push(Edit::AddCall { group, at, entry: Entry::new(entry) });
        }
        edits.push(Edit::AddCall { group, at: plain, entry: conditional("first") });
        edits.push(Edit::AddCall { group, at: all, entry: conditional("last") });
        for at in [0, plain / 2, plain.saturating_sub(1), plain.min(all - 1), all - 1] {
            edits.push(Edit::RemoveCall { group, at });
        }
    }
    edits
}

/// Files whose parts are shared: what cannot be changed in them is refused.
const SHARED: [&str; 2] = ["tests/ui/anchored-names.yaml", "tests/ui/ok-merge-keys.yaml"];

#[test]
fn every_policy_of_the_project_can_be_edited() {
    let mut refused = BTreeSet::new();
    for (file, policy) in corpus() {
        for edit in edits(&policy) {
            match edited(&file, &edit) {
                Ok(_) | Err(Unchanged::LastCall | Unchanged::LastGroup) => {}
                Err(Unchanged::Shared) => drop(refused.insert(file.name().to_owned())),
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
        !matches!(self, Self::Commented | Self::Json | Self::ShortJson)
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
            Self::Json => serde_json::to_string_pretty(&json()).expect("it is JSON"),
            Self::ShortJson => json().to_string(),
        }
    }
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
        let group = self.group.index(policy.groups.len());
        match self.kind {
            0 => Edit::add_call(policy, group, self.entry),
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
                layout.is_canonical() && !is_last_of_list(&edit, &policy)
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
