//! x86_64: what its instructions do to registers and memory.

use iced_x86::{
    ConditionCode, Decoder, DecoderOptions, FlowControl, Instruction, InstructionInfoFactory, Mnemonic,
    OpAccess, OpKind, Register as Name,
};

use super::machine::{Place, Register, Source, Step, Target};

const STACK: Register = 4;
const FRAME: Register = 5;

/// The steps of the instructions in a range of code, each with the address of its instruction.
pub(super) fn decode(code: &[u8], address: u64, sink: &mut dyn FnMut(u64, Step)) {
    let mut decoder = Decoder::with_ip(64, code, address, DecoderOptions::NONE);
    let mut factory = InstructionInfoFactory::new();
    let mut instruction = Instruction::default();
    while decoder.can_decode() {
        decoder.decode_out(&mut instruction);
        let mut emit = |step| sink(instruction.ip(), step);
        if instruction.is_invalid() {
            emit(Step::Stop);
        } else if !flow(&instruction, &mut emit) && !followed(&instruction, &mut emit) {
            other(&instruction, &mut factory, &mut emit);
        }
    }
}

/// Instructions after which another one than the next may follow, and system calls.
fn flow(instruction: &Instruction, emit: &mut dyn FnMut(Step)) -> bool {
    match instruction.mnemonic() {
        Mnemonic::Syscall => emit(Step::System),
        Mnemonic::Sysenter => emit(Step::OtherSystem),
        Mnemonic::Int if instruction.immediate8() == 0x80 => emit(Step::OtherSystem),
        Mnemonic::Ud2 | Mnemonic::Int3 => emit(Step::Stop),
        _ => match instruction.flow_control() {
            FlowControl::UnconditionalBranch | FlowControl::IndirectBranch => {
                emit(Step::Jump(target(instruction)));
            }
            FlowControl::ConditionalBranch => emit(Step::Branch(instruction.near_branch_target())),
            FlowControl::Call | FlowControl::IndirectCall => emit(Step::Call(target(instruction))),
            FlowControl::Return => emit(Step::Return),
            FlowControl::Exception => emit(Step::Stop),
            _ => return false,
        },
    }
    true
}

fn target(instruction: &Instruction) -> Target {
    match instruction.op0_kind() {
        OpKind::NearBranch16 | OpKind::NearBranch32 | OpKind::NearBranch64 => {
            Target::Address(instruction.near_branch_target())
        }
        OpKind::Register => register(instruction.op0_register()).map_or(UNKNOWN, Target::Register),
        _ => place(instruction).map_or(UNKNOWN, Target::Memory),
    }
}

/// Where nothing is.
const UNKNOWN: Target = Target::Address(u64::MAX);

/// The instructions by which values are moved.
fn followed(instruction: &Instruction, emit: &mut dyn FnMut(Step)) -> bool {
    let step = match instruction.mnemonic() {
        // No step at all, so that the filling between two blocks is no block. A program cannot halt the machine, and is
        // killed.
        Mnemonic::Nop | Mnemonic::Endbr64 | Mnemonic::Hlt => return true,
        Mnemonic::Cmp | Mnemonic::Test => {
            if let Some(place) = place(instruction) {
                emit(Step::Touch(place, size(instruction)));
            }
            return true;
        }
        Mnemonic::Mov => return moved(instruction, emit),
        Mnemonic::Lea => match (whole(instruction.op0_register()), place(instruction)) {
            (Some(to), Some(place)) => Step::Set(to, Source::Address(place)),
            _ => return false,
        },
        Mnemonic::Xor | Mnemonic::Sub if is_same(instruction) => match cleared(instruction) {
            Some(to) => Step::Set(to, Source::Number(0)),
            None => return false,
        },
        Mnemonic::Or if is_all_ones(instruction) => match cleared(instruction) {
            Some(to) => Step::Set(to, Source::Number(ones(instruction))),
            None => return false,
        },
        Mnemonic::Add | Mnemonic::Sub => match added(instruction) {
            Some(step) => step,
            None => return false,
        },
        Mnemonic::Push => return pushed(instruction, emit),
        Mnemonic::Pop => return popped(instruction, emit),
        Mnemonic::Leave => return left(emit),
        _ => match chosen(instruction) {
            Some(step) => step,
            None => return false,
        },
    };
    emit(step);
    true
}

