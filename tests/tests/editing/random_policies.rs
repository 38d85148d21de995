//! Random policies in every layout, edited and undone.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use seccomp_compiler::SourceFile;
use seccomp_compiler::policy::edit::{Edit, Editor, Unchanged};
use seccomp_compiler::policy::{Action, Entry, Group, Policy};
use seccomp_tests::comments::assert_comments_stay;
use seccomp_tests::edits::apply;
use seccomp_tests::layout::Layout;
use seccomp_tests::{random, values};

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
