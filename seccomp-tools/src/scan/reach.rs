//! Which functions a program can reach: those that are called, and those to which a pointer is taken.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use super::elf::Object;
use super::function::summarize;
use super::machine::Pointer;
use super::names;
use super::summary::{Reference, Summary};
use super::survey::Survey;
use super::tables;
use super::value::{Known, Map, Value, Values};

/// A function, by the numbers of its object and of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Function {
    pub(super) object: usize,
    pub(super) index: usize,
}

/// Functions of a C library that only undo what another one did, with the other one: if that is never called, they do
/// nothing. At the end of every thread, glibc takes back the thread's RPC services, and would seem to use sockets.
const UNDOING: [(&str, &str); 1] = [("svc_unregister", "svc_register")];

/// What a program can reach.
pub(super) struct Reach<'a> {
    pub(super) objects: &'a [Object],
    pub(super) values: Values,
    pub(super) summaries: Map<Function, Summary>,
    /// The function through which each one is reached first; none for those with which the program begins.
    pub(super) parents: Map<Function, Option<Function>>,
    /// The functions to which there are pointers: whoever has one may call it with any arguments.
    pub(super) taken: HashSet<Function>,
    /// Which functions call each, with the number of the call.
    pub(super) callers: Map<Function, Vec<(Function, usize)>>,
    /// The calls that load code or look it up by name, where the name is not a constant: the function that makes the
    /// call, and the one that is called.
    pub(super) lookups: BTreeSet<(Function, String)>,
    /// What is known of each object beforehand.
    surveys: HashMap<usize, Survey>,
    definitions: HashMap<String, Vec<(usize, u64)>>,
    data: HashSet<(usize, u64)>,
    pending: VecDeque<Function>,
    /// Functions that are called, but have nothing to undo so far: with the caller, and the function that would change
    /// that.
    waiting: Vec<(Function, Option<Function>, Function)>,
}

/// Follows a program from where it begins; `also` are the objects whose exports may all be called.
pub(super) fn reach<'a>(objects: &'a [Object], also: &[usize]) -> Reach<'a> {
    let mut reach = Reach {
        objects,
        values: Values::new(),
        summaries: Map::default(),
        parents: Map::default(),
        taken: HashSet::new(),
        callers: Map::default(),
        lookups: BTreeSet::new(),
        surveys: HashMap::new(),
        definitions: HashMap::new(),
        data: HashSet::new(),
        pending: VecDeque::new(),
        waiting: Vec::new(),
    };
    reach.begin(also);
    while !reach.pending.is_empty() {
        while let Some(function) = reach.pending.pop_front() {
            reach.follow(function);
        }
        reach.look_up_all();
        reach.wake();
    }
    reach
}

