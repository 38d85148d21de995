//! Reads a recording from JSON.

use serde_json::Value;

use super::fields::{Fields, NotEvidence, hex, index};
use super::{FORMAT, VERSION};
use crate::recording::kept::{Kept, MAX_TUPLES};
use crate::recording::model::{
    MAX_OBSERVATIONS, MAX_PROGRAMS, MAX_RUNS, MAX_THREADS, Machine, Recording, Run,
};
use crate::recording::observation::{Count, Key, Record};
use crate::recording::stack::{Frame, MAX_FRAMES, MAX_STACKS};
use seccomp_compiler::{Architecture, visible};

/// How long a text may be.
const MAX_BYTES: usize = 256 << 20;

impl Recording {
    /// The recording in a text.
    ///
    /// # Errors
    ///
    /// If the text is not what [`to_json`](Self::to_json) writes: it has other keys, other types, indices out of range, calls
    /// that the tables don't have, or more of anything than a recording holds.
    pub fn from_json(text: &[u8]) -> Result<Self, NotEvidence> {
        if text.len() > MAX_BYTES {
            return Err(NotEvidence::new(format!("it is longer than {MAX_BYTES} bytes")));
        }
        let value = serde_json::from_slice(text).map_err(|error| NotEvidence::new(error.to_string()))?;
        let mut fields = Fields::of("the recording", value)?;
        if fields.text("format")? != FORMAT {
            return Err(NotEvidence::new(format!("its `format` is not \"{FORMAT}\"")));
        }
        let version = fields.number("version")?;
        if version != VERSION {
            return Err(NotEvidence::new(format!("its version is {version}; this program reads {VERSION}")));
        }
        let runs = fields.list("runs", MAX_RUNS)?.into_iter().map(run);
        let mut runs = runs.collect::<Result<Vec<_>, _>>()?.into_iter();
        let first = runs.next().ok_or_else(|| NotEvidence::new("it has no runs"))?;
        let mut recording = Self::new(first);
        runs.for_each(|run| recording.run(run));
        recording.add_lost(fields.number("lost")?);
        recording.read_threads(fields.texts("threads", MAX_THREADS)?)?;
        recording.read_stacks(&mut fields)?;
        for program in fields.list("programs", MAX_PROGRAMS)? {
            recording.read_program(program)?;
        }
        fields.end()?;
        Ok(recording)
    }

    fn read_threads(&mut self, names: Vec<String>) -> Result<(), NotEvidence> {
        let mut known = names.clone();
        known.sort_unstable();
        known.dedup();
        if known.len() != names.len() {
            return Err(NotEvidence::new("it has the name of a thread twice"));
        }
        self.threads = names;
        Ok(())
    }

    fn read_stacks(&mut self, fields: &mut Fields) -> Result<(), NotEvidence> {
        let frames = fields.list("frames", MAX_STACKS * MAX_FRAMES)?.into_iter().map(frame);
        let frames: Vec<Frame> = frames.collect::<Result<_, _>>()?;
        for stack in fields.list("stacks", MAX_STACKS)? {
            let wrong = || NotEvidence::new("one of its `stacks` is not a list of frames, or is there twice");
            let Value::Array(items) = stack else { return Err(wrong()) };
            let indices = items.iter().map(|item| index(item, frames.len())).collect::<Option<Vec<_>>>();
            let indices = indices.filter(|it| !it.is_empty() && it.len() <= MAX_FRAMES).ok_or_else(wrong)?;
            let before = self.stacks.len();
            let frames = indices.into_iter().map(|at| frames[at as usize].clone()).collect();
            if self.stacks.index(frames).is_none_or(|stack| stack as usize != before) {
                return Err(wrong());
            }
        }
        Ok(())
    }

    fn read_program(&mut self, program: Value) -> Result<(), NotEvidence> {
        let mut fields = Fields::of("a program", program)?;
        let path = fields.text("path")?;
        let before = self.programs.len();
        let program = self.program(&path);
        if self.programs.len() == before {
            return Err(NotEvidence::new(format!("it has the program {} twice", visible(&path))));
        }
        if let Some(is_rust) = fields.boolean("rust")? {
            self.set_rust(program, is_rust);
        }
        for call in fields.list("calls", MAX_OBSERVATIONS)? {
            let (audit, number, record) = self.read_call(call)?;
            let key = Key { program: program.index(), audit, number };
            if self.keys.contains_key(&key) {
                return Err(NotEvidence::new(format!("call {number} of {} is there twice", visible(&path))));
            }
            self.insert(key, record);
        }
        fields.end()
    }

