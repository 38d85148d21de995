//! The stacks that led to calls, each frame and each stack kept once.

use std::collections::HashMap;

use crate::scan::names;

/// How many frames of a stack are kept, the innermost ones.
pub const MAX_FRAMES: usize = 64;

/// How many different stacks a recording keeps. Further ones are left out, but never a call.
pub const MAX_STACKS: usize = 1 << 16;

/// One frame of a stack. Only the offset is always known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Frame {
    /// The function, demangled.
    pub function: Option<String>,
    /// The source file.
    pub file: Option<String>,
    /// The line in it.
    pub line: Option<u32>,
    /// The program or library that the code is in.
    pub module: Option<String>,
    /// Where in its file.
    pub offset: u64,
    /// The crate of the function, judging by its path.
    pub crate_name: Option<String>,
}

/// The crate of a function, by its symbol as a compiler wrote it; none if that is not of Rust. It is the first that the name
/// has: the crate of the type in `<hyper::Client as Clone>::clone`, and of the trait where the type is a primitive one.
pub fn crate_of(symbol: &str) -> Option<String> {
    names::crate_of(symbol)
}

/// The crate that made the call of a stack: that of the first frame that is of a crate which does not come with rustc.
pub(super) fn owner<'f>(frames: &[&'f Frame]) -> Option<&'f str> {
    let mut crates = frames.iter().filter_map(|frame| frame.crate_name.as_deref());
    crates.find(|name| !names::is_standard(name))
}

/// A call, or a value of its arguments, that was seen for the first time, so that its stack is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "the stack of a new call is to be set"]
pub struct New {
    pub(super) observation: usize,
    pub(super) tuple: [u64; 6],
}

/// Stacks and frames by index.
#[derive(Debug, Clone, Default)]
pub(super) struct Stacks {
    frames: Interner<Frame>,
    stacks: Interner<Vec<u32>>,
}

impl Stacks {
    /// The index of a stack, innermost frame first; `None` if it is empty, or there are too many already.
    pub(super) fn index(&mut self, mut frames: Vec<Frame>) -> Option<u32> {
        frames.truncate(MAX_FRAMES);
        if frames.is_empty() || self.stacks.items.len() >= MAX_STACKS {
            return None;
        }
        let frames = frames.into_iter().map(|frame| self.frames.index(frame)).collect();
        Some(self.stacks.index(frames))
    }

    /// Every frame, and every stack as the indices of its frames.
    pub(super) fn parts(&self) -> (&[Frame], &[Vec<u32>]) {
        (&self.frames.items, &self.stacks.items)
    }

    /// How many stacks there are.
    pub(super) fn len(&self) -> usize {
        self.stacks.items.len()
    }

    /// Every stack, in the order of the indices.
    pub(super) fn all(&self) -> impl Iterator<Item = Vec<&Frame>> {
        (0..self.stacks.items.len()).map(|stack| self.get(u32::try_from(stack).unwrap_or(u32::MAX)))
    }

    pub(super) fn get(&self, stack: u32) -> Vec<&Frame> {
        let frames = self.stacks.items.get(stack as usize).map_or(&[][..], Vec::as_slice);
        frames.iter().filter_map(|frame| self.frames.items.get(*frame as usize)).collect()
    }
}

#[derive(Debug, Clone)]
struct Interner<T> {
    items: Vec<T>,
    indices: HashMap<T, u32>,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Self { items: Vec::new(), indices: HashMap::new() }
    }
}

impl<T: Clone + Eq + core::hash::Hash> Interner<T> {
    fn index(&mut self, item: T) -> u32 {
        if let Some(known) = self.indices.get(&item) {
            return *known;
        }
        // There are at most `MAX_STACKS` stacks with `MAX_FRAMES` frames each.
        let index = u32::try_from(self.items.len()).unwrap_or(u32::MAX);
        self.items.push(item.clone());
        self.indices.insert(item, index);
        index
    }
}
