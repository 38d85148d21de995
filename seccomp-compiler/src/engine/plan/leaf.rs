//! Leaves of a search: cheaper ways than a tree of `>=` tests to decide a few neighbouring ranges.
//!
//! - Single values are found by `=` tests, the heaviest first, where all other values have one outcome.
//! - Where there are two outcomes among few values, one test of some of their bits can tell most apart: numbers that
//!   came into the kernel together are used together, so they share high bits. One side of such a test then has one
//!   outcome, and one test more decides the other.
//!
//! A leaf looks at nothing but the values of its ranges, so it decides these as the ranges say, whatever it does with
//! others, which cannot come there.

use super::range::{Price, Range};
use crate::engine::program::Word;
use crate::engine::tree::{NodeId, Nodes, WordTest};

/// A leaf, as short as the search keeps it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Leaf {
    /// All values have this outcome but single ones.
    Singles { rest: NodeId },
    /// The values that have one of these bits, and those that have none.
    Bits { bits: u32 },
}

/// Neighbouring ranges that a leaf may decide, and what weighs against each other.
#[derive(Clone, Copy)]
pub(super) struct Interval<'a> {
    pub(super) ranges: &'a [Range],
    /// Of all ranges.
    pub(super) weight: u64,
    pub(super) price: Price,
}

/// The cheapest leaf that costs at most `limit`, if there is one, and what it costs. What is found not to decide the
/// values is not tried again when there are more of them.
pub(super) fn best(interval: Interval<'_>, values: &mut Values, limit: u64) -> Option<(u64, Leaf)> {
    let singles = singles(interval, values, limit);
    let limit = singles.map_or(limit, |(cost, _)| cost);
    // Of two that cost the same the one of bits: the program is more likely to have its tests already.
    bits(interval, values, limit).or(singles)
}

/// The cheapest leaf of `=` tests that costs at most `limit`.
fn singles(interval: Interval<'_>, values: &mut Values, limit: u64) -> Option<(u64, Leaf)> {
    if !values.chains {
        return None;
    }
    let Interval { ranges, weight, price } = interval;
    values.chains = false;
    let mut best = None;
    // At least one of the first ranges is not a single value.
    for (index, range) in ranges.iter().enumerate().take(price.chain + 1) {
        let rest = range.outcome;
        let other = values.wide.is_some_and(|wide| wide != rest);
        if other || ranges[..index].iter().any(|before| before.outcome == rest) {
            continue;
        }
        let Some(singles) = Singles::new(ranges, rest, price.chain) else { continue };
        values.chains = true;
        let (mut cost, mut left) = (price.test * singles.count as u64, weight);
        for single in &singles.weights[..singles.count] {
            // Whatever is left makes this test.
            cost += left;
            left -= single;
        }
        if cost <= limit && best.is_none_or(|(lowest, _)| cost < lowest) {
            best = Some((cost, Leaf::Singles { rest }));
        }
    }
    best
}

/// The weights of the single values of a leaf, the heaviest first. An array, as this is tried for every interval.
struct Singles {
    count: usize,
    weights: [u64; Price::MOST],
}

impl Singles {
    fn new(ranges: &[Range], rest: NodeId, most: usize) -> Option<Self> {
        let mut singles = Self { count: 0, weights: [0; Price::MOST] };
        for range in ranges.iter().filter(|range| range.outcome != rest) {
            if singles.count == most || !range.is_single() {
                return None;
            }
            let mut index = singles.count;
            while index > 0 && singles.weights[index - 1] < range.weight {
                singles.weights[index] = singles.weights[index - 1];
                index -= 1;
            }
            singles.weights[index] = range.weight;
            singles.count += 1;
        }
        Some(singles)
    }
}