    fn read_call(&self, call: Value) -> Result<(u32, u32, Record), NotEvidence> {
        let mut fields = Fields::of("a call", call)?;
        let (audit, number) = call_number(&fields.text("abi")?, &fields.take("call")?)?;
        let runs = fields.indices("runs", self.runs.len())?.into_iter().collect();
        let threads = fields.indices("threads", self.threads.len())?.into_iter().collect();
        let masks = fields.arguments("kept")?;
        let mut kept = Kept::new(masks);
        for (read, seen) in fields.list("seen", MAX_TUPLES)?.into_iter().enumerate() {
            let mut fields = Fields::of("what was seen of a call", seen)?;
            let arguments = fields.arguments("arguments")?;
            let count = fields.number("count")?;
            let stack = fields.optional("stack");
            let stack = stack.map(|stack| {
                index(&stack, self.stacks.len())
                    .ok_or_else(|| NotEvidence::new("a `stack` is not one of `stacks`"))
            });
            fields.end()?;
            kept.insert(&arguments, Count { count, stack: stack.transpose()? });
            if kept.masked(&arguments) != arguments || kept.masks() != masks || kept.len() != read + 1 {
                return Err(NotEvidence::new(
                    "the `arguments` of a call are there twice, have bits that are not `kept`, or too many values",
                ));
            }
        }
        fields.end()?;
        Ok((audit, number, Record { runs, threads, kept }))
    }
}

fn run(value: Value) -> Result<Run, NotEvidence> {
    let mut fields = Fields::of("a run", value)?;
    let mut machine = Machine::new(&fields.text("architecture")?, &fields.text("kernel")?);
    machine.libc = fields.optional_text("libc")?;
    let mut run = Run::new(fields.texts("command", 1 << 16)?, machine);
    run.is_complete = fields.boolean("complete")?.unwrap_or_default();
    run.is_attached = fields.boolean("attached")?.unwrap_or_default();
    fields.end()?;
    Ok(run)
}

fn frame(value: Value) -> Result<Frame, NotEvidence> {
    let mut fields = Fields::of("a frame", value)?;
    let wrong = |key| NotEvidence::new(format!("`{key}` of a frame is not a number"));
    let line = fields.optional("line").map(|line| {
        let line = line.as_u64().and_then(|line| u32::try_from(line).ok());
        line.ok_or_else(|| wrong("line"))
    });
    let frame = Frame {
        function: fields.optional_text("function")?,
        crate_name: fields.optional_text("crate")?,
        file: fields.optional_text("file")?,
        line: line.transpose()?,
        module: fields.optional_text("module")?,
        offset: hex(&fields.text("offset")?).ok_or_else(|| wrong("offset"))?,
    };
    fields.end()?;
    Ok(frame)
}

/// The audit architecture and the number of a call.
fn call_number(abi: &str, call: &Value) -> Result<(u32, u32), NotEvidence> {
    let unknown = || {
        let call = match call {
            Value::String(name) => visible(name).to_string(),
            other => visible(&other.to_string()).to_string(),
        };
        NotEvidence::new(format!("{} has no call {call}", visible(abi)))
    };
    let number = call.as_u64().and_then(|number| u32::try_from(number).ok());
    if let Some(audit) = hex(abi).and_then(|audit| u32::try_from(audit).ok()) {
        let number = number.filter(|number| Architecture::of_call(audit, *number).is_none());
        return Ok((audit, number.ok_or_else(unknown)?));
    }
    let architecture = Architecture::all().find(|known| known.name() == abi).ok_or_else(unknown)?;
    let named = call.as_str().and_then(|name| architecture.syscall_number(name));
    let bare = number.filter(|number| {
        architecture.has_call(architecture.audit(), *number) && architecture.syscall_name(*number).is_none()
    });
    Ok((architecture.audit(), named.or(bare).ok_or_else(unknown)?))
}
