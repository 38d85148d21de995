//! A file that is edited.

use super::change::{Edit, Unchanged};
use super::target;
use crate::diagnose::diagnostic::Diagnostics;
use crate::document::source::SourceFile;
use crate::policy::Policy;

/// A policy's file while it is edited.
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

    /// What the text means.
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

    /// Makes the change, and nothing else.
    ///
    /// # Errors
    ///
    /// Why it was not made; the file is as it was then.
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
