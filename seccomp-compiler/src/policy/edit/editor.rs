//! A file that is edited.

use super::change::{Edit, Unchanged};
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

    /// The policy that the text stands for.
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
    pub fn apply(&mut self, edit: &Edit) -> Result<(), Unchanged> {
        let mut wanted = self.policy.clone();
        edit.apply(&mut wanted)?;
        let text = target::edited(self.text(), &self.policy, edit)?;
        let file = SourceFile::new(self.file.name(), text);
        let policy = Policy::read(&file).map_err(|problems| Unchanged::Invalid(Box::new(problems)))?;
        if policy != wanted {
            return Err(Unchanged::Unusual);
        }
        (self.file, self.policy) = (file, policy);
        Ok(())
    }
}
