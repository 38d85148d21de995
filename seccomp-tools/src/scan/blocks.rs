//! The straight runs of a function, and which may follow each.

use core::ops::Range;
use std::collections::{BTreeSet, HashSet};

use super::machine::{Step, Target};

/// A straight run of steps: where it begins, where it ends, and which may follow.
pub(super) struct Block {
    pub(super) steps: Range<usize>,
    pub(super) next: Vec<usize>,
}

/// The blocks in the order of their addresses; `own` are those of the function, and others jump to those `entered`.
pub(super) fn blocks(steps: &[(u64, Step)], own: Range<u64>, entered: &HashSet<u64>) -> Vec<Block> {
    let starts = starts(steps, &own, entered);
    let ends = starts.iter().skip(1).copied().chain([steps.len()]);
    let ranges = starts.iter().copied().zip(ends).enumerate();
    let blocks = ranges.map(|(index, (start, end))| {
        let last = steps[end - 1].1;
        let jump = target(last, &own).map(|target| {
            let first = first_at(steps, target);
            starts.partition_point(|start| *start < first)
        });
        let following = last.goes_on().then_some(index + 1);
        let next = [jump, following].into_iter().flatten().filter(|block| *block < starts.len());
        Block { steps: start..end, next: next.collect() }
    });
    blocks.collect()
}

/// The steps with which blocks begin.
fn starts(steps: &[(u64, Step)], own: &Range<u64>, entered: &HashSet<u64>) -> Vec<usize> {
    let mut starts = BTreeSet::from([0]);
    for (index, (address, step)) in steps.iter().enumerate() {
        if entered.contains(address) {
            starts.insert(first_at(steps, *address));
        }
        starts.extend(target(*step, own).map(|target| first_at(steps, target)));
        if !step.goes_on() || matches!(step, Step::Branch(_)) {
            starts.extend(steps.get(index + 1).map(|(next, _)| first_at(steps, *next)));
        }
    }
    starts.into_iter().filter(|start| *start < steps.len()).collect()
}

/// Where a step jumps to within the function.
fn target(step: Step, own: &Range<u64>) -> Option<u64> {
    match step {
        Step::Branch(target) | Step::Jump(Target::Address(target)) => {
            Some(target).filter(|it| own.contains(it))
        }
        _ => None,
    }
}

/// The first step at an address. A jump into the middle of an instruction leads to the next one.
fn first_at(steps: &[(u64, Step)], address: u64) -> usize {
    steps.partition_point(|(at, _)| *at < address)
}
