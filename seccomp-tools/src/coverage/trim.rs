//! The edit that removes what a policy allows and nobody called.

use seccomp_compiler::SourceFile;
use seccomp_compiler::policy::edit::{Edit, Editor};

use super::report::{Line, Report};
use crate::advice::unified_diff;

/// A policy without its unused lines.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Trimmed {
    /// Its file.
    pub file: SourceFile,
    /// The lines that stay although they are unused, each with the reason.
    pub kept: Vec<(Line, String)>,
}

impl Trimmed {
    /// What changes, as a unified diff; empty if nothing does.
    pub fn patch(&self, old: &SourceFile) -> String {
        if self.file == *old { String::new() } else { unified_diff(old, &self.file) }
    }
}

impl Report<'_> {
    /// The policy's own file without the lines that allow what nobody called. Comments on them go with them, and every
    /// other byte stays. What included files allow stays.
    pub fn trim(&self, file: &SourceFile) -> Trimmed {
        let own = self.files.first().map_or(&[][..], |own| &own.lines);
        let mut kept = Vec::new();
        let mut keep = |line: &Line, reason: &str| kept.push((line.clone(), reason.to_owned()));
        for line in self.files.iter().skip(1).flat_map(|file| &file.lines).filter(|line| line.is_unused()) {
            keep(line, "it is in an included file");
        }
        let unused: Vec<&Line> = own.iter().filter(|line| line.is_unused()).collect();
        let Ok(mut editor) = Editor::open(file) else {
            unused.iter().for_each(|line| keep(line, "the file cannot be edited"));
            return Trimmed { file: file.clone(), kept };
        };
        // The last first, so that the others stay where they are.
        for line in unused.into_iter().rev() {
            let removed = position(&editor, line).map(|(group, at)| removal(&editor, group, at));
            match removed.map(|edit| editor.apply(&edit)) {
                Some(Ok(_)) => {}
                Some(Err(unchanged)) => keep(line, &unchanged.to_string()),
                None => keep(line, "it is an effect, or not found in the file"),
            }
        }
        Trimmed { file: editor.file().clone(), kept }
    }
}

/// The group and the position of the entry of a line. Lines are removed from the last to the first, so the places of
/// those before are still what they were.
fn position(editor: &Editor, line: &Line) -> Option<(usize, usize)> {
    let groups = editor.policy().groups.iter().enumerate();
    let mut entries = groups
        .flat_map(|(group, of)| of.entries.iter().enumerate().map(move |(at, entry)| (group, at, entry)));
    let found = entries.find(|(_, _, entry)| entry.name.place == line.place)?;
    Some((found.0, found.1))
}

/// Removes an entry, with its group if it is the last.
fn removal(editor: &Editor, group: usize, at: usize) -> Edit {
    let of = &editor.policy().groups[group];
    match of.entries.len() {
        1 if of.effects.is_empty() => Edit::RemoveGroup { at: group },
        _ => Edit::RemoveCall { group, at },
    }
}
