//! How each problem is said. Messages are lower case without a full stop, name the thing in backticks, and the help
//! is the next thing to do.

use crate::diagnose::code::Code;
use crate::diagnose::diagnostic::Severity;
use crate::diagnose::problem::Problem;
use crate::diagnose::spelling::nearest;
use crate::document::source::Place;
use crate::kernel::tables;
use crate::policy::{ActionData, ActionKind, Flag, Operation};

/// The words of one problem.
pub(crate) struct Words {
    pub(crate) message: String,
    /// What stands under the place at fault.
    pub(crate) label: String,
    /// Other places, with what stands under them.
    pub(crate) others: Vec<(Place, String)>,
    pub(crate) help: Option<String>,
}

fn words(message: impl Into<String>, label: impl Into<String>) -> Words {
    Words { message: message.into(), label: label.into(), others: Vec::new(), help: None }
}

impl Words {
    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    fn other(mut self, place: Place, text: &str) -> Self {
        self.others.push((place, text.to_owned()));
        self
    }

    /// The nearest of the names that could be meant, or else what there is to choose from.
    fn nearest<'a>(
        self,
        name: &str,
        names: impl IntoIterator<Item = &'a str>,
        otherwise: impl FnOnce() -> String,
    ) -> Self {
        let help = nearest(name, names).map_or_else(otherwise, |name| format!("did you mean `{name}`?"));
        self.help(help)
    }
}

