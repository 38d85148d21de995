//! Effects: what calls do, whatever they are called, with every route that the kernel has to each.
//!
//! The table is `data/effects.csv`, with a line of text for each route, which is only taken apart where it is needed.

use core::fmt;

use crate::kernel::tables::{EFFECTS, TWIN_VALUES};

/// Something that calls can do, such as `exec`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Effect {
    /// Its name in policies.
    pub name: &'static str,
    /// What a program that has it does, as it follows "lets a program".
    pub meaning: &'static str,
    routes: &'static [&'static str],
}

/// One way to an effect: a call, if its arguments meet some conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Route {
    /// The effect.
    pub effect: &'static str,
    /// The call's name.
    pub call: &'static str,
    /// `ARGUMENT OPERATION VALUE|VALUE` for each condition, with `; ` between them, and `/MASK` behind a masked value.
    pub conditions: &'static str,
    /// Whether the call may or may not have the effect, and a filter cannot see which.
    pub is_hidden: bool,
    /// The version of Linux that brought it, if that is not older than 2.6.
    pub since: &'static str,
    /// Where it is documented: a manual page, or a file of the kernel.
    pub source: &'static str,
    /// Routes of one kin do the same; `*` is kin to all.
    kin: &'static str,
    /// Whether the call is mostly for something else, so that refusing it whatever its arguments is not about this
    /// effect.
    pub(crate) is_aside: bool,
    side: Side,
}

/// Which of a hole's routes one can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    /// The refused one or the open one.
    Either,
    /// Only the one that is refused: what the others do is more.
    Refused,
    /// Only the one that is open: to refuse it says nothing about the others.
    Open,
}

/// One condition of a route.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Test {
    pub(crate) argument: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) value: &'static str,
    pub(crate) mask: Option<&'static str>,
}

impl Effect {
    /// Every effect, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        EFFECTS.iter().map(|(name, meaning, routes)| Self { name, meaning, routes })
    }

    /// Not an effect, but the values of arguments that do the same as another value of the same argument, each as a route.
    /// Those of one kin are twins; some are routes to an effect.
    pub(crate) fn of_twin_values() -> Self {
        Self { name: "", meaning: "", routes: &TWIN_VALUES }
    }

    /// The effect of this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::all().find(|effect| effect.name == name)
    }

    /// Every route to it, on whatever architecture.
    pub fn routes(self) -> impl Iterator<Item = Route> {
        self.routes.iter().map(move |line| {
            let mut parts = line.split('\t');
            let mut next = || parts.next().unwrap_or_default();
            let (route, since, source) = (next(), next(), next());
            let mut parts = route.splitn(4, ' ');
            let mut next = || parts.next().unwrap_or_default();
            let (call, kin, word, conditions) = (next(), next(), next(), next());
            let (is_aside, kin) = kin.strip_prefix('+').map_or((false, kin), |kin| (true, kin));
            let (side, is_hidden) = match word {
                "refused" => (Side::Refused, false),
                "open" => (Side::Open, false),
                word => (Side::Either, word == "hidden"),
            };
            let (effect, since) = if self.name.is_empty() { (since, "") } else { (self.name, since) };
            Route { effect, call, kin, is_aside, is_hidden, conditions, since, source, side }
        })
    }

    /// Whether a route is by one of these calls, which are sorted.
    pub(crate) fn is_reached_by(self, calls: &[&str]) -> bool {
        self.routes
            .iter()
            .any(|line| line.split(' ').next().is_some_and(|call| calls.binary_search(&call).is_ok()))
    }
}

/// The call, with its conditions in brackets.
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.conditions {
            "" => f.write_str(self.call),
            conditions => write!(f, "{}({conditions})", self.call),
        }
    }
}

impl Route {
    /// Whether the other does the same, so that to refuse this one and leave that is a hole.
    pub(crate) fn leaves(self, other: Self) -> bool {
        let is_kin = self.kin == other.kin || self.kin == "*" || other.kin == "*";
        is_kin && self.side != Side::Open && other.side != Side::Refused
    }

    pub(crate) fn tests(self) -> impl Iterator<Item = Test> {
        let conditions = self.conditions.split(';').map(str::trim).filter(|condition| !condition.is_empty());
        conditions.map(|condition| {
            let mut parts = condition.split(' ');
            let mut next = || parts.next().unwrap_or_default();
            let (argument, operation, value) = (next(), next(), next());
            let (value, mask) = value.split_once('/').map_or((value, None), |(v, mask)| (v, Some(mask)));
            Test { argument, operation, value, mask }
        })
    }
}
