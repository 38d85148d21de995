//! Architectures: what the kernel tells a filter about the ABI that a call came in through.

use core::fmt;
use core::ops::{Range, RangeInclusive};

use crate::tables::{self, ARCHITECTURES, Table};

/// One ABI of the kernel, by the name it has in a policy and on the command line (`x86_64`, `x32`, `i386`,
/// `aarch64` …).
///
/// ```
/// use seccomp_compiler::Architecture;
///
/// let arm64 = Architecture::find("arm64").expect("a common spelling");
/// assert_eq!(arm64.name(), "aarch64");
/// assert_eq!(arm64.audit(), 0xc00000b7);
/// assert_eq!(Architecture::find("s390x-unknown-linux-gnu"), Architecture::find("s390x"));
/// ```
pub struct Architecture {
    pub(crate) name: &'static str,
    pub(crate) audit: u32,
    pub(crate) endian: Endian,
    pub(crate) register: Width,
    pub(crate) cfg: Option<&'static str>,
    pub(crate) table: Table,
    pub(crate) first: u32,
    pub(crate) end: u32,
    pub(crate) targets: &'static [&'static str],
}

/// The byte order of a target, and so the order of the two words of an argument in `seccomp_data`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endian {
    /// Low word first.
    Little,
    /// High word first.
    Big,
}

/// How many bits of an argument count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Width {
    /// The low 16 bits, as of a `umode_t`.
    Bits16,
    /// The low 32 bits, as of an `int`.
    Bits32,
    /// The whole register of a 64-bit ABI.
    Bits64,
}

impl Width {
    /// The width of this many bits, if it is one.
    pub const fn from_bits(bits: u64) -> Option<Self> {
        match bits {
            16 => Some(Self::Bits16),
            32 => Some(Self::Bits32),
            64 => Some(Self::Bits64),
            _ => None,
        }
    }

    /// 16, 32 or 64.
    pub const fn bits(self) -> u32 {
        match self {
            Self::Bits16 => 16,
            Self::Bits32 => 32,
            Self::Bits64 => 64,
        }
    }

    /// The bits that count, set.
    pub const fn mask(self) -> u64 {
        u64::MAX >> (64 - self.bits())
    }
}

impl fmt::Display for Width {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.bits())
    }
}

/// Bit 30 marks the calls of x32, which share x86_64's audit value.
const X32_BIT: u32 = 0x4000_0000;

/// Spellings that are neither the table's names nor Rust's targets.
const ALIASES: [(&str, &str); 10] = [
    ("386", "i386"),
    ("amd64", "x86_64"),
    ("arm64", "aarch64"),
    ("armv7", "arm"),
    ("i586", "i386"),
    ("i686", "i386"),
    ("ppc", "powerpc"),
    ("ppc64", "powerpc64"),
    ("ppc64le", "powerpc64le"),
    ("x86", "i386"),
];

impl Architecture {
    /// Every architecture whose kernel has filters, by name.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        ARCHITECTURES.iter()
    }

    /// The architecture of this name, of a common other spelling of it (`amd64`, `386`, `arm64`, `ppc64le`), or of
    /// a Rust target (`aarch64-unknown-linux-musl`).
    pub fn find(name: &str) -> Option<&'static Self> {
        let name = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, name)| name);
        Self::all().find(|of| of.name == name || of.targets.contains(&name))
    }

    /// The architecture of the machine that this code was compiled for, if the kernel has filters there.
    pub fn host() -> Option<&'static Self> {
        let big = cfg!(target_endian = "big");
        let name = match core::any::type_name::<fn()>() {
            _ if cfg!(all(target_arch = "x86_64", target_pointer_width = "32")) => "x32",
            _ if cfg!(target_arch = "x86_64") => "x86_64",
            _ if cfg!(target_arch = "x86") => "i386",
            _ if cfg!(target_arch = "aarch64") && big => "aarch64_be",
            _ if cfg!(target_arch = "aarch64") => "aarch64",
            _ if cfg!(target_arch = "arm") && big => "armeb",
            _ => return None,
        };
        Self::find(name)
    }

    /// The name in policies, on the command line and in messages.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// `seccomp_data.arch` of its calls: an `AUDIT_ARCH_*` of `linux/audit.h`. x86_64 and x32 share one.
    pub const fn audit(&self) -> u32 {
        self.audit
    }

    /// Its byte order.
    pub const fn endian(&self) -> Endian {
        self.endian
    }

    /// How wide `seccomp_data` shows its arguments: 32 bits on 32-bit ABIs, whose high words are zero, but 64 on
    /// x32 and n32, whose registers are whole.
    pub const fn register(&self) -> Width {
        self.register
    }

    /// The `cfg` predicate that selects the Rust targets of this architecture; `None` for one that is only a
    /// companion of another.
    pub const fn cfg(&self) -> Option<&'static str> {
        self.cfg
    }

    /// Rust's targets of this architecture.
    pub const fn targets(&self) -> &'static [&'static str] {
        self.targets
    }

    /// The name of the call with this number.
    pub fn syscall_name(&self, number: u32) -> Option<&'static str> {
        tables::syscall_name(self.table, number)
    }

    /// The number of the call with this name, as `seccomp_data.nr` shows it.
    pub fn syscall_number(&self, name: &str) -> Option<u32> {
        tables::syscall(name)?.number(self.table)
    }

    /// The numbers that ordinary calls of the table have, from the lowest to one past the highest.
    pub const fn table(&self) -> Range<u32> {
        self.first..self.end
    }

    /// One past the highest ordinary call of the table: numbers from here on are newer than the table.
    pub const fn table_end(&self) -> u32 {
        self.end
    }

    /// The numbers that belong to this ABI under its audit value; what lies outside belongs to another.
    pub(crate) fn numbers(&self) -> RangeInclusive<u32> {
        match self.table {
            Table::X86_64 => 0..=X32_BIT - 1,
            Table::X32 => X32_BIT..=u32::MAX,
            _ => 0..=u32::MAX,
        }
    }
}

impl PartialEq for Architecture {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Architecture {}

impl fmt::Debug for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Architecture({})", self.name)
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
