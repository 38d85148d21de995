//! What a recorded call means for a policy: which of its lines may have decided, and the edit that would allow it.
//!
//! A record has neither the arguments, on which conditions depend, nor the data of the action, such as its errno. So
//! any rule that answers the call with the recorded action may have decided.

mod answer;
mod decision;

use core::fmt;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use seccomp_compiler::policy::ActionKind;
use seccomp_compiler::policy::edit::{Editor, ways_to_allow};
use seccomp_compiler::{
    AbiRules, Architecture, Call, Compiled, Compiler, Fallbacks, Place, Rule, SourceFile, Uncovered, Verdict,
    visible,
};
use similar::TextDiff;

pub(crate) use self::answer::Answer;
pub use self::decision::{Decision, Unmet};

/// A call as the kernel records it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedCall {
    /// The audit architecture of the ABI.
    pub arch: u32,
    /// The number of the system call.
    pub number: u32,
    /// What the filter answered.
    pub action: ActionKind,
}

impl RecordedCall {
    /// A call with this number, of the ABI with this audit architecture.
    pub const fn new(arch: u32, number: u32, action: ActionKind) -> Self {
        Self { arch, number, action }
    }
}

/// A policy, and the filter that it became on one architecture.
#[derive(Debug)]
pub struct Adviser {
    file: SourceFile,
    compiled: Compiled,
    /// The lines that were asked for: to find one, the file is read again.
    lines: Mutex<BTreeMap<Place, String>>,
}

/// The parts of a policy that may have decided a call; none if the policy answers the call differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deciders(pub Vec<Decider>);

/// A part of a policy that may have decided a call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decider {
    /// A rule.
    Rule {
        /// Its place, such as `line 14` or `line 3 of base.yaml`.
        line: String,
        /// Whether it has conditions, which must have held.
        is_conditional: bool,
    },
    /// A key at the root of the policy.
    Key {
        /// The key.
        key: &'static str,
        /// Its place, unless the policy leaves it out.
        line: Option<String>,
    },
    /// The fixed answer to the calls of an ABI that the policy does not cover but that shares an audit architecture
    /// with one that it does.
    Uncovered(&'static Architecture),
}

impl Adviser {
    /// Advises on this policy, which was compiled to this filter.
    pub fn new(file: SourceFile, compiled: Compiled) -> Self {
        Self { file, compiled, lines: Mutex::default() }
    }

    /// The policy.
    pub const fn file(&self) -> &SourceFile {
        &self.file
    }

    /// The name of the policy's file.
    pub fn policy(&self) -> &str {
        self.file.name()
    }

    /// The architecture of the filter.
    pub fn architecture(&self) -> &'static Architecture {
        self.compiled.architecture
    }

    /// What the filter answers to this call.
    pub fn verdict(&self, call: &Call) -> Verdict {
        self.compiled.rules().decide(call)
    }

    /// What may have decided this call.
    pub fn deciders(&self, call: RecordedCall) -> Deciders {
        let rules = self.compiled.rules();
        Deciders(match rules.abi(call.arch, call.number) {
            Some(abi) => self.deciders_in(abi, call),
            None if call.is_answered_by(rules.foreign) => {
                vec![self.key("foreign_architecture", self.compiled.fallbacks.foreign_architecture)]
            }
            None => Vec::new(),
        })
    }

    fn deciders_in(&self, abi: &AbiRules, call: RecordedCall) -> Vec<Decider> {
        let rules = abi.reachable(call.number);
        let is_exhaustive = rules.last().is_some_and(|rule| rule.conditions.is_empty());
        let matching = rules.iter().filter(|rule| call.is_answered_by(rule.verdict));
        let mut deciders: Vec<Decider> = matching.map(|rule| self.rule(rule)).collect();
        if !is_exhaustive && call.is_answered_by(abi.otherwise(call.number)) {
            deciders.push(self.fallback(abi, call.number));
        }
        deciders
    }

    fn rule(&self, rule: &Rule) -> Decider {
        Decider::Rule {
            line: self.line(self.compiled.origins.source(rule.origin).place),
            is_conditional: !rule.conditions.is_empty(),
        }
    }

    fn line(&self, place: Place) -> String {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.entry(place).or_insert_with(|| self.located(place)).clone()
    }

    fn located(&self, place: Place) -> String {
        let (file, span) = self.compiled.sources.locate(place);
        let is_own = file.name() == self.file.name();
        let include = if is_own { String::new() } else { format!(" of {}", visible(file.name())) };
        format!("line {}{include}", span.line)
    }

    /// What answers the calls that match no rule.
    fn fallback(&self, abi: &AbiRules, number: u32) -> Decider {
        let Fallbacks { default_action, newer_syscalls, foreign_architecture, .. } = self.compiled.fallbacks;
        if !self.compiled.covered.contains(&abi.architecture) {
            let siblings = self.compiled.covered.iter().filter_map(|covered| covered.sibling());
            let is_foreign = siblings.into_iter().any(|it| it == (abi.architecture, Uncovered::Foreign));
            return match is_foreign {
                true => self.key("foreign_architecture", foreign_architecture),
                false => Decider::Uncovered(abi.architecture),
            };
        }
        if number >= abi.architecture.table_end() && newer_syscalls.is_some() {
            return self.key("newer_syscalls", newer_syscalls);
        }
        self.key("default_action", default_action)
    }

    fn key(&self, key: &'static str, place: Option<Place>) -> Decider {
        Decider::Key { key, line: place.map(|place| self.line(place)) }
    }

    /// A patch that allows these calls with any arguments, where an edit is found that leaves the rest of the file
    /// alone. The compiler, for the same architecture, checks that it does.
    pub fn allow(&self, calls: impl IntoIterator<Item = RecordedCall>, compiler: Compiler<'_>) -> Patch {
        let mut editor = Editor::open(&self.file).ok();
        let mut refused = Vec::new();
        for call in calls {
            match self.edited(editor.as_ref(), call, compiler) {
                Ok(edited) => editor = Some(edited),
                Err(obstacle) => refused.push((call, obstacle)),
            }
        }
        let file = editor.as_ref().map_or(&self.file, Editor::file);
        Patch { text: unified_diff(&self.file, file), file: file.clone(), refused }
    }

    /// The policy with one call more that it allows.
    fn edited(
        &self,
        editor: Option<&Editor>,
        call: RecordedCall,
        compiler: Compiler<'_>,
    ) -> Result<Editor, Obstacle> {
        let architecture = self.compiled.architecture;
        let RecordedCall { arch, number, .. } = call;
        if !self.compiled.rules().abi(arch, number).is_some_and(|abi| abi.architecture == architecture) {
            return Err(Obstacle::OtherAbi);
        }
        let name = architecture.syscall_name(number).ok_or(Obstacle::Nameless)?;
        if is_allowed(&self.compiled, number) {
            return Err(Obstacle::Allowed);
        }
        if falls_back(&self.compiled, number) {
            return Err(Obstacle::FallsBack);
        }
        let editor = editor.ok_or(Obstacle::NoSafeEdit)?;
        let allows = |editor: &Editor| {
            compiler.compile(editor.file()).is_ok_and(|compiled| is_allowed(&compiled, number))
        };
        if allows(editor) {
            return Ok(editor.clone());
        }
        let edited = ways_to_allow(editor.policy(), name, architecture).into_iter().filter_map(|edits| {
            let mut edited = editor.clone();
            edits.iter().try_for_each(|edit| edited.apply(edit).map(drop)).ok()?;
            Some(edited)
        });
        edited.into_iter().find(allows).ok_or(Obstacle::NoSafeEdit)
    }
}

