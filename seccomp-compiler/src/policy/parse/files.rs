//! The files of a policy: reading them, and following what they include.

use super::formats;
use super::inherit::{inherit, keys};
use super::policy::{Role, policy};
use super::text;
use crate::diagnose::document::{Conflict, DocumentProblem, FileKind};
use crate::diagnose::problems::Problems;
use crate::document::load::Loader;
use crate::document::source::{Place, SourceFile, Sources, Span};
use crate::document::yaml::{self, Excess, Node, Refusal};
use crate::policy::{Placed, Policy};

/// The most bytes that a policy may have, with all that it includes.
const MAX_BYTES: usize = 256 * 1024;

/// Reads the files of a policy, each once, in the order in which they count.
pub(super) struct Reader<'a> {
    loader: &'a dyn Loader,
    kind: FileKind,
    pub(super) sources: Sources,
    /// The number of the next node.
    next: usize,
    /// The number of bytes read so far.
    bytes: usize,
    /// Of each file what a second include of it needs.
    known: Vec<Known>,
    pub(super) problems: &'a mut Problems,
}

/// What is known of a file once it has been read.
#[derive(Default)]
struct Known {
    /// Its root keys, with those that it inherits, and nothing else.
    keys: Option<Policy>,
    /// Whether it, or a file that it includes, expects something.
    has_expectations: bool,
    /// Its first expectation that overrides others.
    overriding: Option<Place>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        file: SourceFile,
        kind: FileKind,
        loader: &'a dyn Loader,
        problems: &'a mut Problems,
    ) -> Self {
        let (sources, known) = (Sources::new(file), vec![Known::default()]);
        Self { loader, kind, sources, next: 0, bytes: 0, known, problems }
    }

    /// The policy in a file, with the groups and expectations of the files that it includes. `chain` is the way from
    /// the first file to this one.
    pub(super) fn policy(&mut self, index: usize, chain: &mut Vec<usize>) -> Option<Policy> {
        let document = self.document(index)?;
        let role = if index == 0 { Role::Policy } else { Role::Included };
        let mut policy = policy(&document, role, self.problems)?;
        let mut overriding = policy.expectations.iter().filter(|expectation| expectation.overrides);
        self.known[index].overriding = overriding.next().map(|first| first.action.place);
        let paths = policy.include.iter();
        let included = paths.filter_map(|path| self.include(index, path, chain)).collect();
        inherit(&mut policy, included, self.sources.get(index).name(), self.problems);
        self.known[index].has_expectations = !policy.expectations.is_empty();
        self.known[index].keys = Some(keys(&policy));
        Some(policy)
    }

    fn include(&mut self, including: usize, path: &Placed<String>, chain: &mut Vec<usize>) -> Option<Policy> {
        // The size has been reported, and through links one folder can have files without end.
        if self.bytes > MAX_BYTES {
            return None;
        }
        let problem = match join(self.sources.get(including).name(), &path.value) {
            None => DocumentProblem::AbsoluteInclude { name: path.value.clone() },
            Some(name) => match self.sources.position(&name) {
                Some(file) if chain.contains(&file) => {
                    let names = chain.iter().chain([&file]).map(|file| self.sources.get(*file).name());
                    DocumentProblem::IncludeCycle { chain: names.map(str::to_owned).collect() }
                }
                // The rules of a file that is included twice count where it is included first.
                Some(file) => {
                    self.check_overrides(file, path.place, chain);
                    return self.known[file].keys.clone();
                }
                // Each level takes part of the stack, and each file the time to find it.
                None if chain.len() > yaml::MAX_DEPTH => {
                    DocumentProblem::TooDeep { file: self.kind, excess: Excess::Includes }
                }
                None if self.sources.iter().len() > yaml::MAX_FILES => {
                    DocumentProblem::TooDeep { file: self.kind, excess: Excess::Files }
                }
                None => match self.loader.load(&name) {
                    Ok(bytes) => {
                        let index = self.sources.add(SourceFile::new(name, bytes), self.next, including);
                        self.known.push(Known::default());
                        chain.push(index);
                        let included = self.policy(index, chain);
                        chain.pop();
                        return included;
                    }
                    Err(reason) => DocumentProblem::UnreadableInclude { name, reason },
                },
            },
        };
        self.problems.report(path.place, problem);
        None
    }

    /// Reports that some of the files that include a file override what it expects, and others rely on it.
    fn check_overrides(&mut self, file: usize, place: Place, chain: &[usize]) {
        if !self.known[file].has_expectations {
            return;
        }
        let first: Vec<usize> = self.sources.way_up(file).skip(1).collect();
        let only_here = chain.iter().filter(|above| !first.contains(above));
        let only_first = first.iter().filter(|above| !chain.contains(above));
        let mut overriding = only_here.chain(only_first).filter_map(|above| self.known[*above].overriding);
        if let Some(overriding) = overriding.next() {
            let name = self.sources.get(file).name().to_owned();
            self.problems.report(
                place,
                DocumentProblem::IncludeConflict { conflict: Conflict::Overridden { name, overriding } },
            );
        }
    }

    /// The YAML document in a file.
    pub(super) fn document(&mut self, index: usize) -> Option<Node> {
        let file = self.kind;
        let bytes = self.sources.get(index).bytes();
        self.bytes += bytes.len();
        let (span, problem) = if self.bytes > MAX_BYTES {
            (Span::default(), DocumentProblem::TooLarge { file, bytes: self.bytes, limit: MAX_BYTES })
        } else {
            match text::decode(bytes) {
                Err(error) => error,
                Ok(text) => match yaml::read(text, &mut self.next) {
                    Ok(Some(document)) => return Some(document),
                    Ok(None) => (Span { line: 1, column: 1, length: 1 }, DocumentProblem::Empty { file }),
                    Err(Refusal::TooDeep { span, excess }) => {
                        (span, DocumentProblem::TooDeep { file, excess })
                    }
                    Err(Refusal::Syntax(error)) => match formats::of_text(text) {
                        Some(format) => (error.span, DocumentProblem::ForeignFormat { format }),
                        None => text::syntax_error(text, index, error),
                    },
                },
            }
        };
        self.problems.report(Place::span(index, span), problem);
        None
    }
}

/// The name of the file at `path`, relative to the file `including`; `None` for an absolute path. `.` and `..`
/// are resolved without looking at the file system, so that each file has one name.
fn join(including: &str, path: &str) -> Option<String> {
    let absolute = path.is_empty() || path.starts_with(['/', '\\']) || path.chars().nth(1) == Some(':');
    if absolute {
        return None;
    }
    let folder = including.rsplit_once(['/', '\\']).map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match (part, parts.last()) {
            (".", _) => {}
            ("", Some(_)) => {}
            ("..", Some(last)) if !["..", ""].contains(last) => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    // The first part is empty for a relative folder as well as for the root of the file system.
    let name = parts.join("/");
    Some(if including.starts_with('/') { name } else { name.trim_start_matches('/').to_owned() })
}
