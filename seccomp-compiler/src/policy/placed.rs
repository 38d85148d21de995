//! Parts of a policy with their places.

use core::fmt;
use core::ops::Deref;

use crate::document::source::Place;

/// Something with its place in the file. It compares as what it holds does.
#[derive(Clone, Copy)]
pub struct Placed<T> {
    /// What the file says.
    pub value: T,
    /// Where; the policy as a whole for what was built in code.
    pub place: Place,
}

impl<T> From<T> for Placed<T> {
    fn from(value: T) -> Self {
        Self { value, place: Place::POLICY }
    }
}

impl<T> Deref for Placed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: PartialEq> PartialEq for Placed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Placed<T> {}

impl<T: fmt::Debug> fmt::Debug for Placed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}
