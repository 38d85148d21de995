//! The rules as a diagram, straight from their definition: the first that matches decides.
//!
//! This is [`RuleSet::decide`] once more, for all calls at once instead of one. A condition is a branch on the words of
//! its argument; the conditions of a rule are laid inside each other, so that its verdict is where all hold and
//! `Undecided` is elsewhere ([`conjunction`]); rules of one number are laid over each other from the last to the first,
//! the default below them all ([`first_match`]); and numbers and audit architectures cut their words into pieces.

use crate::engine::program::Word;
use crate::engine::rules::{AbiRules, ArgCondition, Comparison, LOW, Must, Rule, RuleSet, Verdict};
use crate::proof::diagram::{Diagrams, Id, Leaf, OverBudget, Pieces, Relation};

/// What rules mean.
pub(crate) struct Meaning {
    /// The function of all calls.
    pub(crate) function: Id,
    /// For each audit architecture what becomes of its numbers.
    pub(crate) numbers: Vec<(u32, Pieces)>,
}

pub(crate) fn meaning(diagrams: &mut Diagrams, rules: &RuleSet) -> Result<Meaning, OverBudget> {
    let foreign = diagrams.leaf(Leaf::Answer(rules.foreign))?;
    let mut audits = rules.audits();
    audits.sort_unstable();
    let mut pieces = Pieces::new(foreign);
    let mut all = Vec::new();
    for audit in audits {
        let numbers = numbers(diagrams, rules.under(audit), foreign)?;
        let function = diagrams.pieces(Word::Number, &numbers)?;
        pieces.begin(audit.into(), function);
        pieces.begin(u64::from(audit) + 1, foreign);
        all.push((audit, numbers));
    }
    Ok(Meaning { function: diagrams.pieces(Word::Arch, &pieces)?, numbers: all })
}

/// The numbers of one audit architecture; those that no abi covers are foreign.
fn numbers(diagrams: &mut Diagrams, abis: Vec<&AbiRules>, foreign: Id) -> Result<Pieces, OverBudget> {
    let mut pieces = Pieces::new(foreign);
    for abi in abis {
        let default = diagrams.leaf(Leaf::Answer(abi.default))?;
        pieces.begin((*abi.numbers().start()).into(), default);
        let newer = diagrams.leaf(Leaf::Answer(abi.newer))?;
        let end = abi.architecture.table_end();
        let mut ended = false;
        for rules in abi.by_number().chunk_by(|a, b| a.number == b.number) {
            let number = rules[0].number;
            if number >= end && !ended {
                pieces.begin(end.into(), newer);
                ended = true;
            }
            let otherwise = if ended { newer } else { default };
            pieces.begin(number.into(), first_match(diagrams, rules, otherwise)?);
            pieces.begin(u64::from(number) + 1, otherwise);
        }
        if !ended {
            pieces.begin(end.into(), newer);
        }
        pieces.begin(u64::from(*abi.numbers().end()) + 1, foreign);
    }
    Ok(pieces)
}

/// What becomes of the calls of one number. Answers that `tell` maps to the same verdict are not told apart.
pub(crate) fn outcome(
    diagrams: &mut Diagrams,
    abi: &AbiRules,
    number: u32,
    tell: impl Fn(Verdict) -> Verdict,
) -> Result<Id, OverBudget> {
    let rules = abi.of_number(number);
    let rules: Vec<Rule> = rules.map(|rule| Rule { verdict: tell(rule.verdict), ..rule.clone() }).collect();
    let default = diagrams.leaf(Leaf::Answer(tell(abi.otherwise(number))))?;
    first_match(diagrams, &rules.iter().collect::<Vec<_>>(), default)
}

fn first_match(diagrams: &mut Diagrams, rules: &[&Rule], default: Id) -> Result<Id, OverBudget> {
    let mut outcome = default;
    for rule in rules.iter().rev() {
        if rule.conditions.is_empty() {
            outcome = diagrams.leaf(Leaf::Answer(rule.verdict))?;
            continue;
        }
        let matched = conjunction(diagrams, rule)?;
        outcome = diagrams.or_else(matched, outcome)?;
    }
    Ok(outcome)
}

/// The rule's verdict where all its tests hold; undecided elsewhere.
pub(crate) fn conjunction(diagrams: &mut Diagrams, rule: &Rule) -> Result<Id, OverBudget> {
    let undecided = diagrams.leaf(Leaf::Undecided)?;
    let mut matched = diagrams.leaf(Leaf::Answer(rule.verdict))?;
    for test in rule.conditions.iter().rev() {
        let (yes, no) = match test.must {
            Must::Hold => (matched, undecided),
            Must::Fail => (undecided, matched),
        };
        matched = argument(diagrams, test, yes, no)?;
    }
    Ok(matched)
}

/// `yes` where the comparison holds on the 64 bits of the argument.
fn argument(diagrams: &mut Diagrams, test: &ArgCondition, yes: Id, no: Id) -> Result<Id, OverBudget> {
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
