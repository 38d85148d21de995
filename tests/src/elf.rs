//! Small ELF programs, made by hand.

/// A program whose code and data are loaded where they are linked for.
#[derive(Debug)]
pub struct Elf {
    machine: u16,
    code: Vec<u8>,
    data: Vec<u8>,
    functions: Vec<(&'static str, u64)>,
}

/// Where code and data are when the program runs.
pub const CODE: u64 = 0x40_0000;
/// Where data is.
pub const DATA: u64 = 0x50_0000;

const HEADER: usize = 64;
const PROGRAM_HEADER: usize = 56;

impl Elf {
    /// A program for x86_64.
    pub fn x86_64(code: &[u8]) -> Self {
        Self { machine: 62, code: code.to_vec(), data: Vec::new(), functions: Vec::new() }
    }

    /// A program for aarch64.
    pub fn aarch64(code: &[u32]) -> Self {
        let code = code.iter().flat_map(|word| word.to_le_bytes()).collect();
        Self { machine: 183, code, data: Vec::new(), functions: Vec::new() }
    }

    /// With data in it.
    #[must_use]
    pub fn data(mut self, words: &[u64]) -> Self {
        self.data = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self
    }

    /// With a function that begins so far into its code.
    #[must_use]
    pub fn function(mut self, name: &'static str, offset: u64) -> Self {
        self.functions.push((name, offset));
        self
    }

    /// The file. It begins with its first function.
    pub fn bytes(&self) -> Vec<u8> {
        let mut names = vec![0];
        let mut symbols = vec![0; 24];
        for (name, offset) in &self.functions {
            let at = u32::try_from(names.len()).expect("few names");
            names.extend(name.bytes().chain([0]));
            // A global function, in the first section.
            symbols.extend(at.to_le_bytes().into_iter().chain([0x12, 0, 1, 0]));
            symbols.extend((CODE + offset).to_le_bytes().into_iter().chain([0; 8]));
        }
        let kinds = b"\0.text\0.data\0.symtab\0.strtab\0".to_vec();
        let parts = [&self.code, &self.data, &symbols, &names, &kinds];
        let mut starts = vec![HEADER + 2 * PROGRAM_HEADER];
        for part in parts {
            starts.push((starts[starts.len() - 1] + part.len()).next_multiple_of(8));
        }
        let mut file = self.headers(starts[5], [starts[0], starts[1]]);
        for (part, start) in parts.into_iter().zip(&starts) {
            file.resize(*start, 0);
            file.extend(part);
        }
        file.resize(starts[5], 0);
        file.extend([0; 64]);
        // Names, kinds (bits, symbols or strings), flags (code or data), addresses, links and sizes of entries.
        let sections = [
            (1, 1, 6, CODE, 0, 0),
            (7, 1, 3, DATA, 0, 0),
            (13, 2, 0, 0, 4, 24),
            (21, 3, 0, 0, 0, 0),
            (21, 3, 0, 0, 0, 0),
        ];
        for (index, (name, kind, flags, address, link, entry)) in sections.into_iter().enumerate() {
            let words = [flags, address, starts[index] as u64, parts[index].len() as u64];
            file.extend([name, kind].into_iter().flat_map(u32::to_le_bytes));
            file.extend(words.into_iter().flat_map(u64::to_le_bytes));
            file.extend([link, 1].into_iter().flat_map(u32::to_le_bytes));
            file.extend([1, entry].into_iter().flat_map(u64::to_le_bytes));
        }
        file
    }

    fn headers(&self, sections: usize, [code, data]: [usize; 2]) -> Vec<u8> {
        let mut file = b"\x7fELF\x02\x01\x01".to_vec();
        file.resize(16, 0);
        file.extend([2, self.machine].into_iter().flat_map(u16::to_le_bytes));
        file.extend(1_u32.to_le_bytes());
        let entry = CODE + self.functions.first().map_or(0, |(_, offset)| *offset);
        file.extend([entry, HEADER as u64, sections as u64].into_iter().flat_map(u64::to_le_bytes));
        file.extend(0_u32.to_le_bytes());
        // Sizes and counts of the headers; the last section has the names.
        file.extend([64, 56, 2, 64, 6, 5].into_iter().flat_map(u16::to_le_bytes));
        let segments = [(5_u32, code, CODE, self.code.len()), (6, data, DATA, self.data.len())];
        for (flags, start, address, length) in segments {
            file.extend([1, flags].into_iter().flat_map(u32::to_le_bytes));
            let words = [start as u64, address, address, length as u64, length as u64, 8];
            file.extend(words.into_iter().flat_map(u64::to_le_bytes));
        }
        file
    }
}