fn left(emit: &mut dyn FnMut(Step)) -> bool {
    emit(Step::Add(STACK, FRAME, 0));
    emit(Step::Load(FRAME, Place::at(STACK, 0), 8));
    emit(Step::Add(STACK, STACK, 8));
    true
}

/// `cmov`.
fn chosen(instruction: &Instruction) -> Option<Step> {
    let is_move = instruction.condition_code() != ConditionCode::None && instruction.op_count() == 2;
    let to = cleared(instruction).filter(|_| is_move)?;
    Some(Step::MaySet(to, source(instruction, 1)?))
}

fn moved(instruction: &Instruction, emit: &mut dyn FnMut(Step)) -> bool {
    let to = match instruction.op0_kind() {
        OpKind::Register => cleared(instruction),
        _ => None,
    };
    let source = source(instruction, 1);
    let bytes = size(instruction);
    if let (OpKind::Register, OpKind::Immediate8) = (instruction.op0_kind(), instruction.op1_kind())
        && let Some(low) = register(instruction.op0_register()).filter(|_| is_low(instruction.op0_register()))
    {
        emit(Step::Insert(low, instruction.immediate8().into(), 0xff));
        return true;
    }
    match (to, place(instruction), source) {
        (Some(to), _, Some(source)) => emit(Step::Set(to, source)),
        (Some(to), Some(place), None) if instruction.op1_kind() == OpKind::Memory => {
            emit(Step::Load(to, place, bytes));
        }
        (None, Some(place), source) if instruction.op0_kind() == OpKind::Memory => {
            emit(Step::Store(place, source.unwrap_or(Source::Unknown), bytes));
        }
        _ => return false,
    }
    true
}

/// An operand that is a number or a general register of 32 or 64 bits.
fn source(instruction: &Instruction, operand: u32) -> Option<Source> {
    match instruction.op_kind(operand) {
        OpKind::Register => {
            let name = instruction.op_register(operand);
            let number = register(name)?;
            match name.size() {
                8 => Some(Source::Register(number)),
                4 => Some(Source::Low(number)),
                _ => None,
            }
        }
        OpKind::Immediate8
        | OpKind::Immediate16
        | OpKind::Immediate32
        | OpKind::Immediate64
        | OpKind::Immediate8to16
        | OpKind::Immediate8to32
        | OpKind::Immediate8to64
        | OpKind::Immediate32to64 => Some(Source::Number(instruction.immediate(operand))),
        _ => None,
    }
}

fn added(instruction: &Instruction) -> Option<Step> {
    let to = match instruction.op0_kind() {
        OpKind::Register => whole(instruction.op0_register())?,
        _ => return None,
    };
    let Source::Number(number) = source(instruction, 1)? else { return None };
    let number = number.cast_signed();
    let number = if instruction.mnemonic() == Mnemonic::Sub { number.wrapping_neg() } else { number };
    Some(Step::Add(to, to, number))
}

fn pushed(instruction: &Instruction, emit: &mut dyn FnMut(Step)) -> bool {
    if let Some(place) = place(instruction) {
        emit(Step::Touch(place, 8));
    }
    emit(Step::Add(STACK, STACK, -8));
    let source = source(instruction, 0).unwrap_or(Source::Unknown);
    emit(Step::Store(Place::at(STACK, 0), source, 8));
    true
}

fn popped(instruction: &Instruction, emit: &mut dyn FnMut(Step)) -> bool {
    match whole(instruction.op0_register()) {
        Some(to) if instruction.op0_kind() == OpKind::Register => {
            emit(Step::Load(to, Place::at(STACK, 0), 8));
        }
        _ => {}
    }
    emit(Step::Add(STACK, STACK, 8));
    true
}

