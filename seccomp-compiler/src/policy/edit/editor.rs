//! A file that is edited.

use core::ops::Range;

use super::change::Change;
use super::edits::{Edit, Unchanged};
use super::splice::Splice;
use super::target;
use crate::diagnose::diagnostic::Diagnostics;
use crate::document::source::SourceFile;
use crate::policy::Policy;

/// A policy file that is being edited.
#[derive(Debug, Clone)]
pub struct Editor {
    file: SourceFile,
    policy: Policy,
}

impl Editor {
    /// Opens a file: a policy, or one that others include.
    ///
    /// # Errors
    ///
    /// Those of [`Policy::read`].
    pub fn open(file: &SourceFile) -> Result<Self, Diagnostics> {
        Ok(Self { file: file.clone(), policy: Policy::read(file)? })
    }

    /// The policy in the text.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The file as it is now.
    pub fn file(&self) -> &SourceFile {
        &self.file
    }

    /// The text as it is now.
    pub fn text(&self) -> &str {
        core::str::from_utf8(self.file.bytes()).unwrap_or_default()
    }

    /// Applies an edit, and changes nothing else.
    ///
    /// # Errors
    ///
    /// The reason for not applying it. The file is unchanged then.
    pub fn apply(&mut self, edit: &Edit) -> Result<Change, Unchanged> {
        let mut wanted = self.policy.clone();
        edit.apply(&mut wanted)?;
        let Splice { range, text } = target::splice(self.text(), &self.policy, edit)?;
        match self.replace(range, &text) {
            Ok((editor, change)) if editor.policy == wanted => {
                *self = editor;
                Ok(change)
            }
            Ok(_) => Err(Unchanged::Unusual),
            // The edit is to blame if its policy has problems however it is written.
            Err(problems) if wanted.to_string().parse::<Policy>().is_err() => {
                Err(Unchanged::Invalid(Box::new(problems)))
            }
            Err(_) => Err(Unchanged::Unusual),
        }
    }

    /// Undoes a change, once all later ones are undone: the same bytes are back. Undoing the result redoes the change.
    ///
    /// # Errors
    ///
    /// [`Unchanged::Stale`] if the text in that place is no longer what the change left there, or would not read as the former
    /// policy. The file is unchanged then.
    pub fn undo(&mut self, change: &Change) -> Result<Change, Unchanged> {
        if self.text().get(change.range()) != Some(&change.new) {
            return Err(Unchanged::Stale);
        }
        match self.replace(change.range(), &change.old) {
            Ok((editor, undone)) if editor.policy == change.before => {
                *self = editor;
                Ok(undone)
            }
            _ => Err(Unchanged::Stale),
        }
    }

    /// The file with other text in a range, read again.
    fn replace(&self, range: Range<usize>, new: &str) -> Result<(Self, Change), Diagnostics> {
        let mut text = self.text().to_owned();
        let change = Change {
            start: range.start,
            old: text[range.clone()].to_owned(),
            new: new.to_owned(),
            before: self.policy.clone(),
        };
        text.replace_range(range, new);
        Ok((Self::open(&SourceFile::new(self.file.name(), text))?, change))
    }
}
