//! The text of a profile: a mapping of calls to how often each was made.

use super::files::Reader;
use super::merge;
use super::scalar::wrong_type;
use crate::diagnose::diagnostic::Diagnostics;
use crate::diagnose::document::{DocumentProblem, Expected, FileKind};
use crate::diagnose::names::NameProblem;
use crate::diagnose::problems::Problems;
use crate::document::load::{LoadError, NoFiles};
use crate::document::source::{Place, SourceFile};
use crate::document::yaml::{Node, Value};
use crate::engine::profile::Profile;
use crate::kernel::tables;

impl Profile {
    /// The profile in a file: YAML or JSON, a mapping of system calls to counts. Calls that an architecture lacks are of
    /// no use there, and no mistake.
    ///
    /// ```
    /// use seccomp_compiler::{Profile, SourceFile};
    ///
    /// let file = SourceFile::new("server.profile.yaml", "openat: 1200\nsendto: 98000\n");
    /// let profile = Profile::parse(&file)?;
    /// assert_eq!(profile.counts().collect::<Vec<_>>(), [("openat", 1200), ("sendto", 98000)]);
    /// # Ok::<(), seccomp_compiler::Diagnostics>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Every problem of the file: it is not a mapping, a name is not a system call or appears twice, a value is not a count.
    pub fn parse(file: &SourceFile) -> Result<Self, Diagnostics> {
        let mut problems = Problems::default();
        let mut reader = Reader::new(file.clone(), FileKind::Profile, &NoFiles, &mut problems);
        let mut profile = Self::default();
        match reader.document(0) {
            Some(Node { value: Value::Mapping(entries), .. }) => profile.read(&entries, reader.problems),
            Some(node) => {
                let expected = wrong_type(Expected::A("a mapping of system calls to counts"), &node);
                reader.problems.report(node.place(), expected);
            }
            None => {}
        }
        let sources = reader.sources;
        if problems.has_errors() { Err(problems.into_diagnostics(&sources)) } else { Ok(profile) }
    }

    /// The problem that a profile cannot be read: a missing file, for example.
    pub fn unreadable(file: &str, reason: LoadError) -> Diagnostics {
        Diagnostics::unreadable_file(file, FileKind::Profile, reason)
    }

    fn read(&mut self, entries: &[(Node, Node)], problems: &mut Problems) {
        let mut seen: Vec<(&str, usize)> = Vec::new();
        for (key, value) in merge::entries(entries, |_| true, problems) {
            let place = key.place();
            let Value::Text(name) = &key.value else {
                problems.report(place, wrong_type(Expected::A("the name of a system call"), key));
                continue;
            };
            let Some(syscall) = tables::syscall(name) else {
                problems.report(place, NameProblem::UnknownSyscall { name: name.clone(), target: None });
                continue;
            };
            if let Some((_, first)) = seen.iter().find(|(known, _)| *known == name.as_str()) {
                let (key, first) = (name.clone(), Place::node(*first));
                problems.report(place, DocumentProblem::DuplicateKey { key, synonym: None, first });
            }
            seen.push((name, key.id));
            match value.value {
                Value::Integer(count) if u64::try_from(count).is_ok() => {
                    self.add(syscall.name, u64::try_from(count).unwrap_or_default());
                }
                _ => problems.report(value.place(), wrong_type(Expected::A("a count"), value)),
            }
        }
    }
}
