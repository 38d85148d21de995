//! Tables of records with a name and a function each, such as commands with what carries them out.

use super::elf::Object;
use super::machine::Pointer;

/// What a word of a record holds when the program starts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Name,
    Function,
    Other,
    Nothing,
}

/// The largest record that is recognized.
const MOST_BYTES: u64 = 128;

/// Whether what begins here is the next record of a table, not an object of its own: code may have a pointer to it, to
/// tell this record from others.
pub(super) fn goes_on(object: &Object, at: u64) -> bool {
    (16..=MOST_BYTES).step_by(8).any(|size| {
        let words = (0..size).step_by(8).map(|offset| {
            let before = at.saturating_sub(size).saturating_add(offset);
            (word(object, before), word(object, at.saturating_add(offset)))
        });
        are_alike(words)
    })
}

fn are_alike(words: impl Iterator<Item = (Word, Word)>) -> bool {
    let (mut has_name, mut has_function) = (false, false);
    for pair in words {
        match pair {
            (Word::Name, Word::Name) => has_name = true,
            // One of them may be null.
            (Word::Function, Word::Function | Word::Nothing) | (Word::Nothing, Word::Function) => {
                has_function = true;
            }
            (one, other) if one == other => {}
            (Word::Nothing, _) | (_, Word::Nothing) => {}
            _ => return false,
        }
    }
    has_name && has_function
}

fn word(object: &Object, address: u64) -> Word {
    match object.pointers.get(&address) {
        None => Word::Nothing,
        Some(Pointer::Address(target)) if object.memory.is_code(*target) => Word::Function,
        Some(Pointer::Address(target)) => match object.memory.text(*target) {
            Some(text) if !text.is_empty() && !text.contains(char::is_control) => Word::Name,
            _ => Word::Other,
        },
        Some(Pointer::Symbol(..) | Pointer::Chosen(_)) => Word::Function,
    }
}
