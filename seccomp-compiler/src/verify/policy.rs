//! The rules as a diagram, straight from their definition: the first that matches decides.

use crate::diagram::{Diagrams, Id, Leaf, OverBudget, Relation};
use crate::program::Word;
use crate::rules::{ArgTest, Comparison, LOW, Rule, RuleSet, Space};

pub(super) fn diagram(diagrams: &mut Diagrams, rules: &RuleSet) -> Result<Id, OverBudget> {
    let foreign = diagrams.leaf(Leaf::Answer(rules.foreign))?;
    let mut audits = rules.audits();
    audits.sort_unstable();
    let mut pieces = Pieces::new(foreign);
    for audit in audits {
        let numbers = numbers(diagrams, rules.under(audit), foreign)?;
        pieces.begin(audit.into(), numbers);
        pieces.begin(u64::from(audit) + 1, foreign);
    }
    diagrams.pieces(Word::Arch, &pieces.pieces)
}

/// The numbers of one audit value; those that no space covers are foreign.
fn numbers(diagrams: &mut Diagrams, spaces: Vec<&Space>, foreign: Id) -> Result<Id, OverBudget> {
    let mut pieces = Pieces::new(foreign);
    for space in spaces {
        let default = diagrams.leaf(Leaf::Answer(space.default))?;
        pieces.begin((*space.numbers().start()).into(), default);
        let rules = space.by_number();
        let newer = diagrams.leaf(Leaf::Answer(space.newer))?;
        let end = u64::from(space.architecture.table_end());
        let mut ended = false;
        let mut rules = &rules[..];
        while let Some(first) = rules.first() {
            let number = u64::from(first.number);
            if number >= end && !ended {
                pieces.begin(end, newer);
                ended = true;
            }
            let (here, next) = if ended { (newer, newer) } else { (default, default) };
            let mut count = 1;
            while count < rules.len() && rules[count].number == first.number {
                count += 1;
            }
            let outcome = first_match(diagrams, &rules[..count], here)?;
            pieces.begin(number, outcome);
            pieces.begin(number + 1, next);
            rules = &rules[count..];
        }
        if !ended {
            pieces.begin(end, newer);
        }
        pieces.begin(u64::from(*space.numbers().end()) + 1, foreign);
    }
    diagrams.pieces(Word::Number, &pieces.pieces)
}

/// The values of a word from 0 on, as pieces of one function each.
struct Pieces {
    pieces: Vec<(u64, Id)>,
}

impl Pieces {
    fn new(function: Id) -> Self {
        Self { pieces: vec![(0, function)] }
    }

    /// From here on the function is another; of several with one start, the last said is meant. Words end before 2^32.
    fn begin(&mut self, start: u64, function: Id) {
        if start > u32::MAX.into() {
            return;
        }
        if let Some((last, _)) = self.pieces.last()
            && *last == start
        {
            self.pieces.pop();
        }
        match self.pieces.last() {
            Some((_, before)) if *before == function => {}
            _ => self.pieces.push((start, function)),
        }
    }
}

/// What becomes of the calls of one number.
pub(super) fn outcome(diagrams: &mut Diagrams, space: &Space, number: u32) -> Result<Id, OverBudget> {
    let rules: Vec<&Rule> = space.rules.iter().filter(|rule| rule.number == number).collect();
    let default = diagrams.leaf(Leaf::Answer(space.otherwise(number)))?;
    first_match(diagrams, &rules, default)
}

fn first_match(diagrams: &mut Diagrams, rules: &[&Rule], default: Id) -> Result<Id, OverBudget> {
    let mut outcome = default;
    for rule in rules.iter().rev() {
        if rule.tests.is_empty() {
            outcome = diagrams.leaf(Leaf::Answer(rule.verdict))?;
            continue;
        }
        let matched = conjunction(diagrams, rule)?;
        outcome = diagrams.or_else(matched, outcome)?;
    }
    Ok(outcome)
}

/// The rule's verdict where all its tests hold; undecided elsewhere.
pub(super) fn conjunction(diagrams: &mut Diagrams, rule: &Rule) -> Result<Id, OverBudget> {
    let undecided = diagrams.leaf(Leaf::Undecided)?;
    let mut matched = diagrams.leaf(Leaf::Answer(rule.verdict))?;
    for test in rule.tests.iter().rev() {
        let (yes, no) = if test.expected { (matched, undecided) } else { (undecided, matched) };
        matched = argument(diagrams, test, yes, no)?;
    }
    Ok(matched)
}

/// `yes` where the comparison holds on the 64 bits of the argument.
fn argument(diagrams: &mut Diagrams, test: &ArgTest, yes: Id, no: Id) -> Result<Id, OverBudget> {
    let (high, low) = (Word::High(test.argument), Word::Low(test.argument));
    let (high_mask, low_mask) = ((test.mask >> 32) as u32, (test.mask & LOW) as u32);
    let (high_value, low_value) = ((test.value >> 32) as u32, (test.value & LOW) as u32);
    let relation = match test.comparison {
        Comparison::Equal => Relation::Equal,
        Comparison::AtLeast => Relation::AtLeast,
    };
    let rest = diagrams.branch(low, low_mask, relation, low_value, yes, no)?;
    let above = match (test.comparison, high_value.checked_add(1)) {
        (Comparison::AtLeast, Some(above)) => {
            diagrams.branch(high, high_mask, Relation::AtLeast, above, yes, no)?
        }
        _ => no,
    };
    diagrams.branch(high, high_mask, Relation::Equal, high_value, rest, above)
}
