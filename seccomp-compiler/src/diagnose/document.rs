//! Problems with the text of a policy: its files, its YAML and its keys.

use core::fmt;

use crate::diagnose::code::Code;
use crate::diagnose::declare::problems;
use crate::diagnose::message::{Message, all_of, message};
use crate::document::load::LoadError;
use crate::document::source::Place;
use crate::document::yaml::{Excess, Kind};

problems! {
    /// What can be wrong with the text of a policy.
    enum DocumentProblem;

    /// The file is missing or cannot be read.
    error "unreadable" Unreadable { file: FileKind, reason: LoadError } =>
        message(format!("cannot read {file}: {reason}"));

    /// An included file is missing or cannot be read.
    error "unreadable-include" UnreadableInclude { name: String, reason: LoadError } =>
        message(format!("cannot read the included file `{name}`: {reason}"))
            .help("paths are relative to the file that includes them");

    /// Files that include each other.
    error "include-cycle" IncludeCycle { chain: Vec<String> } =>
        message("the policy includes itself")
            .label("includes this file again")
            .help(format!("remove one of these includes: {}", chain.join(" → ")));

    /// The path of an included file is not relative.
    error "absolute-include" AbsoluteInclude { name: String } =>
        message(format!("`{name}` is not a relative path"))
            .label("not relative")
            .help("write the path relative to this file, with `/` between folders");

    /// The file of another tool.
    error "foreign-format" ForeignFormat { format: OtherFormat } =>
        message(format!("this is not a policy, but {}", format.name()))
            .label("another tool's format")
            .help(format.help());

    /// A key that an included file may not have.
    error "key-in-include" KeyInInclude =>
        message("the key `enabled` is not allowed in an included file")
            .label("not allowed here")
            .help("move it to the policy that includes this file: a part of a filter cannot be switched off");

    /// Included files that do not fit together.
    error "include-conflict" IncludeConflict { conflict: Conflict } =>
        match conflict {
            Conflict::Key { key, first, including } => {
                message(format!("included files have different values for `{key}`"))
                    .label("differs from the other")
                    .other(*first, "the other value")
                    .help(format!("write `{key}:` in `{including}`, which includes both"))
            }
            Conflict::Architectures { first } => message("included files are for different architectures")
                .label("for these")
                .other(*first, "for these here")
                .help("include only files that have an architecture in common"),
            Conflict::Overridden { name, overriding } => {
                message(format!("`{name}` is included more than once, and not all of the files that include it override \
                                 what it expects"))
                    .label("included again here")
                    .other(*overriding, "overridden here")
                    .help("move the expectation with `overrides: true` to a file that includes all of them")
            }
        };

    /// The file is not UTF-8 text.
    error "not-utf8" NotUtf8 =>
        message("the file is not valid UTF-8").label("not UTF-8").help("save the file as UTF-8");

    /// An invisible or misleading character.
    error "hidden-character" HiddenCharacter { character: char } =>
        message(format!("invisible or misleading character U+{:04X}", u32::from(*character)))
            .label("here")
            .help(match character {
                '\r' => "end lines with LF or CRLF",
                _ => "remove it: the text would not mean what it appears to",
            });

    /// The policy is larger than allowed.
    error "too-large" TooLarge { file: FileKind, bytes: usize, limit: usize } => {
        let message = message(format!("{file} has {bytes} bytes, more than the limit of {limit}"));
        match file {
            FileKind::Policy => message.help(
                "the files that it includes count as well; a set such as `@file-system` is shorter than its names",
            ),
            FileKind::Profile => message.help("leave out the calls with the lowest counts"),
        }
    };

    /// The document nests deeper than allowed.
    error "too-deep" TooDeep { file: FileKind, excess: Excess } => {
        let message = message(format!("{file} {excess}"));
        match excess {
            Excess::Levels | Excess::Includes => message.label("too deep"),
            Excess::Aliases => message
                .label("too deep")
                .help("an alias within its own anchor, as in `&a [*a]`, contains itself and has no end"),
            Excess::Brackets | Excess::Open | Excess::Files => message.label("too many"),
        }
    };

    /// The text is not YAML.
    error "invalid-yaml" InvalidYaml { error: String, context: Option<(Place, String)> } => {
        let message = message(format!("invalid YAML: {error}"));
        match context {
            Some((place, text)) => message.other(*place, text),
            None => message,
        }
    };

    /// An `@` without quotes, which YAML reserves.
    error "reserved-at" ReservedAt { name: String } =>
        message("YAML reserves `@` at the start of a name")
            .label("not in quotes")
            .help(format!("put the name in quotes: `\"{name}\"`"));

    /// A tab where YAML allows only spaces.
    error "tab-indentation" TabIndentation =>
        message("a tab is used for indentation, where YAML allows only spaces")
            .label("tab")
            .help("indent with spaces");

    /// The file has no content.
    error "empty" Empty { file: FileKind } =>
        message(format!("{file} is empty")).help(match file {
            FileKind::Policy => "a policy needs at least `default_action` and one group in `syscalls`",
            FileKind::Profile => "a profile needs at least one system call with its count, as in `read: 100`",
        });

    /// A value of the wrong type for its key.
    error "wrong-type" WrongType { expected: Expected, found: Kind } => {
        let message =
            message(format!("expected {expected}, found {found}")).label(format!("expected {expected}"));
        match (expected, found) {
            (Expected::ListOf(_), Kind::Mapping) | (Expected::A(_), _) => message,
            (Expected::ListOf(_), _) => {
                message.help("write a list: `[first, second]`, or each item on a line of its own after `- `")
            }
        }
    };

    /// A key that does not exist in this place.
    error "unknown-key" UnknownKey { key: String, known: Vec<&'static str> } =>
        message(format!("unknown key `{key}`"))
            .label("unknown key")
            // Of a dotted key the part before the dot counts.
            .suggest(key.split('.').next().unwrap_or_default(), known.iter().copied(), || {
                format!("the keys that are allowed here are {}", all_of(known))
            });

    /// A dotted key with more than one dot.
    error "deep-dots" DeepDots { key: String } =>
        message(format!("the dotted key `{key}` is too deep"))
            .label("more than one dot")
            .help("use a dot only after `seccomp`, as in `seccomp.default_action`, and nest the rest");

    /// One key twice in a mapping.
    error "duplicate-key" DuplicateKey { key: String, synonym: Option<&'static str>, first: Place } =>
        message(match synonym {
            Some(synonym) => format!("`{key}` is another name of `{synonym}`, which is given as well"),
            None => format!("duplicate key `{key}`"),
        })
        .label("given again here")
        .other(*first, "first given here")
        .help("remove one of the two");

    /// A merge that brings a key which the mapping has already.
    error "ambiguous-merge" AmbiguousMerge { key: String, first: Place } =>
        message(format!("this merge brings `{key}`, which is given before it"))
            .label("merged after it")
            .other(*first, "first given here")
            .help("move `<<` before the keys that win over it, and merge several mappings as one list, \
                   `<<: [*first, *second]`, where the first wins: YAML and Beats read anything else differently");

    /// A required key is missing.
    error "missing-key" MissingKey { key: &'static str, part: Part } =>
        match part {
            Part::Configuration => message(format!("there is no policy here: neither `seccomp` nor `{key}`"))
                .help("add the policy under `seccomp:`; to switch filters off, write `seccomp.enabled: false`"),
            _ => message(format!("{part} is missing the required key `{key}`")).help(format!("add `{key}:`")),
        };

    /// An empty list that needs at least one item.
    error "empty-list" EmptyList { list: List } =>
        match list {
            List::Syscalls => message("the list `syscalls` is empty")
                .help("add at least one group: `- action: errno` with `names:`"),
            List::Names(part) => message(format!("{part} lists no system calls"))
                .help("add at least one system call to `names` or `names_with_args`"),
            List::Arguments => message("the list `arguments` is empty")
                .help("to match the call whatever its arguments, list it in `names`"),
            List::Architectures => message("the list `architectures` is empty")
                .help("add at least one architecture, or remove the key to include all of them"),
        }
        .label("empty");

    /// One item twice in a list.
    error "repeated-item" RepeatedItem { item: String, first: Place } =>
        message(format!("`{item}` is listed twice"))
            .label("listed again here")
            .other(*first, "first listed here")
            .help("remove one of the two");

    /// A policy key at the document's root, next to `seccomp`.
    error "key-beside-seccomp" KeyBesideSeccomp { key: String } =>
        message(format!("the policy key `{key}` is next to `seccomp` instead of under it"))
            .label("outside `seccomp`")
            .help(format!("move it under `seccomp:`, or write `seccomp.{key}:`"));
}

/// What is expected in some place of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    /// One value, with its article: `an action`.
    A(&'static str),
    /// A list of such values: `names`.
    ListOf(&'static str),
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::A(value) => f.write_str(value),
            Self::ListOf(items) => write!(f, "a list of {items}"),
        }
    }
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// A policy, or what it includes.
    Policy,
    Profile,
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Policy => "the policy",
            Self::Profile => "the profile",
        })
    }
}

