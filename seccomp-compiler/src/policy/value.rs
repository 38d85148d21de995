//! What conditions and actions are written with: arguments, values and errors, by number or by name.

/// Which argument a condition is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// By its register, 0 to 5.
    Position(u8),
    /// By the name that the kernel or the manual page gives it.
    Name(String),
}

/// A value: terms joined by `|`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// The terms, one or more.
    pub terms: Vec<Term>,
}

/// One term of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// A number.
    Number(i128),
    /// A constant of the kernel's headers.
    Constant(String),
}

/// The error of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Errno {
    /// By number.
    Number(u16),
    /// By name: numbers differ between architectures.
    Name(String),
}

/// EPERM, which has this number everywhere.
pub(super) const EPERM: u16 = 1;

impl Default for Errno {
    /// EPERM.
    fn default() -> Self {
        Self::Number(EPERM)
    }
}

impl From<u16> for Errno {
    fn from(number: u16) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Errno {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<u8> for Argument {
    fn from(position: u8) -> Self {
        Self::Position(position)
    }
}

impl From<&str> for Argument {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<i128> for Value {
    fn from(number: i128) -> Self {
        Self { terms: vec![Term::Number(number)] }
    }
}

impl From<&str> for Value {
    /// The constant of this name.
    fn from(constant: &str) -> Self {
        Self { terms: vec![Term::Constant(constant.to_owned())] }
    }
}
