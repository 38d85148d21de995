//! Writes a recording as JSON.

use serde_json::{Map, Value, json};

use super::{FORMAT, VERSION};
use crate::recording::observation::{Count, Key, Record};
use crate::recording::{Frame, Machine, Program, Recording, Run};
use seccomp_compiler::Architecture;

impl Recording {
    /// The recording as JSON, which reads back as an equal one. The same recording gives the same text.
    pub fn to_json(&self) -> String {
        let (frames, stacks) = self.stacks.parts();
        let mut programs: Vec<(usize, &Program)> = self.programs.iter().enumerate().collect();
        programs.sort_by_key(|(_, program)| *program);
        let value = json!({
            "format": FORMAT,
            "version": VERSION,
            "lost": self.lost,
            "runs": self.runs.iter().map(run).collect::<Vec<_>>(),
            "threads": self.threads,
            "frames": frames.iter().map(frame).collect::<Vec<_>>(),
            "stacks": stacks,
            "programs": programs.into_iter().map(|(at, program)| self.program_json(at, program)).collect::<Vec<_>>(),
        });
        format!("{value:#}\n")
    }

    fn program_json(&self, at: usize, program: &Program) -> Value {
        let mut own: Vec<&(Key, Record)> =
            self.records.iter().filter(|(key, _)| key.program as usize == at).collect();
        own.sort_by_key(|(key, _)| *key);
        let calls: Vec<Value> = own.into_iter().map(|(key, record)| call(*key, record)).collect();
        json!({"path": program.path, "rust": program.is_rust, "calls": calls})
    }
}

fn run(run: &Run) -> Value {
    let Run { command, machine: Machine { architecture, kernel, libc }, is_complete, is_attached } = run;
    let mut run = json!({
        "command": command,
        "architecture": architecture,
        "kernel": kernel,
        "libc": libc,
        "complete": is_complete,
    });
    if *is_attached {
        run["attached"] = json!(true);
    }
    run
}

fn frame(frame: &Frame) -> Value {
    let Frame { function, file, line, module, offset, crate_name } = frame;
    let mut fields = Map::new();
    let mut add = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            fields.insert(key.to_owned(), value);
        }
    };
    add("function", function.as_ref().map(|text| json!(text)));
    add("crate", crate_name.as_ref().map(|text| json!(text)));
    add("file", file.as_ref().map(|text| json!(text)));
    add("line", line.map(|line| json!(line)));
    add("module", module.as_ref().map(|text| json!(text)));
    add("offset", Some(json!(format!("{offset:#x}"))));
    Value::Object(fields)
}

fn call(key: Key, record: &Record) -> Value {
    let architecture = Architecture::of_call(key.audit, key.number);
    let abi = architecture.map_or_else(|| format!("{:#x}", key.audit), |abi| abi.name().to_owned());
    let name = architecture.and_then(|abi| abi.syscall_name(key.number));
    let masks = record.kept.masks();
    let seen = record.kept.tuples().map(|(arguments, Count { count, stack })| {
        let mut seen = json!({"count": count});
        if masks != [0; 6] {
            seen["arguments"] = kept(&masks, arguments);
        }
        if let Some(stack) = stack {
            seen["stack"] = json!(stack);
        }
        seen
    });
    json!({
        "abi": abi,
        "call": name.map_or_else(|| json!(key.number), |name| json!(name)),
        "runs": record.runs,
        "threads": record.threads,
        "kept": kept(&masks, &masks),
        "seen": seen.collect::<Vec<_>>(),
    })
}

/// The values of the arguments that are kept, by their positions.
fn kept(masks: &[u64; 6], values: &[u64; 6]) -> Value {
    let kept = masks.iter().zip(values).enumerate().filter(|(_, (mask, _))| **mask != 0);
    kept.map(|(at, (_, value))| (at.to_string(), json!(format!("{value:#x}")))).collect()
}
