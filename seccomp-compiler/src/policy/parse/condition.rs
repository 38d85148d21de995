//! Conditions on arguments, and the values in them.

use super::fields::Fields;
use super::scalar::wrong_type;
use crate::diagnose::conditions::{ConditionProblem, ValueFault};
use crate::diagnose::document::{DocumentProblem, Expected, Part};
use crate::diagnose::names::NameProblem;
use crate::diagnose::problem::Problem;
use crate::diagnose::problems::Problems;
use crate::document::yaml::{self, Node};
use crate::kernel::architecture::Width;
use crate::policy::keys::{Condition as Key, Key as _};
use crate::policy::{Argument, Condition, Operation, Placed, Term, Value};

pub(super) fn parse(node: &Node, problems: &mut Problems) -> Option<Condition> {
    let fields = Fields::new(node.place(), Part::Condition, node, Key::ALL, problems);
    let argument = match (fields.optional(Key::Argument), fields.optional(Key::Position)) {
        (Some(_), Some(_)) => {
            let (key, synonym) = (Key::Position.name().to_owned(), Some(Key::Argument.name()));
            let first = fields.place(Key::Argument);
            problems
                .report(fields.place(Key::Position), DocumentProblem::DuplicateKey { key, synonym, first });
            None
        }
        (None, Some(node)) => Some(node),
        (_, None) => fields.required(Key::Argument, problems),
    };
    let argument = argument.and_then(|node| placed(node, read_argument, problems));
    let operation =
        fields.required(Key::Operation, problems).and_then(|node| placed(node, read_operation, problems));
    let value = optional(fields.optional(Key::Value), read_value, problems);
    let mask = optional(fields.optional(Key::Mask), read_value, problems);
    let width = optional(fields.optional(Key::Width), read_width, problems);
    if let Some(Placed { value: operation, place }) = operation {
        match (operation, fields.optional(Key::Mask)) {
            (Operation::MaskedEqual, None) => {
                problems.report(place, ConditionProblem::MisplacedMask { operation });
            }
            (Operation::MaskedEqual, Some(_)) | (_, None) => {}
            (_, Some(_)) => {
                problems.report(fields.place(Key::Mask), ConditionProblem::MisplacedMask { operation });
            }
        }
    }
    match (argument, operation, value, mask, width) {
        (Some(argument), Some(operation), Ok(value), Ok(mask), Ok(width)) => {
            Some(Condition { argument, operation, value, mask, width })
        }
        (.., value, mask, _) => only_constants([value, mask].into_iter().flatten().flatten()),
    }
}

/// What is left of a condition that was not understood: its constants, so that their names are checked as well. It is
/// on the last argument, of which the least is known, and never becomes part of a filter.
fn only_constants(values: impl IntoIterator<Item = Placed<Value>>) -> Option<Condition> {
    let mut values = values.into_iter().peekable();
    let place = values.peek()?.place;
    let terms = values.flat_map(|value| value.value.terms);
    let terms = terms.filter(|term| matches!(term, Term::Constant(_))).collect();
    Some(Condition {
        argument: Placed { value: Argument::Position(5), place },
        operation: Placed { value: Operation::Equal, place },
        value: Some(Placed { value: Value { terms }, place }),
        mask: None,
        width: None,
    })
}

/// Reads a part of a condition, or reports why it cannot be read.
fn placed<T>(
    node: &Node,
    read: impl FnOnce(&Node) -> Result<T, Problem>,
    problems: &mut Problems,
) -> Option<Placed<T>> {
    let place = node.place();
    let value = read(node).map_err(|problem| problems.report(place, problem)).ok()?;
    Some(Placed { value, place })
}

/// The same for a part that may be left out. The error is that it is there, but cannot be read.
fn optional<T>(
    node: Option<&Node>,
    read: impl FnOnce(&Node) -> Result<T, Problem>,
    problems: &mut Problems,
) -> Result<Option<Placed<T>>, ()> {
    node.map(|node| placed(node, read, problems).ok_or(())).transpose()
}

/// A register's number, or the name of an argument, which is looked up when the call is known.
fn read_argument(node: &Node) -> Result<Argument, Problem> {
    match &node.value {
        yaml::Value::Integer(number) => match u8::try_from(*number) {
            Ok(position @ 0..=5) => Ok(Argument::Position(position)),
            _ => Err(ConditionProblem::ArgumentOutOfRange { text: number.to_string() }.into()),
        },
        yaml::Value::Text(text) if text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') => {
            Ok(Argument::Name(text.clone()))
        }
        _ => Err(wrong_type(Expected::A("the number or name of an argument"), node).into()),
    }
}

fn read_operation(node: &Node) -> Result<Operation, Problem> {
    let yaml::Value::Text(text) = &node.value else {
        return Err(wrong_type(Expected::A("an operation"), node).into());
    };
    Operation::find(text).ok_or_else(|| NameProblem::UnknownOperation { text: text.clone() }.into())
}

/// The widths that an author can give.
const WIDTHS: [Width; 3] = [Width::BITS_16, Width::BITS_32, Width::BITS_64];

fn read_width(node: &Node) -> Result<Width, Problem> {
    let (bits, text) = match &node.value {
        yaml::Value::Integer(number) => (u32::try_from(*number).ok(), number.to_string()),
        yaml::Value::Text(text) => (None, text.clone()),
        _ => return Err(wrong_type(Expected::A("a width: 16, 32 or 64"), node).into()),
    };
    let width = WIDTHS.into_iter().find(|width| Some(width.bits()) == bits);
    width.ok_or_else(|| ConditionProblem::InvalidWidth { text }.into())
}

/// An integer, a constant, or several joined by `|`.
fn read_value(node: &Node) -> Result<Value, Problem> {
    let (terms, text) = match &node.value {
        yaml::Value::Integer(number) => {
            (in_range(*number).map(|number| vec![Term::Number(number)]), number.to_string())
        }
        yaml::Value::Text(text) => (text.split('|').map(|part| term(part.trim())).collect(), text.clone()),
        _ => return Err(wrong_type(Expected::A("an integer or a constant"), node).into()),
    };
    match terms {
        Ok(terms) => Ok(Value { terms }),
        Err(fault) => Err(ConditionProblem::InvalidValue { text, fault }.into()),
    }
}

fn term(text: &str) -> Result<Term, ValueFault> {
    let first = text.chars().next().ok_or(ValueFault::Empty)?;
    if first.is_ascii_alphabetic() || first == '_' {
        let sound = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        return if sound { Ok(Term::Constant(text.to_owned())) } else { Err(ValueFault::NotAConstant) };
    }
    if text.len() > 1 && text.starts_with('0') && text.chars().all(|c| c.is_ascii_digit()) {
        return Err(ValueFault::Octal);
    }
    yaml::integer(text).ok_or(ValueFault::NotAnInteger).and_then(in_range).map(Term::Number)
}

/// An argument has 64 bits, which a negative number fills with its sign.
fn in_range(number: i128) -> Result<i128, ValueFault> {
    let fits = number >= i64::MIN.into() && number <= u64::MAX.into();
    if fits { Ok(number) } else { Err(ValueFault::TooWide) }
}
