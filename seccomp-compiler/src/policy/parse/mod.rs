//! Policy text to [`Policy`], and every mistake that can be found without knowing the architecture.
//!
//! What could be understood is returned along with the problems, so that the next stage can find more of them, and the
//! author sees all at once.

pub(crate) mod action;
mod condition;
mod fields;
mod files;
mod formats;
mod group;
mod inherit;
mod lists;
mod merge;
mod policy;
mod profile;
mod read;
mod root;
mod scalar;
pub(in crate::policy) mod text;

use self::files::Reader;
use crate::diagnose::document::{DocumentProblem, FileKind, Part};
use crate::diagnose::problems::Problems;
use crate::document::load::Loader;
use crate::document::source::{Place, SourceFile, Sources};
use crate::policy::Policy;
use crate::policy::keys::{Key as _, Root};

/// The policy in `file`, with what it includes.
pub(crate) fn parse(file: SourceFile, loader: &dyn Loader, problems: &mut Problems) -> (Policy, Sources) {
    let mut reader = Reader::new(file, FileKind::Policy, loader, problems);
    let policy = reader.policy(0, &mut vec![0]).unwrap_or_default();
    if !policy.is_only_off() && !reader.problems.has_errors() {
        let is_missing = [
            (Root::DefaultAction, policy.default_action.is_none()),
            (Root::Syscalls, policy.groups.is_empty()),
        ];
        for (key, _) in is_missing.into_iter().filter(|(_, is_missing)| *is_missing) {
            let missing = DocumentProblem::MissingKey { key: key.name(), part: Part::Policy };
            reader.problems.report(Place::node(0), missing);
        }
    }
    (policy, reader.sources)
}
