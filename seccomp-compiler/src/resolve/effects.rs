//! Effects to what they are on one ABI: each route with its number, and its conditions as tests of bits.

use super::arguments;
use super::values::{Lowered, fit, lower, signed};
use crate::engine::rules::ArgCondition;
use crate::kernel::architecture::{Architecture, Width};
use crate::kernel::effects::{Effect, Route, Test};
use crate::kernel::tables::{self, Syscall};
use crate::policy::Operation;

/// A route as one ABI has it.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    pub(crate) route: Route,
    pub(crate) number: u32,
    /// The calls of this number that may have the effect; all of them where a filter cannot see which.
    pub(crate) conditions: Vec<ArgCondition>,
    /// Whether some of these calls do not have the effect, and a filter cannot see which.
    pub(crate) is_hidden: bool,
}

/// The routes to an effect that an ABI has.
pub(crate) fn ways(effect: Effect, architecture: &Architecture) -> Vec<Way> {
    effect.routes().filter_map(|route| way(route, architecture)).collect()
}

/// The routes to an effect that an ABI has, hidden where a filter does not see them there.
pub fn routes_on(effect: Effect, architecture: &Architecture) -> impl Iterator<Item = Route> {
    ways(effect, architecture).into_iter().map(|Way { mut route, is_hidden, .. }| {
        route.is_hidden = is_hidden;
        route
    })
}

fn way(route: Route, architecture: &Architecture) -> Option<Way> {
    let syscall = tables::syscall(route.call)?;
    let number = syscall.number(architecture.table)?;
    let mut way = Way { route, number, conditions: Vec::new(), is_hidden: route.is_hidden };
    for test in route.tests() {
        match condition(syscall, test, architecture) {
            Seen::Test(condition) => way.conditions.push(condition),
            Seen::Always => {}
            Seen::Never => return None,
            Seen::Hidden => way.is_hidden = true,
        }
    }
    Some(way)
}

/// What a filter sees of a condition.
enum Seen {
    Test(ArgCondition),
    /// It holds for every call.
    Always,
    /// It holds for none: this ABI lacks what is asked for.
    Never,
    /// The argument is out of a filter's sight.
    Hidden,
}

fn condition(syscall: Syscall, test: Test, architecture: &Architecture) -> Seen {
    let Some(registers) = arguments::names(syscall, architecture) else { return Seen::Hidden };
    let Some(position) = arguments::position(syscall, test.argument, &registers) else { return Seen::Hidden };
    let arguments = syscall.signature(architecture.table).unwrap_or_default();
    let Some(argument) = arguments.get(position) else { return Seen::Hidden };
    let width = argument.width.min(architecture.register());
    let mask = test.mask.map_or(Some(width.mask()), |mask| value(mask, width, architecture));
    let (Some(mask), Some(value)) = (mask, value(test.value, width, architecture)) else {
        return Seen::Never;
    };
    let Some(operation) = Operation::find(test.operation) else { return Seen::Hidden };
    let Ok(position) = u8::try_from(position) else { return Seen::Hidden };
    match lower(position, operation, width.mask() & !argument.ignored, value, mask) {
        Lowered::Test(condition) => Seen::Test(condition),
        Lowered::Always => Seen::Always,
        Lowered::Never => Seen::Never,
    }
}

/// The terms that an ABI has, joined; `None` where it has none of them.
fn value(text: &str, width: Width, architecture: &Architecture) -> Option<u64> {
    let term = |term: &str| match term.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok().filter(|value| *value <= width.mask()),
        None if term.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => fit(term.parse().ok()?, width),
        None => fit(signed(tables::constant(term)?, architecture)?, width),
    };
    text.split('|').filter_map(term).reduce(|all, bits| all | bits)
}