/// `a`, `b` and `c`, each in backticks.
fn list(items: &[&str]) -> String {
    let quoted: Vec<String> = items.iter().map(|item| format!("`{item}`")).collect();
    match quoted.split_last() {
        None => "none".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

fn actions() -> String {
    let spellings = |kind: &ActionKind| match kind.takes() {
        ActionData::Errno(()) => vec![kind.name().to_owned(), format!("{}(NAME)", kind.name())],
        ActionData::None | ActionData::Number(_) => vec![kind.name().to_owned()],
    };
    let actions: Vec<String> = ActionKind::ALL.iter().rev().flat_map(spellings).collect();
    format!("the actions are {}", list(&actions.iter().map(String::as_str).collect::<Vec<_>>()))
}

fn names<T: Copy>(all: &[T], name: impl Fn(T) -> &'static str) -> String {
    list(&all.iter().map(|one| name(*one)).collect::<Vec<_>>())
}

impl Problem {
    pub(crate) fn words(&self) -> Words {
        self.words_of_document().or_else(|| self.words_of_rules()).unwrap_or_else(|| self.words_of_filter())
    }

    /// The file, its YAML and its keys.
    fn words_of_document(&self) -> Option<Words> {
        Some(match self {
            Self::Unreadable { reason } => words(format!("cannot read the policy: {reason}"), ""),
            Self::UnreadableInclude { name, reason } => words(format!("cannot read the included `{name}`: {reason}"), "")
                .help("paths are relative to the file that includes"),
            Self::IncludeCycle { chain } => words("the policy includes itself", "closes the circle")
                .help(format!("the files include each other: {}", chain.join(" → "))),
            Self::AbsoluteInclude { name } => words(format!("`{name}` is not a relative path"), "not relative")
                .help("write the path relative to this file, with `/` between folders"),
            Self::KeyInInclude { key } => words(format!("an included file cannot say `{key}`"), "not in an included file")
                .help("it may have `syscalls`, `expect`, `include` and a `default_action`, which is ignored; the rest is for the policy that includes it"),
            Self::NotUtf8 => {
                words("the policy is not UTF-8 text", "not UTF-8").help("save the file as UTF-8")
            }
            Self::HiddenCharacter { character } => {
                let words = words(format!("the character U+{:04X} is not shown as what it does", u32::from(*character)), "here");
                match character {
                    '\r' => words.help("end each line with LF or CRLF"),
                    _ => words.help("remove it: the text would mean something else than it shows"),
                }
            }
            Self::TooLarge { bytes, limit } => {
                words(format!("the policy has {bytes} bytes, over the limit of {limit}"), "")
            }
            Self::TooDeep { limit } => {
                words(format!("the policy nests deeper than {limit} levels"), "one level too deep")
            }
            Self::InvalidYaml { message, within } => {
                let words = words(format!("invalid YAML: {message}"), "");
                within.iter().fold(words, |words, (place, text)| words.other(*place, text))
            }
            Self::ReservedAt { name } => words("a bare `@` is reserved by YAML", "not in quotes")
                .help(format!("put the name in quotes: `\"{name}\"`")),
            Self::TabIndentation => words("a tab in the indentation, where YAML takes spaces alone", "a tab")
                .help("indent with spaces"),
            Self::Empty => words("the policy is empty", "")
                .help("a policy needs at least `default_action` and one group in `syscalls`"),
            Self::WrongType { expected, found } => {
                let words = words(format!("expected {expected}, found {found}"), format!("not {expected}"));
                if expected.starts_with("a list") && *found != "a mapping" {
                    words
                        .help("write a list: `[first, second]`, or each item on a line of its own after `- `")
                } else {
                    words
                }
            }
            Self::UnknownKey { key, known } => {
                words(format!("unknown key `{key}`"), "not a key here")
                    // Of a dotted key the part before the dot counts.
                    .nearest(key.split('.').next().unwrap_or_default(), known.iter().copied(), || format!("the keys here are {}", list(known)))
            }
            Self::DeepDots { key } => {
                words(format!("the dotted key `{key}` is too deep"), "one dot is understood")
                    .help("write dots only after `seccomp`, as `seccomp.default_action`, and nest the rest")
            }
            Self::DuplicateKey { key, synonym: Some(other), first } => {
                words(format!("`{key}` is another spelling of `{other}`, which is there too"), "again here")
                    .other(*first, "first here")
                    .help("remove one of the two")
            }
            Self::DuplicateKey { key, synonym: None, first } => {
                words(format!("the key `{key}` stands twice"), "again here")
                    .other(*first, "first here")
                    .help("remove one of the two")
            }
            Self::MissingKey { key, of } => {
                words(format!("{of} lacks the required key `{key}`"), "").help(format!("add `{key}:`"))
            }
            Self::EmptyList { of, remedy } => {
                words(format!("{of} is empty"), "nothing in here").help(*remedy)
            }
            Self::RepeatedItem { item, first } => words(format!("`{item}` stands twice"), "again here")
                .other(*first, "first here")
                .help("remove one of the two"),
            Self::KeyBesideSeccomp { key } => words(
                format!("the policy key `{key}` stands beside `seccomp`, not under it"),
                "outside of `seccomp`",
            )
            .help(format!("move it under `seccomp:`, or write `seccomp.{key}:`")),
            _ => return None,
        })
    }

    /// Groups, names, actions and conditions.
    fn words_of_rules(&self) -> Option<Words> {
        Some(match self {
            Self::UnknownAction { text } => words(format!("unknown action `{text}`"), "not an action")
                .nearest(text.split('(').next().unwrap_or_default().trim_end(), ActionKind::ALL.iter().rev().map(|kind| kind.name()), actions),
            Self::ActionData { text, wanted } => words(format!("wrong value in the action `{text}`"), *wanted),
            Self::UnknownErrno { name } => words(format!("unknown error `{name}`"), "no Linux architecture has it")
                .nearest(name, tables::errnos().map(|errno| errno.name), || "write a name of errno(3), such as `errno(ENOSYS)`, or a number".to_owned()),
            Self::AbsentErrno { name, architecture } => {
                words(format!("the error `{name}` does not exist on {architecture}"), format!("not on {architecture}"))
                    .help("limit the group with `architectures:`, or choose another error")
            }
            Self::ErrnoTooLarge { text } => words(format!("the errno in `{text}` is above 4095"), "too large")
                .help("the kernel cuts errors off at 4095; choose one that exists, such as `errno(ENOSYS)`"),
            Self::UnknownOperation { text } => words(format!("unknown operation `{text}`"), "not an operation")
                .nearest(text, Operation::ALL.iter().map(|operation| operation.name()), || format!("the operations are {}", names(Operation::ALL, Operation::name))),
            Self::ArgumentOutOfRange { text } => words(format!("`{text}` is not the number of an argument"), "not from 0 to 5")
                .help("a system call has up to six arguments, counted from 0 to 5"),
            Self::TooManyConditions { count } => words(format!("{count} conditions, but an entry takes at most six"), "the seventh")
                .help("split the entry, or drop conditions that others imply"),
            Self::InvalidValue { text, reason } => words(format!("`{text}` is not a value"), *reason)
                .help("write an integer (`16`, `0x10`, `0o20`, `-1`), a constant (`AF_UNIX`), or several joined by `|`"),
            Self::UnknownConstant { name } => {
                words(format!("unknown constant `{name}`"), "not in the kernel's headers")
                    .nearest(name, tables::constants().map(|constant| constant.name), || "write the number, with the name in a comment".to_owned())
            }
            Self::AbsentConstant { name, architecture } => {
                words(format!("the constant `{name}` does not exist on {architecture}"), format!("not on {architecture}"))
                    .help("limit the group with `architectures:`")
            }
            Self::ValueTooWide { value, width, whole } => {
                let value = if *value < 0 { value.to_string() } else { format!("{value:#x}") };
                let label = format!("does not fit {width} bits");
                let words = words(format!("the value {value} can never be met: the kernel reads {width} bits here"), label);
                if *whole {
                    words.help("a 32-bit ABI shows a filter only the low 32 bits of an argument; limit the group with `architectures:`")
                } else {
                    words.help("correct the value; `width: 64` compares the whole register, bits that the kernel ignores too")
                }
            }
            Self::ValueOutsideMask { value, mask } => {
                words(format!("the value {value:#x} has bits outside the mask {mask:#x}"), "can never be met")
                    .help(format!("bits {:#x} are masked away; correct the value or the mask", value & !mask))
            }
            Self::MisplacedMask { operation: "MaskedEqual" } => words("`MaskedEqual` needs a `mask`", "without a mask")
                .help("add `mask:`, the bits to compare"),
            Self::MisplacedMask { operation } => words(format!("`{operation}` takes no `mask`"), "not used")
                .help("remove the mask, or use `MaskedEqual`"),
            Self::InvalidWidth { text } => words(format!("`{text}` is not a width"), "not a width")
                .help("a width is 16, 32 or 64"),
            Self::WidthTooWide { architecture } => {
                words(format!("{architecture} shows only 32 bits of an argument"), "wider than the registers")
                    .help("limit the group with `architectures:`, or leave `width` out")
            }
            Self::UnknownSyscall { name } => {
                words(format!("unknown system call `{name}`"), "no Linux architecture has it")
                    .nearest(name, tables::syscalls().map(|syscall| syscall.name), || "names are the kernel's, as in syscalls(2)".to_owned())
            }
            Self::AbsentSyscall { name, architecture, replacements } => {
                let words = words(format!("the system call `{name}` does not exist on {architecture}"), format!("not on {architecture}"));
                match replacements.as_slice() {
                    [] => words.help("move it to a group with `architectures:` that have it"),
                    [instead, ..] => words.help(format!(
                        "{architecture} has `{instead}` instead; keep `{name}` in a group with `architectures:` that have it",
                    )),
                }
            }
            Self::UnknownSet { set } => words(format!("unknown set `{set}`"), "no such set")
                .nearest(set, tables::sets().map(|(set, _)| set), || {
                    let sets: Vec<&str> = tables::sets().map(|(set, _)| set).collect();
                    format!("the sets are {}", list(&sets))
                }),
            Self::ConditionedSet { set } => words(format!("the set `{set}` stands with conditions"), "a set takes none")
                .help("list it in `names`, or name the calls that the conditions are on"),
            Self::UnknownWarning { text } => words(format!("`{text}` is not the code of a warning"), "no such warning")
                .nearest(text, Code::ALL.iter().filter(|code| code.severity() == Severity::Warning).map(|code| code.name()), || match Code::ALL.iter().any(|code| code.name() == text) {
                    true => "it is the code of an error, and errors cannot be allowed".to_owned(),
                    false => "`cargo seccomp explain-code` lists the codes".to_owned(),
                }),
            Self::UnknownArgument { syscall, name, known } => {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                let manual = known.iter().flat_map(|kernel| tables::manual_names(syscall, kernel));
                words(format!("`{syscall}` has no argument `{name}`"), "no such argument")
                    .nearest(name, known.iter().copied().chain(manual), || match known.as_slice() {
                        [] => "no names of its arguments are known".to_owned(),
                        known => format!("its arguments are {}", list(known)),
                    })
            }
            Self::HiddenArgument { syscall, name, architecture } => {
                words(format!("a filter cannot see `{name}` of `{syscall}` on {architecture}"), "behind a pointer there")
                    .help("limit the group with `architectures:`")
            }
            Self::SplitArgument { name, architecture, halves } => {
                let halves: Vec<&str> = halves.iter().map(String::as_str).collect();
                words(format!("`{name}` is spread over two registers on {architecture}"), "two halves there")
                    .help(format!("test {} in a group with `architectures:`", list(&halves)))
            }
            Self::AmbiguousPosition { name, position, architecture, other, there } => {
                let label = there.as_ref().map_or("no argument".to_owned(), |there| format!("`{there}`"));
                words(
                    format!("argument {position} of `{name}` is not the same on {architecture} and {other}, which the filter covers"),
                    format!("{label} on {other}"),
                )
                .help("name the argument instead of counting it")
            }
            Self::NeverFires { name, deciding } => {
                let mut words = words(format!("this rule on `{name}` never decides a call"), "never reached")
                    .help("remove it, or move its group before the others");
                for place in deciding {
                    words = words.other(*place, "decided here");
                }
                words
            }
            Self::BrokenExpectation { call, expected, found, deciding } => {
                let words = words(format!("the policy does not keep this expectation: {call} comes to {found}"), format!("expected {expected}"))
                    .help("change the policy, or what is expected of it");
                match deciding {
                    Some(place) => words.other(*place, "decided here"),
                    None => words,
                }
            }
            Self::RepeatedSyscall { name, first } => words(format!("`{name}` stands twice in one group"), "again here")
                .other(*first, "first here").help("remove one of the two"),
            Self::ConditionalTwin { name, first } => {
                words(format!("`{name}` stands both with and without conditions in one group"), "here the other way")
                    .other(*first, "first here")
                    .help("without conditions it always matches: remove one of the two")
            }
            _ => return None,
        })
    }

    /// What concerns the filter as a whole, and the warnings.
    fn words_of_filter(&self) -> Words {
        match self {
            Self::UnknownArchitecture { text } => words(format!("unknown architecture `{text}`"), "no such architecture")
                .nearest(text, crate::Architecture::all().map(crate::Architecture::name), || {
                    let names: Vec<&str> = crate::Architecture::all().map(crate::Architecture::name).collect();
                    format!("the architectures are {}", list(&names))
                }),
            Self::OtherArchitecture { architecture, meant } => {
                words(format!("the policy is not meant for {architecture}"), format!("{architecture} is not among them"))
                    .help(format!("it is meant for {}; add `{architecture}` if it holds there too", list(meant)))
            }
            Self::NoGroupLeft { architecture } => {
                words(format!("no group of the policy applies to {architecture}"), "")
                    .help(format!("add a group for {architecture}, or list the policy's `architectures:` at the root"))
            }
            Self::AppliesNowhere { of } => {
                words(format!("{of} applies on none of the architectures that the policy is for"), "on none of them")
                    .help("remove it, or correct its names or one of the lists `architectures:`")
            }
            Self::UnknownFlag { text } => words(format!("unknown flag `{text}`"), "not a flag")
                .nearest(text, Flag::ALL.iter().map(|flag| flag.name()), || format!("the flags are {}", names(Flag::ALL, Flag::name))),
            Self::FlagNeedsSupervisor { flag } => {
                words(format!("the flag `{flag}` needs a supervisor"), "the kernel would refuse it")
                    .help("remove it: without a listener for `user_notif` the kernel answers EINVAL")
            }
            Self::TooManyRules { limit } => {
                words(format!("the policy stands for more than {limit} rules, its sets written out"), "one set too many")
                    .help("name each set once: the first group that names it decides all of its calls")
            }
            Self::TooLong { instructions, limit } => {
                words(format!("the filter has {instructions} instructions, over the kernel's limit of {limit}"), "")
                    .help("split the policy into two filters, which may be installed one after the other, or merge conditions")
            }
            Self::Unproved { refused, architecture } => {
                words(format!("the filter could not be proved equal to the policy: {}", refused.display(architecture)), "")
                    .help("this is a defect of the compiler, not of the policy: please report it with the policy")
            }
            Self::TooComplex { name, conditions } => {
                words(format!("the {conditions} conditions of `{name}` are too entangled to be proved"), "most conditions")
                    .help("split them over two policies, which may be installed one after the other")
            }
            Self::NothingTraps => words("`report` has nothing to report: no action of the policy is `trap`", "")
                .help("use `trap` where calls are to be reported, or remove `report`"),
            Self::NoReporter { architecture } => words(format!("there is no reporter on {architecture}"), "")
                .help("use `report` only where there is one: `#[cfg_attr(target_arch = \"x86_64\", policy(\"…\", report))]`"),
            Self::ReporterRefused { call, found } => {
                words(format!("the reporter's own call comes to {found}: {call}"), "decided here")
                    .help("allow `write` to standard error (with `report_to`, to every descriptor), `gettid`, and \
                           `rt_sigreturn` or, with `exit`, `exit_group`")
            }
            Self::AlwaysHolds { operation } => words(format!("this `{operation}` always holds"), "says nothing")
                .help("remove the condition, or correct its value"),
            Self::NeverHolds { operation } => words(format!("this `{operation}` never holds"), "can never be met")
                .help("remove the entry, or correct the value"),
            Self::ContradictoryConditions { name } => {
                words(format!("the conditions of this `{name}` never hold together"), "can never be met")
                    .help("remove the entry, or correct a value")
            }
            Self::PositionDiffers { name, position, other, there } => {
                let label = there.as_ref().map_or("no argument".to_owned(), |there| format!("`{there}`"));
                words(format!("argument {position} of `{name}` is another one on {other}"), format!("{label} on {other}"))
                    .help("name the argument instead of counting it, or limit the group with `architectures:`")
            }
            Self::HoleInBlocklist { refused, open } => {
                words(format!("`{refused}` is refused, but {} can do the same", list(open)), "its twin is open")
                    .help(format!("add {} to the group, or say why not in `allow_warnings:`", list(open)))
            }
            Self::Drift { old, newer } => {
                words(format!("`{old}` is allowed, but not {}, which newer C libraries use instead", list(newer)), "")
                    .help(format!("allow {} as well, or answer ENOSYS so that libraries go back to `{old}`", list(newer)))
            }
            Self::HiddenByVdso { names } => {
                words(format!("{} are refused, which the vDSO hides on most machines", list(names)), "refused by default")
                    .help("add `\"@vdso\"`: where there is no vDSO the kernel is asked")
            }
            Self::EssentialRefused { names, default } => {
                words(format!("every Rust program needs {}, which come to {default}", list(names)), "refused by default")
                    .help("add `\"@rust-std\"`")
            }
            Self::PanicKilled { names, default } => {
                words(format!("a panic makes {}, which come to {default}", list(names)), "the message would be lost")
                    .help("add `\"@rust-panic\"`")
            }
            Self::IoUringOpen { refused } => {
                words(format!("io_uring is open beside refused calls that it can make: {}", list(refused)), "not seen by a filter")
                    .help("refuse `io_uring_setup`, or say why not in `allow_warnings:`")
            }
            Self::KillThread => words("`kill_thread` leaves the other threads with the locks of the dead one", "the process goes on")
                .help("use `kill_process`"),
            Self::EpermDefault => {
                words("calls that are newer than the table fail with EPERM, which C libraries take for an answer", "newer calls too")
                    .help("add `newer_syscalls: errno(ENOSYS)`, which they take for an older kernel")
            }
            Self::SameAsDefault { name } => words(format!("this rule on `{name}` says what happens anyway"), "the default action")
                .help("remove it, or change one of the two"),
            Self::ErrnoZero => words("`errno(0)` skips the call and reports success", "no error at all")
                .help("the caller believes that the call was made; name an error, such as `errno(EPERM)`"),
            Self::UnknownSignature { name, width } => {
                words(format!("the arguments of `{name}` are not known"), format!("compared on {width} bits"))
                    .help("say how many bits the kernel reads with `width:`")
            }
            Self::PastLastArgument { name, argument, count } => {
                words(format!("`{name}` has {count} arguments, none at position {argument}"), "the kernel does not read it")
                    .help("the register may hold anything: a condition on it says nothing about the call")
            }
            _ => words(self.code().name(), ""),
        }
    }
}
