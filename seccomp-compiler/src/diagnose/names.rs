//! Problems with what a policy names: actions, errors, operations, constants, calls, sets, arguments and so on.

use crate::diagnose::code::Code;
use crate::diagnose::declare::problems;
use crate::diagnose::message::{Message, all_of, message};
use crate::diagnose::other_tools;
use crate::diagnose::spelling::nearest;
use crate::kernel::architecture::Architecture;
use crate::kernel::effects::Effect;
use crate::kernel::related::REPLACEMENTS;
use crate::kernel::tables;
use crate::policy::{ActionData, ActionKind, Flag, Operation};

problems! {
    /// What can be wrong with a name.
    enum NameProblem;

    /// An action that does not exist.
    error "unknown-action" UnknownAction { text: String } =>
        message(format!("unknown action `{text}`"))
            .label("not an action")
            .suggest_or(other_tools::action(text),
                text.split('(').next().unwrap_or_default().trim_end(),
                ActionKind::ALL.iter().rev().map(|kind| kind.name()),
                || {
                    let actions = all_of(ActionKind::ALL.iter().rev().flat_map(spellings));
                    format!("the actions are {actions}; in `expect`, also {}", all_of(["refused", "allowed"]))
                },
            );

    /// The value of an action is not allowed or out of range.
    error "action-data" ActionData { text: String, fault: ActionFault } =>
        message(format!("invalid value in the action `{text}`")).label(match fault {
            ActionFault::Unclosed => "missing `)`",
            ActionFault::TakesNoValue => "this action takes no value",
            ActionFault::NotAnErrno => "not the name or number of an error",
            ActionFault::NotANumber => "must be a number from 0 to 65535",
        });

    /// An error name that no architecture has.
    error "unknown-errno" UnknownErrno { name: String } =>
        message(format!("unknown error `{name}`"))
            .label("not an error on any Linux architecture")
            .suggest(name, tables::errnos().map(|errno| errno.name), || {
                "use a name from errno(3), such as `errno(ENOSYS)`, or a number".to_owned()
            });

    /// An error name that the target lacks.
    error "absent-errno" AbsentErrno { name: String, architecture: &'static Architecture } =>
        message(format!("the error `{name}` does not exist on {architecture}"))
            .label(format!("not on {architecture}"))
            .help("limit the group to other architectures with `architectures:`, or choose another error");

    /// An errno above the kernel's limit.
    error "errno-too-large" ErrnoTooLarge { text: String } =>
        message(format!("the error number in `{text}` is above 4095"))
            .label("too large")
            .help("the kernel turns larger numbers into 4095; use an error that exists, such as `errno(ENOSYS)`");

    /// An operation that does not exist.
    error "unknown-operation" UnknownOperation { text: String } =>
        message(format!("unknown operation `{text}`"))
            .label("not an operation")
            .suggest(text, Operation::ALL.iter().map(|operation| operation.name()), || {
                let names = Operation::ALL.iter().map(|operation| operation.name());
                format!("the operations are {}", all_of(names))
            });

    /// A constant that no architecture has.
    error "unknown-constant" UnknownConstant { name: String } => {
        let message = message(format!("unknown constant `{name}`"))
            .label("this compiler knows no constant of this name");
        match nearest(name, tables::constants().map(|constant| constant.name)) {
            Some(meant) => message
                .help(format!("did you mean `{meant}`? otherwise, write the number, and the name in a comment"))
                .correct(name, meant),
            None => message.help("write the number, and the name in a comment"),
        }
    };

    /// A constant that the target lacks.
    error "absent-constant" AbsentConstant { name: String, architecture: &'static Architecture } =>
        message(format!("the constant `{name}` does not exist on {architecture}"))
            .label(format!("not on {architecture}"))
            .help("limit the group to other architectures with `architectures:`");

    /// A system call that no Linux architecture has.
    error "unknown-syscall" UnknownSyscall { name: String, target: Option<&'static Architecture> } => {
        let message = message(format!("unknown system call `{name}`"))
            .label("not a system call on any Linux architecture");
        let calls = tables::syscalls().map(|syscall| syscall.name);
        let calls = calls.filter(|call| other_tools::has(*target, call));
        message.suggest_or(other_tools::syscall(name, *target), name, calls, || {
            "use the kernel's names, as in syscalls(2)".to_owned()
        })
    };

    /// A system call that the target lacks.
    error "absent-syscall" AbsentSyscall { name: &'static str, architecture: &'static Architecture } => {
        let message = message(format!("the system call `{name}` does not exist on {architecture}"))
            .label(format!("not on {architecture}"));
        let mut replacements = REPLACEMENTS.of(name);
        match replacements.find(|name| architecture.syscall_number(name).is_some()) {
            Some(replacement) => message.help(format!(
                "{architecture} has `{replacement}` instead; move `{name}` to a group limited with `architectures:` \
                 to those that have it",
            )),
            None => message.help("move it to a group limited with `architectures:` to those that have it"),
        }
    };

    /// A set that does not exist.
    error "unknown-set" UnknownSet { name: String } =>
        message(format!("unknown set `{name}`"))
            .label("not a set")
            .suggest(name, tables::sets().map(|(set, _)| set), || {
                format!("the sets are {}", all_of(tables::sets().map(|(set, _)| set)))
            });

    /// An effect that does not exist.
    error "unknown-effect" UnknownEffect { name: String } =>
        message(format!("unknown effect `{name}`"))
            .label("not an effect")
            .suggest(name, Effect::all().map(|effect| effect.name), || {
                format!("the effects are {}", all_of(Effect::all().map(|effect| effect.name)))
            });

    /// A name in `allow_warnings` that is not the code of a warning.
    error "unknown-warning" UnknownWarning { text: String } =>
        message(format!("`{text}` is not the code of a warning"))
            .label("not a warning")
            .suggest(text, Code::warnings().map(Code::name), || {
                if Code::all().any(|code| code.name() == text) {
                    format!("`{text}` is the code of an error, and errors cannot be allowed")
                } else {
                    "`cargo seccomp explain-code` lists the codes".to_owned()
                }
            });

    /// An argument name that the call does not have.
    error "unknown-argument" UnknownArgument { syscall: &'static str, name: String, known: Vec<String> } => {
        let known = known.iter().map(String::as_str);
        let manual = known.clone().flat_map(|name| tables::manual_names(syscall, name));
        message(format!("`{syscall}` has no argument `{name}`"))
            .label("no such argument")
            .suggest(name, known.clone().chain(manual), || match known.len() {
                0 => "the names of its arguments are unknown; use the number".to_owned(),
                1 => format!("its argument is {}", all_of(known)),
                _ => format!("its arguments are {}", all_of(known)),
            })
    };

    /// An architecture that does not exist or has no filters.
    error "unknown-architecture" UnknownArchitecture { text: String } =>
        message(format!("unknown architecture `{text}`"))
            .label("not an architecture with seccomp filters")
            .suggest_or(other_tools::architecture(text), text, Architecture::all().map(Architecture::name), || {
                format!("the architectures are {}", all_of(Architecture::all().map(Architecture::name)))
            });

    /// A filter flag that does not exist.
    error "unknown-flag" UnknownFlag { text: String } =>
        message(format!("unknown flag `{text}`"))
            .label("not a flag")
            .suggest(text, Flag::ALL.iter().map(|flag| flag.name()), || {
                format!("the flags are {}", all_of(Flag::ALL.iter().map(|flag| flag.name())))
            });
}

/// The ways to write an action.
fn spellings(kind: &ActionKind) -> Vec<String> {
    let name = kind.name().to_owned();
    match kind.takes() {
        ActionData::Errno(()) => vec![name.clone(), format!("{name}(NAME)")],
        ActionData::None | ActionData::Number(_) => vec![name],
    }
}

/// What is wrong with an action's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ActionFault {
    Unclosed,
    TakesNoValue,
    NotAnErrno,
    NotANumber,
}
