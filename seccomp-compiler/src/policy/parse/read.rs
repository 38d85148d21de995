//! One file as a value, before what it includes is looked at.

use core::str::FromStr;

use super::{Reader, Role, no_files, one_file};
use crate::diagnose::diagnostic::{Diagnostics, Problems};
use crate::document::source::{SourceFile, Sources};
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
        let sources = Sources::new(file.clone());
        let mut reader = Reader { load: &no_files, sources, next: 0, bytes: 0, problems: &mut problems };
        let policy = match reader.document(0) {
            Ok(document) => one_file(&document, Role::Unknown, reader.problems),
            Err(error) => {
                reader.problems.report(error.0, error.1);
                None
            }
        };
        let sources = reader.sources;
        policy.filter(|_| !problems.has_errors()).ok_or_else(|| problems.locate(&sources))
    }
}

impl FromStr for Policy {
    type Err = Diagnostics;

    /// As [`Policy::read`], for text without a file.
    fn from_str(text: &str) -> Result<Self, Diagnostics> {
        Self::read(&SourceFile::new("policy", text))
    }
}
