//! The text of a profile: a mapping of calls to how often each was made.

use super::{Reader, no_files, wrong_type};
use crate::diagnose::diagnostic::{Diagnostics, Problems};
use crate::diagnose::problem::Problem;
use crate::document::source::{Place, SourceFile, Sources};
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
    /// Every problem of the file: it is no mapping, a name is no system call or appears twice, a value is no count.
    pub fn parse(file: &SourceFile) -> Result<Self, Diagnostics> {
        let mut problems = Problems::default();
        let sources = Sources::new(file.clone());
        let mut reader = Reader { load: &no_files, sources, next: 0, bytes: 0, problems: &mut problems };
        let mut profile = Self::default();
        match reader.document(0) {
            Ok(Node { value: Value::Mapping(entries), .. }) => profile.read(&entries, reader.problems),
            Ok(node) => {
                let expected = wrong_type("a mapping of system calls to counts", &node);
                reader.problems.report(Place::Node(node.id), expected);
            }
            Err(error) => reader.problems.report(error.0, error.1),
        }
        let sources = reader.sources;
        if problems.has_errors() { Err(problems.locate(&sources)) } else { Ok(profile) }
    }

    fn read(&mut self, entries: &[(Node, Node)], problems: &mut Problems) {
        let mut seen: Vec<(&str, usize)> = Vec::new();
        for (key, value) in entries {
            let place = Place::Node(key.id);
            let Value::Text(name) = &key.value else {
                problems.report(place, wrong_type("the name of a system call", key));
                continue;
            };
            let Some(syscall) = tables::syscall(name) else {
                problems.report(place, Problem::UnknownSyscall { name: name.clone() });
                continue;
            };
            if let Some((_, first)) = seen.iter().find(|(known, _)| *known == name.as_str()) {
                let (key, first) = (name.clone(), Place::Node(*first));
                problems.report(place, Problem::DuplicateKey { key, synonym: None, first });
            }
            seen.push((name, key.id));
            match value.value {
                Value::Integer(count) if u64::try_from(count).is_ok() => {
                    self.add(syscall.name, u64::try_from(count).unwrap_or_default());
                }
                _ => problems.report(Place::Node(value.id), wrong_type("a count", value)),
            }
        }
    }
}
