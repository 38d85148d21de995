//! Conditions on arguments, and the values in them.

use super::fields::Fields;
use super::scalar::{string, wrong_type};
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
    let argument = argument.and_then(|node| parse_argument(node, problems));
    let operation =
        fields.required(Key::Operation, problems).and_then(|node| parse_operation(node, problems));
    let value = understood(fields.optional(Key::Value), |node| parse_value(node, problems));
    let mask = understood(fields.optional(Key::Mask), |node| parse_value(node, problems));
    let width = understood(fields.optional(Key::Width), |node| parse_width(node, problems));
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

/// Reads an optional part. The error is that it was there, but could not be read.
fn understood<T>(node: Option<&Node>, parse: impl FnOnce(&Node) -> Option<T>) -> Result<Option<T>, ()> {
    node.map(|node| parse(node).ok_or(())).transpose()
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

/// A register's number, or the name of an argument, which is looked up when the call is known.
fn parse_argument(node: &Node, problems: &mut Problems) -> Option<Placed<Argument>> {
    let place = node.place();
    let problem: Problem = match &node.value {
        yaml::Value::Integer(number) => match u8::try_from(*number) {
            Ok(position @ 0..=5) => return Some(Placed { value: Argument::Position(position), place }),
            _ => ConditionProblem::ArgumentOutOfRange { text: number.to_string() }.into(),
        },
        yaml::Value::Text(text) if text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') => {
            return Some(Placed { value: Argument::Name(text.clone()), place });
        }
        _ => wrong_type(Expected::A("the number or name of an argument"), node).into(),
    };
    problems.report(place, problem);
    None
}

fn parse_operation(node: &Node, problems: &mut Problems) -> Option<Placed<Operation>> {
    let written = string(node, "an operation", problems)?;
    let Some(value) = Operation::find(&written.value) else {
        problems.report(written.place, NameProblem::UnknownOperation { text: written.value });
        return None;
    };
    Some(Placed { value, place: written.place })
}

fn parse_width(node: &Node, problems: &mut Problems) -> Option<Placed<Width>> {
    let place = node.place();
    let text = match &node.value {
        yaml::Value::Integer(number) => {
            let width = u64::try_from(*number).ok().and_then(Width::from_bits);
            if let Some(value) = width {
                return Some(Placed { value, place });
            }
            number.to_string()
        }
        yaml::Value::Text(text) => text.clone(),
        _ => {
            problems.report(place, wrong_type(Expected::A("a width: 16, 32 or 64"), node));
            return None;
        }
    };
    problems.report(place, ConditionProblem::InvalidWidth { text });
    None
}

/// An integer, a constant, or several joined by `|`.
fn parse_value(node: &Node, problems: &mut Problems) -> Option<Placed<Value>> {
    let place = node.place();
    let terms = match &node.value {
        yaml::Value::Integer(number) => in_range(*number).map(|number| vec![Term::Number(number)]),
        yaml::Value::Text(text) => text.split('|').map(|part| term(part.trim())).collect(),
        _ => {
            problems.report(place, wrong_type(Expected::A("an integer or a constant"), node));
            return None;
        }
    };
    match terms {
        Ok(terms) => Some(Placed { value: Value { terms }, place }),
        Err(fault) => {
            let text = match &node.value {
                yaml::Value::Integer(number) => number.to_string(),
                yaml::Value::Text(text) => text.clone(),
                _ => String::new(),
            };
            problems.report(place, ConditionProblem::InvalidValue { text, fault });
            None
        }
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