/// Neighbouring values, and what may decide them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Values {
    first: u64,
    outcomes: [NodeId; 2],
    /// Up to 32 values, one bit each.
    all: u64,
    /// Those that have the first outcome.
    set: u64,
    /// The masks that may tell them apart, one bit each; none where the values are too many or have three outcomes.
    masks: u32,
    /// Whether `=` tests may.
    chains: bool,
    /// The outcome of a range of several values, which `=` tests leave to the rest.
    wide: Option<NodeId>,
}

/// How many values.
const SPAN: u64 = 32;

impl Values {
    /// The values of neighbouring ranges.
    pub(super) fn new(ranges: &[Range]) -> Self {
        let (first, outcome) = (ranges[0].start, ranges[0].outcome);
        let masks = (1 << MASKS.len()) - 1;
        let outcomes = [outcome; 2];
        let mut values = Self { first, outcomes, all: 0, set: 0, masks, chains: true, wide: None };
        ranges.iter().for_each(|range| values.add(range));
        values
    }

    /// Adds the range next to the last.
    pub(super) fn add(&mut self, range: &Range) {
        if !range.is_single() {
            self.chains &= self.wide.is_none_or(|wide| wide == range.outcome);
            self.wide = Some(range.outcome);
        }
        let is_set = range.outcome == self.outcomes[0];
        if self.outcomes[1] == self.outcomes[0] {
            self.outcomes[1] = range.outcome;
        }
        let is_one = is_set || range.outcome == self.outcomes[1];
        if !is_one || range.end - self.first > SPAN {
            self.masks = 0;
        }
        if self.masks != 0 {
            let bits = self.bits(range);
            self.all |= bits;
            if is_set {
                self.set |= bits;
            }
        }
    }

    /// The bits of a range.
    fn bits(&self, range: &Range) -> u64 {
        let (shift, length) = (range.start - self.first, range.end - range.start);
        ((1 << length) - 1) << shift
    }

    /// Those of them that have one of the bits of a mask.
    fn with(&self, mask: &Mask) -> u64 {
        mask.values >> (self.first % SPAN) & self.all
    }

    /// What decides these of the values, if it takes at most one test.
    fn side(&self, values: u64) -> Option<Side> {
        let set = values & self.set;
        let other = values & !self.set;
        if other == 0 {
            Some(Side::First)
        } else if set == 0 {
            Some(Side::Second)
        } else if is_one(set) {
            Some(Side::OneFirst)
        } else if is_one(other) {
            Some(Side::OneSecond)
        } else if set < lowest(other) {
            Some(Side::SecondFrom)
        } else if other < lowest(set) {
            Some(Side::FirstFrom)
        } else {
            None
        }
    }

    /// The first value of a side that has the first outcome, or of those that have the second.
    fn value(&self, values: u64, is_first: bool) -> u64 {
        let side = if is_first { values & self.set } else { values & !self.set };
        self.first + u64::from(side.trailing_zeros())
    }
}

#[inline(always)]
const fn lowest(bits: u64) -> u64 {
    bits & bits.wrapping_neg()
}

#[inline(always)]
const fn is_one(bits: u64) -> bool {
    bits == lowest(bits)
}

/// What decides one side of a test of bits: an outcome; the only value that has it; or the value from which on all have
/// it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    First,
    Second,
    OneFirst,
    OneSecond,
    FirstFrom,
    SecondFrom,
}

/// Bits to test, and which of the values from 0 to 63 have one of them.
#[derive(Debug, Clone, Copy)]
struct Mask {
    bits: u32,
    values: u64,
}

/// Every choice of one to three of the low five bits.
static MASKS: [Mask; 25] = masks();

const fn masks() -> [Mask; 25] {
    let mut masks = [Mask { bits: 0, values: 0 }; 25];
    let (mut bits, mut at) = (1_u32, 0);
    while bits < 32 {
        if bits.count_ones() <= 3 {
            masks[at] = mask(bits);
            at += 1;
        }
        bits += 1;
    }
    masks
}