impl Reach<'_> {
    /// Where the program begins: its entry, and what the loader calls in each object.
    fn begin(&mut self, also: &[usize]) {
        self.code(0, self.objects[0].entry, None);
        for object in 0..self.objects.len() {
            for hook in &self.objects[object].loading.hooks {
                self.code(object, *hook, None);
            }
            for (start, end) in &self.objects[object].loading.hook_arrays {
                self.slots(object, *start, end.saturating_sub(*start), None);
            }
        }
        for object in also {
            for symbol in &self.objects[*object].symbols.dynamic {
                if symbol.is_defined {
                    self.pointer(*object, symbol.address, None);
                }
            }
        }
    }

    fn follow(&mut self, function: Function) {
        let Function { object, index } = function;
        let file = &self.objects[object];
        let survey = self.surveys.entry(object).or_insert_with(|| Survey::of(file));
        let summary = summarize(file, index, survey, &mut self.values);
        for (number, call) in summary.calls.iter().enumerate() {
            for callee in self.callees(object, call.target) {
                self.callers.entry(callee).or_default().push((function, number));
                self.found(callee, Some(function));
            }
        }
        for reference in &summary.references {
            match *reference {
                Reference::Whole(known) => {
                    for (object, address) in self.addresses(object, known) {
                        self.pointer_from(function, object, address);
                    }
                }
                Reference::Slot(known, size) => {
                    for (object, address) in self.addresses(object, known) {
                        self.slots(object, address, size, Some(function));
                    }
                }
            }
        }
        self.summaries.insert(function, summary);
    }

    fn found(&mut self, function: Function, parent: Option<Function>) {
        if self.parents.contains_key(&function) {
            return;
        }
        match self.undone_by(function).filter(|done| !self.parents.contains_key(done)) {
            Some(done) => self.waiting.push((function, parent, done)),
            None => {
                self.parents.insert(function, parent);
                self.pending.push_back(function);
            }
        }
    }

    /// The function whose work is all that this one undoes.
    fn undone_by(&self, function: Function) -> Option<Function> {
        let object = &self.objects[function.object];
        let symbol = object.symbol(function.index).filter(|_| names::is_c_library(object.name()))?;
        let (_, done) = UNDOING.iter().find(|(undoing, _)| *undoing == symbol)?;
        let exported = object.symbols.exports.get(*done)?.first()?;
        self.function(function.object, object.symbols.dynamic.get(*exported as usize)?.address)
    }

    /// Finds the functions that now have something to undo.
    fn wake(&mut self) {
        for (function, parent, done) in core::mem::take(&mut self.waiting) {
            if self.parents.contains_key(&done) {
                self.found(function, parent);
            } else {
                self.waiting.push((function, parent, done));
            }
        }
    }

    /// The functions that a call of this value calls.
    fn callees(&mut self, object: usize, target: Known) -> Vec<Function> {
        let addresses = self.addresses(object, target).into_iter();
        addresses.filter_map(|(object, address)| self.function(object, address)).collect()
    }

    pub(super) fn function(&self, object: usize, address: u64) -> Option<Function> {
        let index = self.objects[object].function(address)?;
        Some(Function { object, index })
    }

    /// The addresses that a value of an object stands for.
    fn addresses(&mut self, object: usize, known: Known) -> Vec<(usize, u64)> {
        match known {
            Known::Address(address) => vec![(object, address)],
            Known::Number(number) if self.objects[object].is_fixed => vec![(object, number)],
            Known::Symbol(symbol, offset) => {
                let Some(symbol) = self.objects[object].symbols.dynamic.get(symbol as usize) else {
                    return Vec::new();
                };
                let own = symbol.is_defined.then_some((object, symbol.address));
                let mut found = self.definitions(&symbol.name);
                if found.is_empty() {
                    found.extend(own);
                }
                found.into_iter().map(|(of, address)| (of, address.wrapping_add_signed(offset))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Where a name is defined: in the first object that has it, in all versions.
    fn definitions(&mut self, name: &str) -> Vec<(usize, u64)> {
        if let Some(found) = self.definitions.get(name) {
            return found.clone();
        }
        let has = |object: &&Object| object.symbols.exports.contains_key(name);
        let mut found = Vec::new();
        if let Some(at) = self.objects.iter().position(|object| has(&object)) {
            let indices = self.objects[at].symbols.exports.get(name).map(Vec::as_slice).unwrap_or_default();
            let symbols =
                indices.iter().filter_map(|index| self.objects[at].symbols.dynamic.get(*index as usize));
            found.extend(symbols.map(|symbol| (at, symbol.address)));
        }
        self.definitions.insert(name.to_owned(), found.clone());
        found
    }

    /// A pointer to code or data is taken.
    fn pointer(&mut self, object: usize, address: u64, parent: Option<Function>) {
        if self.objects[object].memory.is_code(address) {
            self.code(object, address, parent);
        } else if self.objects[object].memory.is_data(address) {
            let (start, end) = self.object_of_data(object, address);
            if self.data.insert((object, start)) {
                self.slots(object, start, end.saturating_sub(start), parent);
            }
        }
    }

    /// As [`pointer`](Self::pointer), by a function, which may have addresses of its own for its jumps.
    fn pointer_from(&mut self, function: Function, object: usize, address: u64) {
        let own = self.function(object, address) == Some(function);
        if !own || self.objects[object].functions[function.index].0 == address {
            self.pointer(object, address, Some(function));
        }
    }

    fn code(&mut self, object: usize, address: u64, parent: Option<Function>) {
        let Some(function) = self.function(object, address) else { return };
        // A function's own jumps go through pointers into it.
        if parent != Some(function) {
            self.taken.insert(function);
        }
        self.found(function, parent);
    }

    /// Pointers in memory are read.
    fn slots(&mut self, object: usize, address: u64, size: u64, parent: Option<Function>) {
        let objects = self.objects;
        let mut pending = vec![(object, address, address.saturating_add(size))];
        while let Some((object, start, end)) = pending.pop() {
            for (at, pointer) in objects[object].pointers.range(start..end.max(start)) {
                let targets = match *pointer {
                    Pointer::Address(target) => vec![(object, target)],
                    Pointer::Symbol(symbol, addend) => self.addresses(object, Known::Symbol(symbol, addend)),
                    Pointer::Chosen(chooser) => vec![(object, chooser)],
                };
                for (of, target) in targets {
                    if objects[of].memory.is_code(target) {
                        self.code(of, target, parent);
                    } else if objects[of].memory.is_data(target) && (of, target) != (object, *at) {
                        let (start, end) = self.object_of_data(of, target);
                        if self.data.insert((of, start)) {
                            pending.push((of, start, end));
                        }
                    }
                }
            }
        }
    }

    /// The object of data that holds an address: by its symbol, or else by what is pointed to.
    fn object_of_data(&mut self, object: usize, address: u64) -> (u64, u64) {
        let file = &self.objects[object];
        if let Some((start, size)) = file.symbols.data.range(..=address).next_back()
            && address < start.saturating_add(*size)
        {
            return (*start, start.saturating_add(*size));
        }
        let survey = self.surveys.entry(object).or_insert_with(|| Survey::of(file));
        let last = |starts: &BTreeSet<u64>| starts.range(..=address).next_back().copied();
        let next = |starts: &BTreeSet<u64>, at: u64| starts.range(at.saturating_add(1)..).next().copied();
        let start = last(&survey.data).max(last(&file.sections)).unwrap_or(address);
        let section_end = next(&file.sections, address);
        let mut end = next(&survey.data, address);
        while let Some(at) = end.filter(|at| section_end.is_none_or(|end| *at < end))
            && tables::goes_on(file, at)
        {
            end = next(&survey.data, at);
        }
        let end = [end, section_end].into_iter().flatten().min();
        (start, end.unwrap_or(u64::MAX))
    }

    /// Functions that are looked up by name.
    fn look_up_all(&mut self) {
        let mut calls = Vec::new();
        for (function, summary) in &self.summaries {
            for call in &summary.calls {
                let Some((name, argument)) = self.lookup(function.object, call.target) else { continue };
                let register = self.objects[function.object].machine.convention().arguments[argument];
                calls.push((*function, name, call.values[usize::from(register)]));
            }
        }
        self.look_up(calls);
    }

    fn look_up(&mut self, calls: Vec<(Function, &'static str, Value)>) {
        for (function, name, value) in calls {
            let mut is_open = self.values.is_open(value);
            for known in self.values.known(value).to_vec() {
                let Known::Address(address) = known else {
                    is_open |= known != Known::Number(0);
                    continue;
                };
                let text = self.objects[function.object].memory.text(address);
                match text.map(str::to_owned) {
                    Some(text) if name.starts_with("dlopen") => {
                        self.lookups.insert((function, format!("{name}(\"{text}\")")));
                    }
                    Some(text) => {
                        for (object, address) in self.definitions(&text) {
                            self.pointer(object, address, Some(function));
                        }
                    }
                    None => is_open = true,
                }
            }
            if is_open {
                self.lookups.insert((function, name.to_owned()));
            }
        }
    }

    /// Whether a call is of `dlopen` or `dlsym`, and which argument is the name.
    fn lookup(&self, object: usize, target: Known) -> Option<(&'static str, usize)> {
        let file = &self.objects[object];
        let Known::Symbol(symbol, 0) = target else {
            // Through a stub.
            let Known::Address(address) = target else { return None };
            let stub = self.function(object, address)?;
            let [call] = self.summaries.get(&stub)?.calls.as_slice() else { return None };
            return match call.target {
                Known::Symbol(..) => self.lookup(object, call.target),
                _ => None,
            };
        };
        let name = file.symbols.dynamic.get(symbol as usize)?.name.as_str();
        [("dlopen", 0), ("dlmopen", 1), ("dlsym", 1), ("dlvsym", 1)].into_iter().find(|(it, _)| *it == name)
    }
}

/// The functions from where the program begins to one.
pub(super) fn path(parents: &Map<Function, Option<Function>>, to: Function) -> Vec<Function> {
    let mut path = vec![to];
    let mut at = to;
    while let Some(Some(parent)) = parents.get(&at) {
        path.push(*parent);
        at = *parent;
    }
    path.reverse();
    path
}