impl RecordedCall {
    /// Whether a filter that answers this leaves such a record, which has the action but not its data.
    fn is_answered_by(self, verdict: Verdict) -> bool {
        self.action == verdict.kind()
    }
}

/// A patch to a policy that allows calls.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Patch {
    /// The patch as a unified diff; empty if there is none.
    pub text: String,
    /// The policy as it is with the patch.
    pub file: SourceFile,
    /// The calls that it does not allow.
    pub refused: Vec<(RecordedCall, Obstacle)>,
}

/// Why a patch does not allow a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Obstacle {
    /// The call was made through another ABI than that of the filter.
    OtherAbi,
    /// The number has no name.
    Nameless,
    /// The policy already allows the call.
    Allowed,
    /// A rule answers the call with ENOSYS, so that libraries make another one.
    FallsBack,
    /// No edit was found that leaves the rest of the file alone.
    NoSafeEdit,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OtherAbi => "it was made on another architecture than the filter's",
            Self::Nameless => "its number has no known name",
            Self::Allowed => {
                "the policy already allows it, so another filter or another version of the policy decided"
            }
            Self::FallsBack => {
                "a rule answers it with ENOSYS, so that libraries fall back to another call; allow it only if the \
                 program fails without it"
            }
            Self::NoSafeEdit => "no safe edit was found; add it to a group with `action: allow` yourself",
        })
    }
}

impl fmt::Display for Decider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule { line, is_conditional: false } => f.write_str(line),
            Self::Rule { line, is_conditional: true } => write!(f, "{line} if its conditions held"),
            Self::Key { key, line: Some(line) } => write!(f, "{line}, `{key}`"),
            Self::Key { key, line: None } => write!(f, "the default of `{key}`"),
            Self::Uncovered(abi) => {
                write!(f, "the fixed answer to calls of {abi}, which the policy does not cover")
            }
        }
    }
}

impl fmt::Display for Deciders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str(
                "no line of it; the decision came from another filter, another version of the policy or its filter for \
                 another architecture",
            );
        }
        for (index, decider) in self.0.iter().enumerate() {
            write!(f, "{}{decider}", if index == 0 { "" } else { "; or " })?;
        }
        Ok(())
    }
}

/// Whether a policy refuses calls of the native ABI with this number, but only so that libraries fall back to others, as
/// from `clone3`, which hides its flags from the filter.
pub(crate) fn falls_back(compiled: &Compiled, number: u32) -> bool {
    let native = compiled.rules().abis.first();
    native.is_some_and(|abi| Answer::worst(abi, number) == Answer::FallsBack)
}

/// Whether every call of the native ABI with this number is allowed.
pub(crate) fn is_allowed(compiled: &Compiled, number: u32) -> bool {
    let Some(abi) = compiled.rules().abis.first() else { return false };
    let rules = abi.reachable(number);
    let is_exhaustive = rules.last().is_some_and(|rule| rule.conditions.is_empty());
    rules.iter().all(|rule| rule.verdict == Verdict::Allow)
        && (is_exhaustive || abi.otherwise(number) == Verdict::Allow)
}

/// What changes from one file to another.
pub(crate) fn unified_diff(old: &SourceFile, new: &SourceFile) -> String {
    let path = visible(old.name().trim_start_matches("./").trim_start_matches('/'));
    let (old, new) = (old.text(), new.text());
    let diff = TextDiff::from_lines(&old, &new);
    diff.unified_diff().header(&format!("a/{path}"), &format!("b/{path}")).to_string()
}
