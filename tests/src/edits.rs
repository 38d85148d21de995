//! Edits of policies, and what holds for each.

use seccomp_compiler::SourceFile;
use seccomp_compiler::policy::edit::{Change, Edit, Editor, Unchanged};
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
    apply(&mut editor, edit)?;
    Ok(editor)
}

/// Makes an edit, and checks the properties that each has: it means what it says, keeps what it is not about, and can be
/// undone and done again.
///
/// # Errors
///
/// Why the edit was not made.
///
/// # Panics
///
/// Where a property does not hold.
pub fn apply(editor: &mut Editor, edit: &Edit) -> Result<Change, Unchanged> {
    let (old, policy) = (editor.text().to_owned(), editor.policy().clone());
    let change = match editor.apply(edit) {
        Ok(change) => change,
        Err(unchanged) => {
            assert_eq!(
                (editor.text(), editor.policy()),
                (&*old, &policy),
                "a refused edit changed something"
            );
            return Err(unchanged);
        }
    };
    let mut wanted = policy.clone();
    edit.apply(&mut wanted).expect("the editor made it");
    assert_eq!(editor.policy(), &wanted);
    let new = editor.text();
    assert_eq!(&new.parse::<Policy>().expect("it was read"), &wanted);
    let is_kept = match edit {
        Edit::AddCall { .. } | Edit::AddGroup { .. } => is_within(&old, new),
        Edit::RemoveCall { .. } | Edit::RemoveGroup { .. } => is_within(new, &old),
        // A key is added, or nothing but the action is replaced.
        _ if change.old.is_empty() => is_within(&old, new),
        Edit::SetAction { group, .. } => is_action(&change.old, &policy.groups[*group].action),
        Edit::SetDefaultAction { .. } => {
            policy.default_action.as_ref().is_some_and(|action| is_action(&change.old, action))
        }
        _ => false,
    };
    assert!(is_kept, "{edit:?}\n--- of\n{old}\n--- made\n{new}");

    let mut undone = editor.clone();
    let redo = undone.undo(&change).expect("nothing else changed");
    assert_eq!(undone.text(), old, "{edit:?}");
    assert_eq!(undone.policy(), &policy);
    assert_eq!(undone.undo(&redo).expect("nothing else changed"), change);
    assert_eq!(undone.text(), new);
    Ok(change)
}

/// Whether a text is an action, and nothing else.
fn is_action(text: &str, action: &Action) -> bool {
    let policy = format!("syscalls: [{{action: log, names: [a]}}]\ndefault_action: {text}");
    policy.parse::<Policy>().is_ok_and(|policy| policy.default_action == Some(action.clone().into()))
}

/// Whether all of `part` is in `whole`, in its order.
pub fn is_within(part: &str, whole: &str) -> bool {
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