/// Everything else: what it reads may be kept, and what it writes is not followed.
fn other(instruction: &Instruction, factory: &mut InstructionInfoFactory, emit: &mut dyn FnMut(Step)) {
    let place = place(instruction);
    if let Some(place) = place {
        emit(Step::Touch(place, size(instruction)));
    }
    let is_pointer = |name: Name| {
        let has_place = (0..instruction.op_count()).any(|at| instruction.op_kind(at) == OpKind::Memory);
        let is_operand = (0..instruction.op_count()).any(|at| {
            instruction.op_kind(at) == OpKind::Register && instruction.op_register(at).full_register() == name
        });
        has_place
            && !is_operand
            && [instruction.memory_base(), instruction.memory_index()]
                .iter()
                .any(|it| it.full_register() == name)
    };
    let info = factory.info(instruction);
    let (mut read, mut written) = ([false; 16], [false; 16]);
    for used in info.used_registers() {
        let Some(number) = register(used.register()) else { continue };
        let at = usize::from(number);
        let access = used.access();
        read[at] |= !matches!(access, OpAccess::Write | OpAccess::CondWrite | OpAccess::NoMemAccess)
            && !is_pointer(used.register().full_register());
        written[at] |= !matches!(access, OpAccess::Read | OpAccess::CondRead | OpAccess::NoMemAccess);
    }
    for number in 0..16 {
        if read[usize::from(number)] {
            emit(Step::Use(number));
        }
        if written[usize::from(number)] {
            emit(Step::Lose(number));
        }
    }
}

/// The operand in memory, unless it is in a thread's own.
fn place(instruction: &Instruction) -> Option<Place> {
    let has_place = (0..instruction.op_count()).any(|at| instruction.op_kind(at) == OpKind::Memory);
    if !has_place || matches!(instruction.segment_prefix(), Name::FS | Name::GS) {
        return None;
    }
    if instruction.is_ip_rel_memory_operand() {
        return Some(Place::address(instruction.ip_rel_memory_address()));
    }
    let base = register(instruction.memory_base());
    let index = register(instruction.memory_index());
    Some(Place { base, index, offset: instruction.memory_displacement64().cast_signed() })
}

/// The bytes of memory that an instruction has to do with.
fn size(instruction: &Instruction) -> u64 {
    (instruction.memory_size().size() as u64).max(1)
}

fn is_same(instruction: &Instruction) -> bool {
    instruction.op0_kind() == OpKind::Register
        && instruction.op1_kind() == OpKind::Register
        && instruction.op0_register() == instruction.op1_register()
}

fn is_all_ones(instruction: &Instruction) -> bool {
    matches!(source(instruction, 1), Some(Source::Number(number)) if number & ones(instruction) == ones(instruction))
}

/// All bits of the first operand.
fn ones(instruction: &Instruction) -> u64 {
    if instruction.op0_register().size() == 8 { u64::MAX } else { u32::MAX.into() }
}

/// The first operand, if it is a register and the instruction changes all its bits.
fn cleared(instruction: &Instruction) -> Option<Register> {
    let name = instruction.op0_register();
    register(name).filter(|_| instruction.op0_kind() == OpKind::Register && matches!(name.size(), 4 | 8))
}

/// Whether a register of one byte is the lowest of its whole register.
fn is_low(name: Name) -> bool {
    !matches!(name, Name::AH | Name::BH | Name::CH | Name::DH)
}

/// The number of a 64-bit register.
fn whole(name: Name) -> Option<Register> {
    register(name).filter(|_| name.size() == 8)
}

/// The number of a general register of any width.
fn register(name: Name) -> Option<Register> {
    let full = name.full_register();
    full.is_gpr64().then(|| u8::try_from(full.number()).ok())?
}
