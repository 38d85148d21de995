//! One file as a value, before what it includes is looked at.

use core::str::FromStr;

use super::files::Reader;
use super::policy::{Role, policy};
use crate::diagnose::diagnostic::Diagnostics;
use crate::diagnose::document::FileKind;
use crate::diagnose::problems::Problems;
use crate::document::load::NoFiles;
use crate::document::source::SourceFile;
use crate::policy::Policy;

impl Policy {
    /// The policy in one file, with the paths of what it includes. A file that has none of the keys that are only for
    /// whole policies is read as one that others include.
    ///
    /// ```
    /// use seccomp_compiler::SourceFile;
    /// use seccomp_compiler::policy::{Action, Policy};
    ///
    /// let file = SourceFile::new("server.yaml", "
    /// default_action: kill_process
    /// include: [base.yaml]
    /// syscalls: [{action: allow, names: [read, write]}]
    /// ");
    /// let policy = Policy::read(&file)?;
    /// assert_eq!(policy.include[0].value, "base.yaml");
    /// assert_eq!(policy.groups[0].action.value, Action::Allow);
    /// assert_eq!(policy.groups[0].entries[1].name.value, "write");
    /// # Ok::<(), seccomp_compiler::Diagnostics>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Every problem that can be found without an architecture and without other files, in the order of the file.
    pub fn read(file: &SourceFile) -> Result<Self, Diagnostics> {
        let mut problems = Problems::default();
        let mut reader = Reader::new(file.clone(), FileKind::Policy, &NoFiles, &mut problems);
        let document = reader.document(0);
        let policy = document.and_then(|document| policy(&document, Role::Unknown, reader.problems));
        let sources = reader.sources;
        policy.filter(|_| !problems.has_errors()).ok_or_else(|| problems.into_diagnostics(&sources))
    }
}

impl FromStr for Policy {
    type Err = Diagnostics;

    /// As [`Policy::read`], for text without a file.
    fn from_str(text: &str) -> Result<Self, Diagnostics> {
        Self::read(&SourceFile::new("policy", text))
    }
}
