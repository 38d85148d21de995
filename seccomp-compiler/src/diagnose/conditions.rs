//! Problems with conditions on arguments, and with the values in them.

use crate::diagnose::code::Code;
use crate::diagnose::declare::problems;
use crate::diagnose::message::{Message, all_of, message};
use crate::kernel::architecture::{Architecture, Width};
use crate::policy::Operation;

const BY_NAME: &str = "use the name of the argument instead of its number";
const ELSEWHERE: &str = "limit the group to other architectures with `architectures:`";

problems! {
    /// What can be wrong with a condition.
    enum ConditionProblem;

    /// An argument number outside 0 to 5.
    error "argument-out-of-range" ArgumentOutOfRange { text: String } =>
        message(format!("`{text}` is not the number of an argument"))
            .label("must be from 0 to 5")
            .help("a system call has at most six arguments, numbered from 0 to 5");

    /// More conditions than a call has arguments.
    error "too-many-conditions" TooManyConditions { count: usize } =>
        message(format!("{count} conditions on one call, where at most six are allowed"))
            .label("the seventh")
            .help("combine conditions on the same argument, or remove those that others imply");

    /// A value that is neither a number nor a constant.
    error "invalid-value" InvalidValue { text: String, fault: ValueFault } =>
        message(format!("invalid value `{text}`"))
            .label(match fault {
                ValueFault::Empty => "part of it is empty",
                ValueFault::NotAConstant => "not the name of a constant",
                ValueFault::Octal => "octal numbers start with `0o`",
                ValueFault::NotAnInteger => "not an integer",
                ValueFault::TooWide => "does not fit 64 bits",
            })
            .help("write an integer (`16`, `0x10`, `0o20`, `-1`), a constant (`AF_UNIX`), or several joined by `|`");

    /// A value that does not fit its argument.
    error "value-too-wide" ValueTooWide { value: i128, width: Width, register: Width } => {
        let value = if *value < 0 { value.to_string() } else { format!("{value:#x}") };
        let found = match width.bits() {
            0 => message("the kernel does not read this argument").label("no value of it means anything"),
            _ => message(format!("no call can have the value {value}: the kernel reads {width} bits here"))
                .label(format!("does not fit {width} bits")),
        };
        found.help(match (width.bits(), register.bits()) {
            (0, _) => "remove the condition: the register may hold anything".to_owned(),
            (32, 32) => "on a 32-bit ABI the kernel reads only the low 32 bits of an argument; limit the group to other \
                architectures with `architectures:`".to_owned(),
            _ => format!(
                "correct the value; or set `width: {register}` to compare the whole register, with bits that the kernel \
                 ignores",
            ),
        })
    };

    /// A value with bits outside its mask.
    error "value-outside-mask" ValueOutsideMask { value: u64, mask: u64 } =>
        message(format!("the value {value:#x} has bits outside the mask {mask:#x}"))
            .label("can never match")
            .help(format!("the mask clears the bits {:#x}; correct the value or the mask", value & !mask));

    /// A mask without `MaskedEqual`, or the reverse.
    error "misplaced-mask" MisplacedMask { operation: Operation } =>
        match operation {
            Operation::MaskedEqual => message("`MaskedEqual` needs a `mask`")
                .label("no mask")
                .help("add `mask:` with the bits to compare"),
            _ => message(format!("`{}` takes no `mask`", operation.name()))
                .label("not used")
                .help("remove the mask, or use `MaskedEqual`"),
        };

    /// A width other than 16, 32 or 64.
    error "invalid-width" InvalidWidth { text: String } =>
        message(format!("invalid width `{text}`")).label("not a width").help("a width is 16, 32 or 64");

    /// A width that the target's registers do not have.
    error "width-too-wide" WidthTooWide { architecture: &'static Architecture } =>
        message(format!("the kernel reads only 32 bits of an argument on {architecture}"))
            .label("wider than the registers")
            .help("limit the group to other architectures with `architectures:`, or remove `width`");

    /// A set with conditions.
    error "conditioned-set" ConditionedSet { set: String } =>
        message(format!("the set `{set}` cannot have conditions"))
            .label("a set takes no conditions")
            .help("list it in `names`, or put the conditions on the calls that they are for");

    /// An argument that a filter cannot see on the target.
    error "hidden-argument" HiddenArgument {
        syscall: &'static str, name: String, architecture: &'static Architecture
    } =>
        message(format!("a filter cannot see `{name}` of `{syscall}` on {architecture}"))
            .label("behind a pointer there")
            .help(ELSEWHERE);

    /// An argument that the target splits over two registers.
    error "split-argument" SplitArgument {
        name: String, architecture: &'static Architecture, halves: Vec<String>
    } =>
        message(format!("`{name}` is split over two registers on {architecture}"))
            .label("two halves there")
            .help(format!(
                "for {architecture}, use {} in a group of its own with `architectures:`",
                all_of(halves),
            ));

    /// An argument number that means different arguments on the covered ABIs.
    error "ambiguous-position" AmbiguousPosition {
        name: &'static str, position: u8, architecture: &'static Architecture, other: Elsewhere
    } =>
        message(format!(
            "argument {position} of `{name}` is not the same on {architecture} and {}, both of which the filter covers",
            other.architecture,
        ))
        .label(other.label())
        .help(BY_NAME);

    /// An argument number that means another argument on other architectures.
    warning "position-differs" PositionDiffers { name: &'static str, position: u8, other: Elsewhere } =>
        message(format!("argument {position} of `{name}` is a different one on {}", other.architecture))
            .label(other.label())
            .help(format!("{BY_NAME}, or limit the group with `architectures:`"));

    /// A condition that is always true.
    warning "always-holds" AlwaysHolds { operation: Operation } =>
        message(format!("this `{}` is always true", operation.name()))
            .label("has no effect")
            .help("remove the condition, or correct its value");

    /// A condition that is never true.
    warning "never-holds" NeverHolds { operation: Operation } =>
        message(format!("this `{}` is never true", operation.name()))
            .label("can never match")
            .help("remove the entry, or correct the value");

    /// Conditions that no call can meet together.
    warning "contradictory-conditions" ContradictoryConditions { name: &'static str } =>
        message(format!("the conditions on this `{name}` contradict each other"))
            .label("can never match")
            .help("remove the entry, or correct a value");

    /// A condition on a call whose arguments the kernel does not declare.
    warning "unknown-signature" UnknownSignature { name: &'static str, width: Width } =>
        message(format!("the types of the arguments of `{name}` are unknown"))
            .label(format!("compared as {width} bits"))
            .help("set `width:` to the number of bits that the kernel reads");

    /// A condition on a register that the call does not read.
    warning "past-last-argument" PastLastArgument { name: &'static str, argument: u8, count: usize } => {
        let arguments = match count {
            0 => "no arguments".to_owned(),
            1 => "only argument 0".to_owned(),
            _ => format!("only arguments 0 to {}", count - 1),
        };
        message(format!("`{name}` has {arguments}, so there is no argument {argument}"))
            .label("the kernel does not read it")
            .help("remove the condition: the register may hold anything")
    };
}

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueFault {
    Empty,
    NotAConstant,
    Octal,
    NotAnInteger,
    TooWide,
}

/// What an argument's number means on another architecture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Elsewhere {
    pub(crate) architecture: &'static Architecture,
    /// The argument's name there; `None` where the call has fewer arguments.
    pub(crate) argument: Option<String>,
}

impl Elsewhere {
    fn label(&self) -> String {
        match &self.argument {
            Some(argument) => format!("`{argument}` on {}", self.architecture),
            None => format!("no argument on {}", self.architecture),
        }
    }
}

impl ConditionProblem {
    /// The call that a warning is about, if it names one.
    pub(super) const fn call(&self) -> Option<&'static str> {
        match self {
            Self::PositionDiffers { name, .. }
            | Self::ContradictoryConditions { name }
            | Self::UnknownSignature { name, .. }
            | Self::PastLastArgument { name, .. } => Some(name),
            _ => None,
        }
    }
}
