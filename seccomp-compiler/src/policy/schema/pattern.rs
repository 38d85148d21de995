//! Patterns for strings, in what all engines of regular expressions have.

use std::collections::BTreeMap;

/// An integer without its sign.
pub(super) const NUMBER: &str = "(0[xX][0-9a-fA-F]+(_[0-9a-fA-F]+)*|0[oO][0-7]+(_[0-7]+)*|0[bB][01]+(_[01]+)*|\
     [1-9][0-9]*(_[0-9]+)*|0)";

/// A name in any letter case.
pub(super) fn in_any_case(name: &str) -> String {
    let letter = |c: char| match c.is_ascii_alphabetic() {
        true => format!("[{}{}]", c.to_ascii_uppercase(), c.to_ascii_lowercase()),
        false => c.to_string(),
    };
    name.chars().map(letter).collect()
}

/// One of these names. What several begin with is written once: a list of all constants would be twice as long.
pub(super) fn one_of<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut root = Node::default();
    for name in names {
        let mut node = &mut root;
        for letter in name.chars() {
            node = node.next.entry(letter).or_default();
        }
        node.ends = true;
    }
    root.pattern()
}

/// What may follow the beginning of a name.
#[derive(Default)]
struct Node {
    ends: bool,
    next: BTreeMap<char, Self>,
}

impl Node {
    fn pattern(&self) -> String {
        let branches: Vec<String> =
            self.next.iter().map(|(letter, node)| format!("{letter}{}", node.pattern())).collect();
        match (&branches[..], self.ends) {
            ([], _) => String::new(),
            ([only], false) => only.clone(),
            (_, false) => format!("({})", branches.join("|")),
            (_, true) => format!("({})?", branches.join("|")),
        }
    }
}
