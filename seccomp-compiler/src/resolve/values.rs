//! Values at the width of an argument, and operations as comparisons.

use crate::engine::rules::Must::{Fail, Hold};
use crate::engine::rules::{ArgCondition, Comparison};
use crate::kernel::architecture::{Architecture, Width};
use crate::kernel::tables::Constant;
use crate::policy::Operation;

/// A constant's value, negative where it is a negative `int`.
pub(super) fn signed(constant: Constant, architecture: &Architecture) -> Option<i128> {
    let value = i128::from(constant.value(architecture.table)?);
    Some(if constant.is_negative(architecture.table) { value - (1 << 32) } else { value })
}

/// A value at a width, negative numbers as two's complement; `None` if it does not fit.
pub(super) fn fit(value: i128, width: Width) -> Option<u64> {
    if width.bits() == 0 {
        return (value == 0).then_some(0);
    }
    let range = -(1_i128 << (width.bits() - 1))..=i128::from(width.mask());
    let in_range = range.contains(&value);
    in_range.then(|| value.rem_euclid(1 << width.bits())).and_then(|bits| u64::try_from(bits).ok())
}

/// A condition whose value is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lowered {
    Test(ArgCondition),
    Always,
    Never,
}

/// An operation on some bits of an argument as one of the two comparisons, or as a constant.
pub(super) fn lower(argument: u8, operation: Operation, all: u64, value: u64, mask: u64) -> Lowered {
    let (value, mask) = (value & all, mask & all);
    let test = |mask, comparison, value, must| {
        Lowered::Test(ArgCondition { argument, mask, comparison, value, must })
    };
    let equal = |mask, value, must| match (mask, must) {
        (0, Hold) => Lowered::Always,
        (0, Fail) => Lowered::Never,
        _ => test(mask, Comparison::Equal, value, must),
    };
    let at_least = |value: Option<u64>, must| match (value.and_then(|value| round_up(value, all)), must) {
        (Some(0), Hold) | (None, Fail) => Lowered::Always,
        (Some(0), Fail) | (None, Hold) => Lowered::Never,
        (Some(value), _) => test(all, Comparison::AtLeast, value, must),
    };
    match operation {
        Operation::Equal => equal(all, value, Hold),
        Operation::NotEqual => equal(all, value, Fail),
        Operation::GreaterOrEqual => at_least(Some(value), Hold),
        Operation::LessThan => at_least(Some(value), Fail),
        Operation::GreaterThan => at_least(value.checked_add(1), Hold),
        Operation::LessOrEqual => at_least(value.checked_add(1), Fail),
        Operation::BitsSet => equal(value, 0, Fail),
        Operation::BitsNotSet => equal(value, 0, Hold),
        Operation::MaskedEqual => equal(mask, value, Hold),
    }
}

/// The least value from this one on that has no bit outside the mask.
fn round_up(mut value: u64, mask: u64) -> Option<u64> {
    while let Some(highest) = (value & !mask).checked_ilog2() {
        value = (value >> highest).checked_add(1)?.checked_shl(highest).filter(|raised| *raised != 0)?;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::{Lowered, fit, lower};
    use crate::kernel::architecture::Width;
    use crate::policy::Operation;

    /// The meaning of the operations, straight from the language's definition.
    fn means(operation: Operation, a: u64, v: u64, mask: u64) -> bool {
        match operation {
            Operation::Equal => a == v,
            Operation::NotEqual => a != v,
            Operation::GreaterThan => a > v,
            Operation::LessThan => a < v,
            Operation::GreaterOrEqual => a >= v,
            Operation::LessOrEqual => a <= v,
            Operation::BitsSet => a & v != 0,
            Operation::BitsNotSet => a & v == 0,
            Operation::MaskedEqual => a & mask == v,
        }
    }

    #[test]
    fn lowering_keeps_the_meaning_of_every_operation() {
        for all in [9, 12, 16, 32, 64].map(|bits| u64::MAX >> (64 - bits)).into_iter().chain([0xffff_feff]) {
            let edges = [0, 1, 2, 3, 0x7fff, 0x8000, 0xffff, 0x8000_0000, 0xffff_ffff, 1 << 32, 1 << 63];
            let edges: Vec<u64> =
                edges.iter().flat_map(|n: &u64| [*n, n.wrapping_sub(1), n.wrapping_add(1), !n]).collect();
            for operation in Operation::ALL.iter().copied() {
                for (value, mask) in edges.iter().flat_map(|v| [(v & all, all), (v & all & 0xf0, 0xf0)]) {
                    let lowered = lower(0, operation, all, value, mask);
                    for a in &edges {
                        let got = match lowered {
                            Lowered::Test(test) => test.holds(&[*a, 0, 0, 0, 0, 0]),
                            Lowered::Always => true,
                            Lowered::Never => false,
                        };
                        let wanted = means(operation, a & all, value, mask);
                        assert_eq!(got, wanted, "{operation:?} {all:#x} {a:#x} {value:#x} {mask:#x}");
                    }
                }
            }
        }
    }

    #[test]
    fn negative_numbers_take_the_width_of_their_argument() {
        assert_eq!(fit(-1, Width::BITS_16), Some(0xffff));
        assert_eq!(fit(-1, Width::BITS_64), Some(u64::MAX));
        assert_eq!(fit(-100, Width::BITS_32), Some(0xffff_ff9c));
        assert_eq!(fit(-32769, Width::BITS_16), None);
        assert_eq!(fit(0x1_0000, Width::BITS_16), None);
        assert_eq!(fit(u64::MAX.into(), Width::BITS_64), Some(u64::MAX));
    }
}