/// A mapping that a policy has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Policy,
    /// A file without any of a policy's keys.
    Configuration,
    Group,
    Expectation,
    Entry,
    Condition,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Policy => "the policy",
            Self::Configuration => "the file",
            Self::Group => "the group",
            Self::Expectation => "the expectation",
            Self::Entry => "the entry",
            Self::Condition => "the condition",
        })
    }
}

/// A list that must not be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum List {
    Syscalls,
    /// `names` and `names_with_args` of a group or an expectation.
    Names(Part),
    Arguments,
    Architectures,
}

/// How included files do not fit together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Conflict {
    /// They have different values for a key that the file which includes them leaves out.
    Key { key: &'static str, first: Place, including: String },
    /// There is no architecture that all of them are written for.
    Architectures { first: Place },
    /// A file is reached in several ways, and what it expects is overridden on some of them.
    Overridden { name: String, overriding: Place },
}

/// A format of another tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OtherFormat {
    Oci,
    Firecracker,
    Minijail,
    Systemd,
    Kafel,
}

impl OtherFormat {
    const fn name(self) -> &'static str {
        match self {
            Self::Oci => "a seccomp profile for Docker, Kubernetes or another OCI runtime",
            Self::Firecracker => "a filter file for Firecracker's seccompiler",
            Self::Minijail => "a policy file for minijail",
            Self::Systemd => "a unit file for systemd",
            Self::Kafel => "a policy for kafel or nsjail",
        }
    }

    /// What to write instead.
    const fn help(self) -> &'static str {
        match self {
            Self::Oci => {
                "write `default_action: errno` for `defaultAction`; `syscalls` has the same form with `action: allow` \
                 and `names`, and what has `args` goes to `names_with_args`"
            }
            Self::Firecracker => {
                "write a policy for each thread: `default_action` for `mismatch_action`, and a group under `syscalls` \
                 with `action` for `filter_action`, and `names` and `names_with_args` for `filter`"
            }
            Self::Minijail => {
                "write `default_action: kill_process` and a group under `syscalls` with `action: allow`, where calls \
                 with `1` are `names`, and those with conditions `names_with_args`"
            }
            Self::Systemd => {
                "write `default_action: errno` and a group under `syscalls` with `action: allow` and the same sets in \
                 `names`; what has `~` goes to a group with `action: errno` before it"
            }
            Self::Kafel => {
                "write `default_action` for `DEFAULT`, and a group under `syscalls` with `action` and `names` for each \
                 `ALLOW`, `ERRNO` or `KILL`"
            }
        }
    }
}
