//! The stack of a stopped thread: which functions led to its call.
//!
//! What is read of the thread and of the files that it runs may be anything. So a stack ends where it makes no sense, after
//! [`MOST_FRAMES`] at the latest.

use std::collections::HashMap;
use std::fs::{self, File};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::rc::Rc;

use gimli::{CfaRule, Register, RegisterRule, UnwindContext};

use super::module::Module;
use super::registers;
use crate::local::{Mapping, Place};

/// How many frames are looked for.
const MOST_FRAMES: usize = 64;

/// How many files are known at a time.
const MOST_MODULES: usize = 64;

/// A file, with its last change.
type Identity = (u64, u64, i64);

/// The files that threads run, as far as stacks need them.
#[derive(Default)]
pub(super) struct Modules {
    known: HashMap<Identity, Option<Rc<Module>>>,
}

impl core::fmt::Debug for Modules {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Modules").finish_non_exhaustive()
    }
}

/// The registers that a stack is unwound with, by their numbers in DWARF.
pub(super) struct Frame {
    pub(super) registers: [Option<u64>; 32],
    pub(super) pointer: u64,
}

/// The places that led to the instruction pointer of a stopped thread, the innermost first.
pub(super) fn stack(process: u32, thread: u32, pointer: u64, modules: &mut Modules) -> Vec<Place> {
    let mut places = Vec::new();
    let Ok(maps) = fs::read(format!("/proc/{process}/maps")) else { return places };
    let maps = String::from_utf8_lossy(&maps);
    let memory = File::open(format!("/proc/{thread}/mem")).ok();
    let mut frame = registers::frame(i32::try_from(thread).unwrap_or_default(), pointer);
    while places.len() < MOST_FRAMES {
        // An address on the stack is that of the instruction after the call, which may belong to the next function.
        let Some(before) = frame.pointer.checked_sub(1) else { break };
        let Some(mapping) = Mapping::of(&maps, before) else { break };
        let module = modules.module(process, &mapping);
        let address = module.as_ref().and_then(|module| module.address(mapping.offset));
        let (Some(module), Some(address)) = (module, address) else {
            places.push(mapping.place());
            break;
        };
        places.extend(module.places(&mapping, address));
        let caller = memory.as_ref().and_then(|memory| frame.caller(&module, address, memory));
        let Some(caller) = caller else { break };
        frame = caller;
    }
    places.truncate(MOST_FRAMES);
    places
}

impl Modules {
    fn module(&mut self, process: u32, mapping: &Mapping) -> Option<Rc<Module>> {
        let path = mapping.file(&Path::new("/proc").join(process.to_string()));
        let file = crate::local::open(&path)?;
        let metadata = file.metadata().ok()?;
        if self.known.len() >= MOST_MODULES {
            self.known.clear();
        }
        let identity = (metadata.dev(), metadata.ino(), metadata.mtime());
        self.known.entry(identity).or_insert_with(|| Module::of(file).map(Rc::new)).clone()
    }
}

impl Frame {
    /// The frame that called this one, whose instruction is at an address of its module.
    fn caller(&self, module: &Module, address: u64, memory: &File) -> Option<Self> {
        let mut context = UnwindContext::new();
        let row = module.unwind(&mut context, address)?;
        let CfaRule::RegisterAndOffset { register, offset } = row.cfa() else { return None };
        let base = self.register(*register)?.wrapping_add_signed(*offset);
        let mut registers = self.registers;
        for (register, rule) in row.registers() {
            let value = match rule {
                RegisterRule::Offset(offset) => word(memory, base.wrapping_add_signed(*offset)),
                RegisterRule::ValOffset(offset) => Some(base.wrapping_add_signed(*offset)),
                RegisterRule::Register(other) => self.register(*other),
                RegisterRule::SameValue => continue,
                _ => None,
            };
            if let Some(place) = registers.get_mut(usize::from(register.0)) {
                *place = value;
            }
        }
        let pointer = registers[registers::RETURN_ADDRESS]? & registers::CODE;
        registers[registers::STACK_POINTER] = Some(base);
        let goes_on = Some(base) != self.registers[registers::STACK_POINTER] || pointer != self.pointer;
        (pointer != 0 && goes_on).then_some(Self { registers, pointer })
    }

    fn register(&self, register: Register) -> Option<u64> {
        *self.registers.get(usize::from(register.0))?
    }
}

fn word(memory: &File, address: u64) -> Option<u64> {
    let mut bytes = [0; 8];
    memory.read_exact_at(&mut bytes, address).ok()?;
    Some(u64::from_ne_bytes(bytes))
}
