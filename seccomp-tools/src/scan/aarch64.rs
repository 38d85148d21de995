//! aarch64: what its instructions do to registers and memory, by the classes in which they are encoded.

use super::machine::{Place, Register, Source, Step, Target};

/// As a base, 31 is the stack pointer; as an operand it is zero.
const STACK: Register = 31;

/// The steps of the instructions in a range of code, each with the address of its instruction.
pub(super) fn decode(code: &[u8], address: u64, sink: &mut dyn FnMut(u64, Step)) {
    let (words, _) = code.as_chunks::<4>();
    for (index, word) in words.iter().enumerate() {
        let at = address.wrapping_add(4 * index as u64);
        let word = Word(u32::from_le_bytes(*word));
        let mut emit = |step| sink(at, step);
        match word.bits(25, 4) {
            0b1000 | 0b1001 => immediate(word, at, &mut emit),
            0b1010 | 0b1011 => flow(word, at, &mut emit),
            0b0100 | 0b0110 | 0b1100 | 0b1110 => memory(word, at, &mut emit),
            0b0101 | 0b1101 => registers(word, &mut emit),
            // Vectors: some end in a general register.
            0b0111 | 0b1111 => lose(word.destination(), &mut emit),
            0b0000 => emit(Step::Stop),
            _ => lose(word.destination(), &mut emit),
        }
    }
}

#[derive(Clone, Copy)]
struct Word(u32);

impl Word {
    const fn bits(self, first: u32, count: u32) -> u32 {
        self.0 >> first & ((1 << count) - 1)
    }

    const fn bit(self, at: u32) -> bool {
        self.0 >> at & 1 == 1
    }

    const fn is(self, mask: u32, value: u32) -> bool {
        self.0 & mask == value
    }

    /// A signed number of so many bits.
    fn signed(self, first: u32, count: u32) -> i64 {
        let bits = i64::from(self.bits(first, count));
        if bits >> (count - 1) == 1 { bits - (1 << count) } else { bits }
    }

    /// A register by the place of its number.
    fn register(self, first: u32) -> Register {
        u8::try_from(self.bits(first, 5)).unwrap_or_default()
    }

    fn destination(self) -> Register {
        self.register(0)
    }
}

fn lose(register: Register, emit: &mut dyn FnMut(Step)) {
    if register != STACK {
        emit(Step::Lose(register));
    }
}

/// An operand of 64 or 32 bits; 31 is zero.
fn operand(register: Register, is_wide: bool) -> Source {
    match register {
        STACK => Source::Number(0),
        _ if is_wide => Source::Register(register),
        _ => Source::Low(register),
    }
}

/// With a number in the instruction.
fn immediate(word: Word, at: u64, emit: &mut dyn FnMut(Step)) {
    let (to, from) = (word.destination(), word.register(5));
    let is_wide = word.bit(31);
    match word.bits(23, 3) {
        // adr and adrp.
        0b000 | 0b001 if to != STACK => {
            let offset = word.signed(5, 19) << 2 | i64::from(word.bits(29, 2));
            let target = match is_wide {
                true => (at & !0xfff).wrapping_add_signed(offset << 12),
                false => at.wrapping_add_signed(offset),
            };
            emit(Step::Set(to, Source::Address(Place::address(target))));
        }
        // add and sub; those that set flags have no stack pointer as their result.
        0b010 if !(word.bit(29) && to == STACK) => {
            let shift = if word.bit(22) { 12 } else { 0 };
            let number = i64::from(word.bits(10, 12)) << shift;
            let number = if word.bit(30) { -number } else { number };
            match is_wide {
                true => emit(Step::Add(to, from, number)),
                false => lose(to, emit),
            }
        }
        // orr: mov of a number that is a pattern of bits.
        0b100 if word.is(0x6000_0000, 0x2000_0000) && from == STACK => match pattern(word, is_wide) {
            Some(number) => emit(Step::Set(to, Source::Number(number))),
            None => lose(to, emit),
        },
        0b101 if to != STACK => moved(word, to, emit),
        0b110 | 0b111 | 0b100 | 0b011 => lose(to, emit),
        _ => {}
    }
}

