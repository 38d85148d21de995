//! How little a program can execute that is no longer than another: over all programs that differ from ours in the tests
//! of the number alone. Those are trees of `>=` tests, and of `=` tests of numbers that stand alone or in twos, in any
//! order; or, where `>=` tests leave numbers that span 32 at most, one test of some of the low five bits, and one test
//! more on either side.
//!
//! What is found is exact or too low, never too high: so none of these programs executes less.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use seccomp_compiler::{Call, Program, RuleSet, Word, opcode};

use crate::metrics::{Metrics, WEIGHTS};

/// Numbers that our program treats alike.
#[derive(Debug, Clone, Copy)]
struct Run {
    start: u64,
    end: u64,
    outcome: u64,
    weight: u64,
}

/// Where our program sends a number, and its tests on the way there.
struct Way {
    outcome: u64,
    tests: Vec<usize>,
}

/// The least that trees with up to so many tests execute, by the number of tests.
type Costs = Rc<[u64]>;

const NEVER: u64 = u64::MAX;
/// A number that the arguments do not decide weighs no more.
const LIGHT: u64 = WEIGHTS[1] as u64;
/// How many runs fit in a set.
const RUNS: usize = 128;

/// No such program that has `length` instructions at most executes less on the weighted mean; none if there is no such
/// program, and 0 where there are too many numbers to say.
pub(crate) fn least(
    program: &Program,
    rules: &RuleSet,
    weights: &BTreeMap<u32, u64>,
    ours: &Metrics,
    length: usize,
) -> Option<f64> {
    let arch = rules.abis[0].architecture.audit();
    let way = |number| way(program, &Call { arch, number, ..Call::default() });
    let all: u64 = weights.values().sum();
    let tested: u64 = weights.iter().map(|(number, weight)| weight * way(*number).tests.len() as u64).sum();
    let starts = starts(rules);
    let tests: BTreeSet<usize> = starts.iter().flat_map(|start| way(*start).tests).collect();
    let runs = runs(&starts, weights, |number| way(number).outcome);
    if runs.len() > RUNS {
        return Some(0.0);
    }
    let most = (length + tests.len()).checked_sub(ours.length)?;
    let costs = Search { runs: &runs, weights, most, known: HashMap::new() }.whole();
    let least = costs[most];
    (least != NEVER).then(|| ours.weighted.mean() + (least as f64 - tested as f64) / all as f64)
}

fn way(program: &Program, call: &Call) -> Way {
    let (mut at, mut tests, mut word) = (0, Vec::new(), Word::Arch);
    while let Some(instruction) = program.instructions.get(at) {
        let k = instruction.k;
        let value = if word == Word::Number { call.number } else { call.arch };
        let holds = match instruction.code {
            opcode::LOAD => match Word::at(k, program.endian) {
                Some(loaded @ (Word::Arch | Word::Number)) => {
                    (word, at) = (loaded, at + 1);
                    continue;
                }
                _ => break,
            },
            opcode::JUMP => {
                at += 1 + k as usize;
                continue;
            }
            opcode::JUMP_EQUAL => value == k,
            opcode::JUMP_AT_LEAST => value >= k,
            opcode::JUMP_ANY_BIT => value & k != 0,
            opcode::RETURN => return Way { outcome: u64::from(k) << 32, tests },
            _ => break,
        };
        if word == Word::Number {
            tests.push(at);
        }
        at += 1 + usize::from(if holds { instruction.jt } else { instruction.jf });
    }
    Way { outcome: at as u64, tests }
}

/// Every number of a table or a rule, and where others begin.
fn starts(rules: &RuleSet) -> Vec<u32> {
    let mut starts = vec![0];
    for abi in &rules.abis {
        let ruled = abi.rules.iter().map(|rule| rule.number);
        let known = abi.architecture.table().chain(ruled).chain([*abi.numbers().end()]);
        starts.extend(known.flat_map(|number| [number, number.saturating_add(1)]));
        starts.push(*abi.numbers().start());
    }
    starts.sort_unstable();
    starts.dedup();
    starts
}

