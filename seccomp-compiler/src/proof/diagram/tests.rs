//! The one primitive that both sides of the proof share, tested alone against plain evaluation.

use super::{Budget, Diagrams, Id, Leaf, Pieces, Relation};
use crate::engine::program::Word;
use crate::engine::rules::Verdict;
use crate::kernel::call::Call;

const AMPLE: Budget = Budget { nodes: 100_000, steps: 10_000_000 };

fn holds(relation: Relation, word: u32, mask: u32, value: u32) -> bool {
    match relation {
        Relation::Equal => word & mask == value,
        Relation::AtLeast => word & mask >= value,
    }
}

/// The answer to a call, by walking down.
fn evaluate(diagrams: &Diagrams, id: Id, call: &Call) -> Option<Leaf> {
    let mut id = id;
    while diagrams.as_leaf(id).is_none() {
        let node = diagrams.node(id);
        let words = [Word::Arch, Word::Number, Word::PointerHigh, Word::PointerLow];
        let arguments = (0..6).flat_map(|argument| [Word::High(argument), Word::Low(argument)]);
        let word = words.into_iter().chain(arguments).nth((node.bit / 32) as usize)?;
        let set = word.of(call) & 1 << (31 - node.bit % 32) != 0;
        id = if set { node.one } else { node.zero };
    }
    diagrams.as_leaf(id)
}

fn answers(diagrams: &mut Diagrams) -> [Id; 2] {
    [Verdict::Allow, Verdict::Errno(1)]
        .map(|verdict| diagrams.leaf(Leaf::Answer(verdict)).expect("a leaf is within the budget"))
}

/// All words, masks and values of five bits, at the bottom of the word and with a bit at its top.
#[test]
fn the_branch_is_right_for_every_small_word_mask_and_value() {
    for relation in [Relation::Equal, Relation::AtLeast] {
        for (mask, value) in (0..32).flat_map(|mask| (0..32).map(move |value| (mask, value))) {
            for shift in [0, 27] {
                let mut diagrams = Diagrams::new(AMPLE);
                let [yes, no] = answers(&mut diagrams);
                let (mask, value) = (mask << shift, value << shift);
                let function = diagrams.branch(Word::Low(2), mask, relation, value, yes, no).expect("within");
                for word in 0..32_u32 {
                    let word = word << shift;
                    let call = Call { arguments: [0, 0, word.into(), 0, 0, 0], ..Call::default() };
                    let wanted = if holds(relation, word, mask, value) { yes } else { no };
                    assert_eq!(evaluate(&diagrams, function, &call), diagrams.as_leaf(wanted));
                }
            }
        }
    }
}

/// Tests of several words in any order, one above the other: words before and after the one under test, and the
/// same one again.
#[test]
fn stacked_branches_are_right_on_random_words() {
    let mut numbers = oorandom::Rand32::new(1);
    let mut random = || numbers.rand_u32();
    let words = [Word::Number, Word::High(0), Word::Low(0), Word::Low(5)];
    for _ in 0..300 {
        let mut diagrams = Diagrams::new(AMPLE);
        let [yes, no] = answers(&mut diagrams);
        let tests: Vec<(Word, u32, Relation, u32)> = (0..4)
            .map(|_| {
                let mask = if random() % 2 == 0 { u32::MAX } else { random() & random() };
                let relation = if random() % 2 == 0 { Relation::Equal } else { Relation::AtLeast };
                (words[random() as usize % 4], mask, relation, random() & mask)
            })
            .collect();
        let function = tests.iter().fold(no, |rest, (word, mask, relation, value)| {
            diagrams.branch(*word, *mask, *relation, *value, yes, rest).expect("within")
        });
        for _ in 0..40 {
            // A word is near a value of the tests more often than chance would have it.
            let mut near = || tests[random() as usize % 4].3 ^ ((random() % 2) << (random() % 32));
            let double = |near: &mut dyn FnMut() -> u32| u64::from(near()) << 32 | u64::from(near());
            let call = Call {
                number: near(),
                arguments: [double(&mut near), 0, 0, 0, 0, u64::from(near())],
                ..Call::default()
            };
            let wanted = tests
                .iter()
                .any(|(word, mask, relation, value)| holds(*relation, word.of(&call), *mask, *value));
            let got = evaluate(&diagrams, function, &call);
            assert_eq!(got, diagrams.as_leaf(if wanted { yes } else { no }), "{tests:?} {call:x?}");
        }
    }
}

/// Whatever the functions look at: words after the one that is in pieces, that one, and those before.
#[test]
fn pieces_are_right_for_all_functions() {
    let words = [Word::Arch, Word::Number, Word::Low(0)];
    for (first, second) in words.into_iter().flat_map(|first| words.map(|second| (first, second))) {
        let mut diagrams = Diagrams::new(AMPLE);
        let [yes, no] = answers(&mut diagrams);
        let mut branch =
            |word, value| diagrams.branch(word, u32::MAX, Relation::AtLeast, value, yes, no).expect("within");
        let functions = [branch(first, 3), yes, branch(second, 6), no];
        let mut pieces = Pieces::new(functions[0]);
        for (start, function) in [(2, functions[1]), (5, no), (5, functions[2]), (7, functions[3])] {
            pieces.begin(start, function);
        }
        let function = diagrams.pieces(Word::Number, &pieces).expect("within");
        for (arch, number, argument) in
            (0..9).flat_map(|a| (0..9).flat_map(move |b| (0..9).map(move |c| (a, b, c))))
        {
            let call = Call { arch, number, arguments: [argument, 0, 0, 0, 0, 0], ..Call::default() };
            let of = functions[[2, 5, 7].iter().filter(|start| number >= **start).count()];
            assert_eq!(evaluate(&diagrams, function, &call), evaluate(&diagrams, of, &call), "{call:?}");
        }
    }
}

#[test]
fn equal_functions_are_one_node_and_others_have_a_witness() {
    let mut diagrams = Diagrams::new(AMPLE);
    let [yes, no] = answers(&mut diagrams);
    let mut branch = |word, relation, value, yes, no| {
        diagrams.branch(word, u32::MAX, relation, value, yes, no).expect("within")
    };
    let at_least = branch(Word::Number, Relation::AtLeast, 7, yes, no);
    let above = branch(Word::Number, Relation::AtLeast, 8, yes, no);
    let again = branch(Word::Number, Relation::Equal, 7, yes, above);
    assert_eq!(at_least, again);
    assert_eq!(diagrams.witness(at_least, again), None);
    let (call, first, second) = diagrams.witness(at_least, above).expect("they differ on 7");
    assert_eq!(call.number, 7);
    assert_eq!((Some(first), Some(second)), (diagrams.as_leaf(yes), diagrams.as_leaf(no)));
}

#[test]
fn building_ends_at_the_budget() {
    let mut diagrams = Diagrams::new(Budget { nodes: 10, steps: 1000 });
    let [yes, no] = answers(&mut diagrams);
    assert!(diagrams.branch(Word::Number, u32::MAX, Relation::Equal, 7, yes, no).is_err());
}