/// movz, movn and movk.
fn moved(word: Word, to: Register, emit: &mut dyn FnMut(Step)) {
    let shift = word.bits(21, 2) * 16;
    let number = u64::from(word.bits(5, 16)) << shift;
    let width = if word.bit(31) { u64::MAX } else { u32::MAX.into() };
    match word.bits(29, 2) {
        0b10 => emit(Step::Set(to, Source::Number(number))),
        0b00 => emit(Step::Set(to, Source::Number(!number & width))),
        0b11 => emit(Step::Insert(to, number, 0xffff << shift)),
        _ => emit(Step::Lose(to)),
    }
}

/// The number of a logical instruction: a run of ones, rotated, and repeated.
fn pattern(word: Word, is_wide: bool) -> Option<u64> {
    let (n, rotation, ones) = (word.bits(22, 1), word.bits(16, 6), word.bits(10, 6));
    let length = 31_u32.checked_sub((n << 6 | !ones & 0x3f).leading_zeros())?;
    let size = 1_u32 << length;
    if length == 0 || (size == 64 && !is_wide) {
        return None;
    }
    let (ones, rotation) = (ones & (size - 1), rotation & (size - 1));
    if ones == size - 1 {
        return None;
    }
    let mask = if size == 64 { u64::MAX } else { (1 << size) - 1 };
    let run = (1_u64 << (ones + 1)) - 1;
    let element = if rotation == 0 { run } else { (run >> rotation | run << (size - rotation)) & mask };
    let mut number = element;
    let mut filled = size;
    while filled < 64 {
        number |= number << filled;
        filled *= 2;
    }
    Some(if is_wide { number } else { number & u64::from(u32::MAX) })
}

fn flow(word: Word, at: u64, emit: &mut dyn FnMut(Step)) {
    let to = |first, count| at.wrapping_add_signed(word.signed(first, count) << 2);
    let register = word.register(5);
    match word.0 {
        _ if word.is(0xfc00_0000, 0x1400_0000) => emit(Step::Jump(Target::Address(to(0, 26)))),
        _ if word.is(0xfc00_0000, 0x9400_0000) => emit(Step::Call(Target::Address(to(0, 26)))),
        // b.cond; cbz and cbnz; tbz and tbnz.
        _ if word.is(0xff00_0000, 0x5400_0000) => emit(Step::Branch(to(5, 19))),
        _ if word.is(0x7e00_0000, 0x3400_0000) => emit(Step::Branch(to(5, 19))),
        _ if word.is(0x7e00_0000, 0x3600_0000) => emit(Step::Branch(to(5, 14))),
        // svc, and the others that leave the program.
        _ if word.is(0xffe0_001f, 0xd400_0001) => emit(Step::System),
        _ if word.is(0xff00_0000, 0xd400_0000) => emit(Step::Stop),
        // br, blr and ret, also those that check a signature of the address.
        _ if word.is(0xfeff_f000, 0xd61f_0000) => emit(Step::Jump(Target::Register(register))),
        _ if word.is(0xfeff_f000, 0xd63f_0000) => emit(Step::Call(Target::Register(register))),
        _ if word.is(0xfeff_f000, 0xd65f_0000) => emit(Step::Return),
        // mrs.
        _ if word.is(0xfff0_0000, 0xd530_0000) => lose(word.destination(), emit),
        _ => {}
    }
}

/// Between registers.
fn registers(word: Word, emit: &mut dyn FnMut(Step)) {
    let to = word.destination();
    let is_wide = word.bit(31);
    let [first, second] = [5, 16].map(|at| word.register(at));
    // orr from zero, without a shift: mov.
    if word.is(0x7fe0_ffe0, 0x2a00_03e0) {
        return match to {
            STACK => {}
            _ => emit(Step::Set(to, operand(second, is_wide))),
        };
    }
    // csel.
    if word.is(0x7fe0_0c00, 0x1a80_0000) && to != STACK {
        emit(Step::Set(to, operand(first, is_wide)));
        // The condition may choose either; the second operand may be the destination itself.
        return match second == to {
            true => emit(Step::Lose(to)),
            false => emit(Step::MaySet(to, operand(second, is_wide))),
        };
    }
    // Sums and the like of an address are no longer followed. Comparisons have no result.
    if to != STACK {
        for register in [first, second].into_iter().filter(|register| *register != STACK) {
            emit(Step::Use(register));
        }
        emit(Step::Lose(to));
    }
}