fn runs(starts: &[u32], weights: &BTreeMap<u32, u64>, outcome: impl Fn(u32) -> u64) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (at, start) in starts.iter().enumerate() {
        let end = starts.get(at + 1).map_or(1 << 32, |end| u64::from(*end));
        let weight = weights.get(start).copied().unwrap_or_default();
        let run = Run { start: u64::from(*start), end, outcome: outcome(*start), weight };
        match runs.last_mut() {
            Some(last) if last.outcome == run.outcome => {
                last.end = end;
                last.weight += weight;
            }
            _ => runs.push(run),
        }
    }
    // Two numbers take no more `=` tests than `>=` tests.
    let apart = |run: Run| match run.end - run.start {
        2 => (run.start..run.end)
            .map(|start| Run { start, end: start + 1, weight: weight_of(weights, start), ..run })
            .collect(),
        _ => vec![run],
    };
    runs.into_iter().flat_map(apart).collect()
}

fn weight_of(weights: &BTreeMap<u32, u64>, number: u64) -> u64 {
    u32::try_from(number).ok().and_then(|number| weights.get(&number)).copied().unwrap_or_default()
}

impl Run {
    const fn is_single(&self) -> bool {
        self.end - self.start == 1
    }
}

/// Which runs are left: those from one to before another but for a set; and the number that was tested last, if nothing
/// but `=` tests came since.
type Left = (usize, usize, u128, Option<usize>);

struct Search<'a> {
    runs: &'a [Run],
    weights: &'a BTreeMap<u32, u64>,
    /// Trees of more tests do not matter.
    most: usize,
    known: HashMap<Left, Costs>,
}

