//! The filter under which a command is traced: it stops the calls that are of interest, and the kernel makes all others
//! at full speed.

use seccomp_compiler::{Endian, Instruction, MAX_INSTRUCTIONS, Program, Verdict, Word, opcode};

/// A filter that stops calls for the tracer.
///
/// The tracer lets a stopped call go on, or has it refused as the policy says. For the latter it changes the number of the
/// call to one that no kernel has, and the kernel runs the filter again: the new number stands for one of the
/// [verdicts](Self::verdict). So the kernel itself fails, traps or kills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    program: Program,
    /// What the filter would have answered, by the data of the stop.
    verdicts: Vec<Verdict>,
}

/// Why a filter cannot be watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unwatchable {
    /// With the answers of the tracer it would be longer than the kernel takes.
    TooLong,
    /// It returns what it computes, so its answers are not known.
    Computed,
}

/// The first of the numbers that stand for a verdict: no kernel has such a call, in any ABI.
const FIRST: u32 = 0x2ec0_0000;

/// `BPF_LD | BPF_IMM`.
const LOAD_CONSTANT: u16 = 0;

impl Watch {
    /// Stops every call, for a program of the architecture of this machine.
    pub fn everything() -> Self {
        let stop = Instruction { code: opcode::RETURN, jt: 0, jf: 0, k: Verdict::Trace(0).return_value() };
        // A program that loads nothing has no byte order.
        let program = Program { instructions: vec![stop], endian: Endian::Little };
        Self { program, verdicts: Vec::new() }
    }

    /// Stops the calls that this filter does not let through, including those that it leaves to a tracer or supervisor.
    ///
    /// # Errors
    ///
    /// Where the filter is too long, or its answers are not known.
    pub fn refusals(filter: &Program) -> Result<Self, Unwatchable> {
        let mut verdicts = Vec::new();
        let mut body = Vec::new();
        // A filter starts with zero in the accumulator.
        if filter.instructions.first().is_some_and(|first| first.code != opcode::LOAD) {
            body.push(Instruction { code: LOAD_CONSTANT, jt: 0, jf: 0, k: 0 });
        }
        for instruction in &filter.instructions {
            body.push(watched(*instruction, &mut verdicts)?);
        }
        let mut instructions = answers(&verdicts, filter.endian);
        instructions.extend(body);
        if instructions.len() > MAX_INSTRUCTIONS {
            return Err(Unwatchable::TooLong);
        }
        Ok(Self { program: Program { instructions, endian: filter.endian }, verdicts })
    }

    /// What the filter would have answered to a call that was stopped with this data.
    pub fn verdict(&self, data: u16) -> Option<Verdict> {
        self.verdicts.get(usize::from(data)).copied()
    }

    /// The program to install.
    pub(super) const fn program(&self) -> &Program {
        &self.program
    }

    /// The number with which the kernel answers as the filter would have.
    pub(super) fn number(&self, data: u16) -> Option<u32> {
        self.verdict(data).map(|_| FIRST + u32::from(data))
    }
}

/// The instruction with a stop in place of a refusal.
fn watched(instruction: Instruction, verdicts: &mut Vec<Verdict>) -> Result<Instruction, Unwatchable> {
    /// The bits of an opcode that say what kind it is.
    const CLASS: u16 = 7;
    if instruction.code != opcode::RETURN {
        let returns = instruction.code & CLASS == opcode::RETURN & CLASS;
        return if returns { Err(Unwatchable::Computed) } else { Ok(instruction) };
    }
    let verdict = Verdict::from_return_value(instruction.k);
    if verdict.is_allowed() {
        return Ok(instruction);
    }
    let known = verdicts.iter().position(|known| *known == verdict);
    let index = known.unwrap_or_else(|| {
        verdicts.push(verdict);
        verdicts.len() - 1
    });
    let data = u16::try_from(index).map_err(|_| Unwatchable::TooLong)?;
    Ok(Instruction { k: Verdict::Trace(data).return_value(), ..instruction })
}

/// Answers calls whose number stands for a verdict.
fn answers(verdicts: &[Verdict], endian: Endian) -> Vec<Instruction> {
    let instruction = |code, jt, jf, k| Instruction { code, jt, jf, k };
    let pairs = (0_u32..).zip(verdicts);
    let length = pairs.clone().map(|_| 2).sum();
    let mut answers = vec![
        instruction(opcode::LOAD, 0, 0, Word::Number.offset(endian)),
        instruction(opcode::JUMP_AT_LEAST, 1, 0, FIRST),
        instruction(opcode::JUMP, 0, 0, length),
    ];
    for (index, verdict) in pairs {
        answers.push(instruction(opcode::JUMP_EQUAL, 0, 1, FIRST + index));
        answers.push(instruction(opcode::RETURN, 0, 0, verdict.return_value()));
    }
    answers
}

impl core::fmt::Display for Unwatchable {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::TooLong => {
                "the filter is too long to be watched: with a tracer's answers it exceeds 4096 instructions"
            }
            Self::Computed => {
                "the filter returns a value that it computes, so its answers are not known in advance"
            }
        })
    }
}

impl std::error::Error for Unwatchable {}

#[cfg(test)]
mod tests {
    use seccomp_compiler::{Architecture, Call, Compiler, Program, SourceFile, Verdict};

    use super::{FIRST, Unwatchable, Watch};

    const POLICY: &str = "\
default_action: errno
newer_syscalls: errno(ENOSYS)
syscalls:
- {action: allow, names: [read, write]}
- {action: kill_process, names: [ptrace]}
- {action: trap, names: [reboot]}
";

    fn filter(architecture: &str) -> (&'static Architecture, Program) {
        let architecture = Architecture::find(architecture).expect("an architecture");
        let compiler = Compiler::for_architecture(architecture);
        let compiled = compiler.compile(&SourceFile::new("p.yaml", POLICY)).expect("a sound policy");
        (architecture, compiled.program().clone())
    }

    #[test]
    fn what_the_filter_refuses_is_stopped_and_answered_as_it_would_have() {
        for name in ["x86_64", "aarch64", "s390x", "mips"] {
            let (architecture, filter) = filter(name);
            let watch = Watch::refusals(&filter).expect("it is short");
            let call = |number| Call { arch: architecture.audit(), number, ..Call::default() };
            let run = |program: &Program, number| {
                Verdict::from_return_value(program.run(&call(number)).expect("a sound program"))
            };
            for number in architecture.table().chain([architecture.table_end() + 9]) {
                let expected = run(&filter, number);
                let stopped = run(watch.program(), number);
                if expected.is_allowed() {
                    assert_eq!(stopped, expected);
                    continue;
                }
                let Verdict::Trace(data) = stopped else { panic!("{number} is answered with {stopped}") };
                assert_eq!(watch.verdict(data), Some(expected));
                let answer = watch.number(data).expect("it stands for the verdict");
                assert_eq!(run(watch.program(), answer), expected);
            }
        }
    }

    #[test]
    fn the_numbers_of_verdicts_are_no_calls() {
        for architecture in Architecture::all() {
            assert!(!(architecture.table().start..architecture.table_end()).contains(&FIRST));
        }
    }

    #[test]
    fn a_filter_that_computes_its_answer_is_not_watched() {
        let (_, mut filter) = filter("x86_64");
        filter.instructions.last_mut().expect("it has some").code = 0x16;
        assert_eq!(Watch::refusals(&filter), Err(Unwatchable::Computed));
    }
}