/// Loads and stores.
fn memory(word: Word, at: u64, emit: &mut dyn FnMut(Step)) {
    let is_vector = word.bit(26);
    let to = word.destination();
    // From an address near the instruction.
    if word.is(0x3b00_0000, 0x1800_0000) {
        let place = Place::address(at.wrapping_add_signed(word.signed(5, 19) << 2));
        return match word.bits(30, 2) {
            0b01 if !is_vector && to != STACK => emit(Step::Load(to, place, 8)),
            0b00 if !is_vector && to != STACK => emit(Step::Load(to, place, 4)),
            _ if !is_vector => lose(to, emit),
            _ => emit(Step::Touch(place, 16)),
        };
    }
    if word.is(0x3a00_0000, 0x2800_0000) {
        return pair(word, is_vector, emit);
    }
    if word.is(0x3a00_0000, 0x3800_0000) {
        return single(word, is_vector, emit);
    }
    // Exclusive and atomic ones, and vectors in structures.
    emit(Step::Touch(Place::at(word.register(5), 0), 64));
    for register in [to, word.register(16), word.register(10)] {
        if !is_vector && register != STACK {
            emit(Step::Use(register));
            emit(Step::Lose(register));
        }
    }
}

fn pair(word: Word, is_vector: bool, emit: &mut dyn FnMut(Step)) {
    let kind = word.bits(23, 2);
    let size: i64 = match (word.bits(30, 2), is_vector) {
        (kind, true) => 4 << kind,
        (0b10, false) => 8,
        _ => 4,
    };
    let (base, offset) = (word.register(5), word.signed(15, 7) * size);
    // Before the access, after it, or not at all.
    if kind == 0b11 {
        emit(Step::Add(base, base, offset));
    }
    let start = if kind == 0b10 || kind == 0b00 { offset } else { 0 };
    for (register, at) in [(word.destination(), start), (word.register(10), start + size)] {
        one(word.bit(22), is_vector, register, Place::at(base, at), size.cast_unsigned(), emit);
    }
    if kind == 0b01 {
        emit(Step::Add(base, base, offset));
    }
}

fn single(word: Word, is_vector: bool, emit: &mut dyn FnMut(Step)) {
    let base = word.register(5);
    let scale = if is_vector && word.bit(23) { 4 } else { word.bits(30, 2) };
    let size = 1_u64 << scale;
    // Loads that extend a sign are not followed.
    let is_load = word.bits(22, 2) != 0;
    let is_plain = word.bits(22, 2) <= 1;
    let access = |place, emit: &mut dyn FnMut(Step)| match is_plain || is_vector {
        true => one(is_load, is_vector, word.destination(), place, size, emit),
        false => lose(word.destination(), emit),
    };
    if word.bit(24) {
        return access(Place::at(base, i64::from(word.bits(10, 12)) << scale), emit);
    }
    if word.bit(21) {
        if word.bits(10, 2) == 0b10 {
            let index = Some(word.register(16)).filter(|register| *register != STACK);
            return access(Place { base: Some(base), index, offset: 0 }, emit);
        }
        // Atomic.
        emit(Step::Touch(Place::at(base, 0), size));
        emit(Step::Use(word.register(16)));
        return lose(word.destination(), emit);
    }
    let offset = word.signed(12, 9);
    match word.bits(10, 2) {
        0b01 => {
            access(Place::at(base, 0), emit);
            emit(Step::Add(base, base, offset));
        }
        0b11 => {
            emit(Step::Add(base, base, offset));
            access(Place::at(base, 0), emit);
        }
        _ => access(Place::at(base, offset), emit),
    }
}

/// One register from memory or to it.
fn one(
    is_load: bool,
    is_vector: bool,
    register: Register,
    place: Place,
    size: u64,
    emit: &mut dyn FnMut(Step),
) {
    match (is_load, is_vector) {
        (_, true) => emit(Step::Touch(place, size)),
        (true, false) if register == STACK => emit(Step::Touch(place, size)),
        (true, false) => emit(Step::Load(register, place, size)),
        (false, false) => emit(Step::Store(place, operand(register, size == 8), size)),
    }
}