impl Search<'_> {
    fn whole(&mut self) -> Costs {
        self.costs((0, self.runs.len(), 0, None))
    }

    fn costs(&mut self, (mut from, mut to, mut without, last): Left) -> Costs {
        while without >> from & 1 == 1 {
            from += 1;
        }
        while without >> (to - 1) & 1 == 1 {
            to -= 1;
        }
        without &= (u128::MAX >> (RUNS - (to - from))) << from;
        let left = (from, to, without, last);
        if let Some(known) = self.known.get(&left) {
            return Rc::clone(known);
        }
        let runs: Vec<usize> = (from..to).filter(|at| without >> at & 1 == 0).collect();
        let mut costs = vec![NEVER; self.most + 1];
        if runs.iter().all(|at| self.runs[*at].outcome == self.runs[from].outcome) {
            costs[0] = 0;
        } else {
            self.chains(&runs, &mut costs);
            self.bits(&runs, &mut costs);
            self.splits(left, &runs, &mut costs);
            self.singles(left, &runs, &mut costs);
        }
        for tests in 1..costs.len() {
            costs[tests] = costs[tests].min(costs[tests - 1]);
        }
        let costs: Costs = costs.into();
        self.known.insert(left, Rc::clone(&costs));
        costs
    }

    fn weight(&self, runs: &[usize]) -> u64 {
        runs.iter().map(|at| self.runs[*at].weight).sum()
    }

    /// A chain of `=` tests, the heaviest first, that leaves one outcome.
    fn chains(&self, left: &[usize], costs: &mut [u64]) {
        for rest in left.iter().map(|at| self.runs[*at].outcome).collect::<BTreeSet<_>>() {
            let runs = || left.iter().map(|at| &self.runs[*at]).filter(|run| run.outcome != rest);
            if runs().any(|run| !run.is_single()) {
                continue;
            }
            let mut weights: Vec<u64> = runs().map(|run| run.weight).collect();
            weights.sort_unstable_by_key(|weight| core::cmp::Reverse(*weight));
            let (mut weight, mut cost) = (self.weight(left), 0);
            for found in &weights {
                cost += weight;
                weight -= found;
            }
            cheaper(costs, weights.len(), cost);
        }
    }

    /// A test of bits, with one test more on either side.
    fn bits(&self, left: &[usize], costs: &mut [u64]) {
        let (first, last) = (self.runs[left[0]], self.runs[left[left.len() - 1]]);
        if last.end - first.start > 32 {
            return;
        }
        let numbers = |run: Run| (run.start..run.end).map(move |number| (number, run.outcome));
        let numbers: Vec<_> = left.iter().flat_map(|at| numbers(self.runs[*at])).collect();
        let weight =
            |side: &[(u64, u64)]| side.iter().map(|(number, _)| weight_of(self.weights, *number)).sum();
        for bits in 1..32 {
            let (has, lacks): (Vec<_>, Vec<_>) = numbers.iter().partition(|(number, _)| number & bits != 0);
            let (Some(in_has), Some(in_lacks)) = (tests(&has), tests(&lacks)) else { continue };
            let of = |tests, side: &[(u64, u64)]| if tests == 0 { 0 } else { weight(side) };
            cheaper(costs, 1 + in_has + in_lacks, weight(&numbers) + of(in_has, &has) + of(in_lacks, &lacks));
        }
    }

    /// A `>=` test. One that comes after an `=` test might as well come before it, at no more cost, unless the number
    /// that was tested weighs more than the side that it is not on. And where that side is light, both orders are left
    /// out: its own weight is all that the test is taken to cost.
    fn splits(&mut self, (from, to, without, last): Left, left: &[usize], costs: &mut [u64]) {
        let weight = self.weight(left);
        for at in 1..left.len() {
            let (below, above) = left.split_at(at);
            let (low, high) = (self.weight(below), self.weight(above));
            if let Some(last) = last {
                let other = if last < above[0] { high } else { low };
                if other < LIGHT || self.runs[last].weight <= other {
                    continue;
                }
            }
            let light = low.min(high);
            let test = if light < LIGHT { light } else { weight };
            let (below, above) =
                (self.costs((from, above[0], without, None)), self.costs((above[0], to, without, None)));
            for (few, below) in steps(&below) {
                for (more, above) in steps(&above) {
                    cheaper(costs, 1 + few + more, test + below + above);
                }
            }
        }
    }

    /// An `=` test with more than `=` tests after it, which only a number that is not light is worth.
    fn singles(&mut self, (from, to, without, last): Left, left: &[usize], costs: &mut [u64]) {
        let weight = self.weight(left);
        let of = |at: usize| (self.runs[at].weight, at);
        for at in left.iter().copied() {
            let run = self.runs[at];
            if run.is_single() && run.weight > LIGHT && last.is_none_or(|last| of(at) < of(last)) {
                let rest = self.costs((from, to, without | 1 << at, Some(at)));
                steps(&rest).for_each(|(tests, cost)| cheaper(costs, 1 + tests, weight + cost));
            }
        }
    }
}

fn cheaper(costs: &mut [u64], tests: usize, cost: u64) {
    if let Some(known) = costs.get_mut(tests) {
        *known = cost.min(*known);
    }
}

/// The numbers of tests that cost less than one test fewer.
fn steps(costs: &[u64]) -> impl Iterator<Item = (usize, u64)> {
    let before = |tests: usize| if tests == 0 { NEVER } else { costs[tests - 1] };
    costs.iter().copied().enumerate().filter(move |(tests, cost)| *cost < before(*tests))
}

/// How many tests part numbers of some outcomes, if one at most.
fn tests(numbers: &[(u64, u64)]) -> Option<usize> {
    let changes = |numbers: &[(u64, u64)]| numbers.windows(2).filter(|two| two[0].1 != two[1].1).count();
    let without = |at| [&numbers[..at], &numbers[at + 1..]].concat();
    match changes(numbers) {
        few @ (0 | 1) => Some(few),
        _ => (0..numbers.len()).any(|at| changes(&without(at)) == 0).then_some(1),
    }
}
