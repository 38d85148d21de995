//! Edits of policies, and what holds for each.

use seccomp_compiler::SourceFile;
use seccomp_compiler::policy::edit::{Edit, Editor, Unchanged};
use seccomp_compiler::policy::{Action, Condition, Entry, Group, Operation, Policy};

/// The file after an edit, once the properties hold that each edit has.
///
/// # Errors
///
/// Why the edit was not made.
///
/// # Panics
///
/// Where a property does not hold.
pub fn edited(file: &SourceFile, edit: &Edit) -> Result<Editor, Unchanged> {
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
    // A comment stays where the group below it goes.
    let is_addition = match edit {
        Edit::AddCall { entry, .. } => entry.comment.is_empty(),
        Edit::AddGroup { group, .. } => group.comment.is_empty(),
        _ => false,
    };
    if is_addition {
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
        // An empty `include` was enough before.
        Err(Unchanged::LastGroup) if policy.include.is_empty() => {}
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

/// `errno(EACCES)`.
pub fn eacces() -> Action {
    Action::Errno("EACCES".into())
}

/// An entry with a condition.
pub fn conditional(name: &str) -> Entry {
    let condition = Condition::new(0, Operation::BitsSet, 0x1000);
    Group::new(Action::Allow).name_with_args(name, [condition]).entries.remove(0)
}

/// Edits at the ends and in the middle of everything that a policy has.
pub fn edits(policy: &Policy) -> Vec<Edit> {
    let mut edits = vec![Edit::SetDefaultAction { action: eacces() }];
    let new = Group::new(eacces()).names(["zzz_new", "@zzz_set"]);
    let groups = policy.groups.len();
    for at in [0, groups / 2, groups] {
        edits.push(Edit::AddGroup { at, group: new.clone() });
    }
    let few = |group: &usize| groups < 4 || [0, groups - 1].contains(group);
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
        let last = all.saturating_sub(1);
        // A group may have effects alone.
        for at in
            [0, plain / 2, plain.saturating_sub(1), plain.min(last), last].into_iter().filter(|at| *at < all)
        {
            edits.push(Edit::RemoveCall { group, at });
        }
    }
    edits
}