const fn mask(bits: u32) -> Mask {
    let (mut values, mut value) = (0, 0);
    while value < 64 {
        if value & bits != 0 {
            values |= 1 << value;
        }
        value += 1;
    }
    Mask { bits, values }
}

/// The cheapest leaf that tests bits and costs at most `limit`.
fn bits(interval: Interval<'_>, values: &mut Values, limit: u64) -> Option<(u64, Leaf)> {
    let Interval { ranges, weight, price: Price { test: price, .. } } = interval;
    let one_test = weight + price;
    if ranges.len() < 3 || limit < one_test {
        return None;
    }
    let (all, shift) = (values.all, values.first % SPAN);
    let (mut below, mut best) = (limit + 1, None);
    let mut masks = values.masks;
    while masks != 0 {
        let lowest = masks & masks.wrapping_neg();
        masks ^= lowest;
        let mask = &MASKS[lowest.trailing_zeros() as usize];
        let has = mask.values >> shift & all;
        // One test must decide what the mask does not, and the mask must tell anything apart.
        let other = undecided(values, has);
        let Some((other, side)) = other.and_then(|other| Some((other, values.side(other)?))) else {
            values.masks ^= lowest;
            continue;
        };
        let cost = match side {
            _ if has == 0 || has == all => continue,
            Side::First | Side::Second => one_test,
            _ if one_test + price >= below => continue,
            _ => one_test + price + weight_of(ranges, values, other),
        };
        if cost < below {
            below = cost;
            best = Some((cost, Leaf::Bits { bits: mask.bits }));
        }
    }
    best
}

/// The values with none of a mask's bits, or those with one, if the others, `has` among them, all have one outcome.
fn undecided(values: &Values, has: u64) -> Option<u64> {
    let (all, set) = (values.all, values.set);
    let set_has = has & set;
    if set_has == 0 || set_has == has {
        Some(all & !has)
    } else if set_has == set || all & !has & !set == 0 {
        Some(has)
    } else {
        None
    }
}

/// The weight of some of the values; that of a range is spread evenly.
fn weight_of(ranges: &[Range], values: &Values, some: u64) -> u64 {
    let weight = |range: &Range| {
        let counted = (values.bits(range) & some).count_ones();
        range.weight * u64::from(counted) / (range.end - range.start)
    };
    ranges.iter().map(weight).sum()
}

impl Leaf {
    /// The nodes of a leaf that the search chose for these ranges.
    pub(super) fn build(self, nodes: &mut Nodes, word: Word, ranges: &[Range]) -> NodeId {
        match self {
            Self::Singles { rest } => {
                let mut singles: Vec<&Range> = ranges.iter().filter(|range| range.outcome != rest).collect();
                singles.sort_by_key(|range| core::cmp::Reverse(range.weight));
                let singles = singles.into_iter().rev();
                singles.fold(rest, |rest, single| nodes.equal(word, single.start, single.outcome, rest))
            }
            Self::Bits { bits } => {
                let values = Values::new(ranges);
                let has = values.with(&mask(bits));
                let holds = values.build(has, nodes, word);
                let fails = values.build(values.all & !has, nodes, word);
                nodes.branch(word, WordTest::AnyBit { bits }, holds, fails)
            }
        }
    }
}

impl Values {
    /// The nodes of one side of a test of bits.
    fn build(&self, side: u64, nodes: &mut Nodes, word: Word) -> NodeId {
        let [first, second] = self.outcomes;
        match self.side(side) {
            None | Some(Side::First) => first,
            Some(Side::Second) => second,
            Some(Side::OneFirst) => nodes.equal(word, self.value(side, true), first, second),
            Some(Side::OneSecond) => nodes.equal(word, self.value(side, false), second, first),
            Some(Side::FirstFrom) => nodes.at_least(word, self.value(side, true), first, second),
            Some(Side::SecondFrom) => nodes.at_least(word, self.value(side, false), second, first),
        }
    }
}
