//! From the system calls of functions to those of the program: a wrapper's number and arguments are what its callers
//! give to it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::reach::{Function, Reach};
use super::summary::Call;
use super::value::{Known, Map, Value, Values};

/// System calls with their arguments, where these are constants.
pub(super) struct Found {
    /// For each number, what is known of the arguments, and the functions on the way, the last of which makes the call.
    pub(super) calls: BTreeMap<u64, BTreeMap<[Option<u64>; 6], Way>>,
    pub(super) open: BTreeMap<(Function, u64), Open>,
}

/// The functions between the one whose arguments are constants and the one that makes the call, and its address.
pub(super) struct Way {
    pub(super) functions: Vec<Function>,
    pub(super) address: u64,
}

/// A site whose number is not known.
pub(super) struct Open {
    pub(super) functions: Vec<Function>,
    pub(super) reason: Reason,
}

/// Why it is not known which call a site makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// The number is computed.
    Computed,
    /// The number is an argument, and a pointer to the function is taken.
    Pointer,
    /// It is a call by another ABI.
    OtherAbi,
    /// There are too many ways to it.
    TooMany,
}

/// A number is looked for through this many calls.
const MOST_CALLS: usize = 12;

/// How often a site is looked at, with what it is given in different places.
const MOST_LIFTS: usize = 4000;

/// Different arguments of one call that are listed.
const MOST_USES: usize = 256;

struct Lift {
    functions: Vec<Function>,
    number: Value,
    arguments: [Value; 6],
}

pub(super) fn resolve(reach: &mut Reach<'_>) -> Found {
    let mut found = Found { calls: BTreeMap::new(), open: BTreeMap::new() };
    let functions: BTreeSet<Function> = reach.summaries.keys().copied().collect();
    for function in functions {
        let sites: Vec<(u64, Value, [Value; 6], bool)> = match reach.summaries.get(&function) {
            Some(summary) => {
                summary.sites.iter().map(|it| (it.address, it.number, it.arguments, it.is_foreign)).collect()
            }
            None => continue,
        };
        for (address, number, arguments, is_foreign) in sites {
            let first = Lift { functions: vec![function], number, arguments };
            match is_foreign {
                true => found.leave_open(&first, function, address, Reason::OtherAbi),
                false => found.lift(first, function, address, reach),
            }
        }
    }
    found
}

impl Found {
    fn lift(&mut self, first: Lift, site: Function, address: u64, reach: &mut Reach<'_>) {
        let mut seen: Map<(Function, Value, [Value; 6]), ()> = Map::default();
        let mut pending = VecDeque::from([first]);
        let mut lifts = 0;
        while let Some(lift) = pending.pop_front() {
            let function = lift.functions[0];
            if seen.insert((function, lift.number, lift.arguments), ()).is_some() {
                continue;
            }
            lifts += 1;
            let is_last = lifts > MOST_LIFTS || lift.functions.len() > MOST_CALLS;
            let values = &reach.values;
            let wants_more = lift.arguments.iter().chain([&lift.number]).any(|it| has_entry(values, *it));
            let is_taken = reach.taken.contains(&function) || !reach.callers.contains_key(&function);
            if !wants_more || is_taken || is_last {
                self.end(&lift, (site, address), is_last, values);
            }
            if wants_more && !is_last {
                pending.extend(lifted(&lift, function, reach));
            }
        }
    }

    /// Nothing more is known of a site.
    fn end(&mut self, lift: &Lift, (site, address): (Function, u64), is_last: bool, values: &Values) {
        let arguments = lift.arguments.map(|argument| values.number(argument));
        let mut reason = values.is_open(lift.number).then_some(Reason::Computed);
        for known in values.known(lift.number) {
            match known {
                Known::Number(number) => {
                    let number = *number & u64::from(u32::MAX);
                    let uses = self.calls.entry(number).or_default();
                    let arguments = if uses.len() < MOST_USES { arguments } else { [None; 6] };
                    uses.entry(arguments)
                        .or_insert_with(|| Way { functions: lift.functions.clone(), address });
                }
                Known::Entry(_) if is_last => reason = Some(Reason::TooMany),
                Known::Entry(_) => reason = Some(Reason::Pointer),
                _ => reason = Some(Reason::Computed),
            }
        }
        if let Some(reason) = reason {
            self.leave_open(lift, site, address, reason);
        }
    }

    fn leave_open(&mut self, lift: &Lift, site: Function, address: u64, reason: Reason) {
        let open = || Open { functions: lift.functions.clone(), reason };
        self.open.entry((site, address)).or_insert_with(open);
    }
}

fn has_entry(values: &Values, value: Value) -> bool {
    values.known(value).iter().any(|known| matches!(known, Known::Entry(_)))
}

/// The same site, as each caller of the function gives values to it.
fn lifted(lift: &Lift, function: Function, reach: &mut Reach<'_>) -> Vec<Lift> {
    let Reach { callers, summaries, values, .. } = reach;
    let callers = callers.get(&function).map(Vec::as_slice).unwrap_or_default();
    let mut found = Vec::new();
    let mut same: Map<(Function, Value, [Value; 6]), ()> = Map::default();
    for (caller, number) in callers.iter().take(MOST_LIFTS) {
        let Some(call) = summaries.get(caller).and_then(|it| it.calls.get(*number)) else { continue };
        let number = given(lift.number, call, values);
        let arguments = lift.arguments.map(|argument| given(argument, call, values));
        if same.insert((*caller, number, arguments), ()).is_none() && !lift.functions.contains(caller) {
            let functions = [&[*caller], lift.functions.as_slice()].concat();
            found.push(Lift { functions, number, arguments });
        }
    }
    found
}

/// A value of the function that is called, as a value of the one that calls it.
fn given(value: Value, call: &Call, values: &mut Values) -> Value {
    let of = |entry: u8| call.values.get(usize::from(entry)).copied().unwrap_or(Value::ANY);
    match values.known(value) {
        [Known::Entry(entry)] if !values.is_open(value) => return of(*entry),
        _ if !has_entry(values, value) => return value,
        _ => {}
    }
    let mut joined = if values.is_open(value) { Value::ANY } else { Value::NONE };
    for known in values.known(value).to_vec() {
        let one = match known {
            Known::Entry(entry) => of(entry),
            known => values.one(known),
        };
        joined = values.join(joined, one);
    }
    joined
}
