//! The straight runs of a function, and which may follow each.

use std::collections::{BTreeSet, HashSet};

use super::machine::{Step, Target};

/// A straight run of steps: where it begins, where it ends, and which may follow.
pub(super) struct Block {
    pub(super) steps: core::ops::Range<usize>,
    pub(super) next: Vec<usize>,
}

/// The blocks in the order of their addresses.
pub(super) fn blocks(steps: &[(u64, Step)], (start, end): (u64, u64), entered: &HashSet<u64>) -> Vec<Block> {
    let mut leaders: BTreeSet<u64> = entered_in(steps, entered);
    let inside = |target: u64| (start..end).contains(&target);
    for (index, (_, step)) in steps.iter().enumerate() {
        match step {
            Step::Branch(target) | Step::Jump(Target::Address(target)) if inside(*target) => {
                leaders.insert(*target);
            }
            _ => {}
        }
        if matches!(step, Step::Branch(_) | Step::Jump(_) | Step::Return | Step::Stop) {
            leaders.extend(steps.get(index + 1).map(|(address, _)| *address));
        }
    }
    let first = |address: u64| steps.partition_point(|(at, _)| *at < address);
    // A jump into the middle of an instruction leads to the next one.
    let mut starts: Vec<usize> = leaders.iter().map(|address| first(*address)).collect();
    starts.push(0);
    starts.sort_unstable();
    starts.dedup();
    starts.retain(|start| *start < steps.len());
    let mut blocks = Vec::with_capacity(starts.len());
    for (index, start) in starts.iter().enumerate() {
        let end = starts.get(index + 1).copied().unwrap_or(steps.len());
        let of = |target: u64| starts.partition_point(|start| *start < first(target));
        let mut next = Vec::new();
        let last = steps[end - 1].1;
        match last {
            Step::Branch(target) | Step::Jump(Target::Address(target)) if inside(target) => {
                next.push(of(target))
            }
            _ => {}
        }
        if !matches!(last, Step::Jump(_) | Step::Return | Step::Stop) {
            next.push(index + 1);
        }
        next.retain(|block| *block < starts.len());
        blocks.push(Block { steps: *start..end, next });
    }
    blocks
}

fn entered_in(steps: &[(u64, Step)], entered: &HashSet<u64>) -> BTreeSet<u64> {
    steps.iter().map(|(address, _)| *address).filter(|address| entered.contains(address)).collect()
}
