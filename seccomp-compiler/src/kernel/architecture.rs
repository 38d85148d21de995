//! Architectures: what the kernel tells a filter about the ABI that a call came in through.

use core::fmt;
use core::ops::{Range, RangeInclusive};

use crate::kernel::tables::{self, ARCHITECTURES, Table};

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
    /// Spellings that are neither the name nor Rust's targets.
    pub(crate) aliases: &'static [&'static str],
    pub(crate) targets: &'static [&'static str],
    pub(crate) cfg: Option<&'static str>,
    /// Whether `cfg` holds for this crate.
    pub(crate) is_host: bool,
    pub(crate) audit: u32,
    pub(crate) audit_name: &'static str,
    pub(crate) endian: Endian,
    pub(crate) register: Width,
    pub(crate) numbers: RangeInclusive<u32>,
    pub(crate) table: Table,
    pub(crate) first: u32,
    pub(crate) end: u32,
    /// Calls that are numbered from the end on without being newer: x32's own, and arm's private ones.
    pub(crate) beyond_end: &'static [(&'static str, u32)],
    /// Whether the halves of a 64-bit argument are the other way round than in `table`.
    pub(crate) swapped_halves: bool,
    pub(crate) sibling: Option<(&'static str, Uncovered)>,
    pub(crate) compat: &'static [&'static str],
    pub(crate) has_signal_frame: bool,
}

/// The byte order of a target, and so the order of the two words of an argument in `seccomp_data`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endian {
    /// Low word first.
    Little,
    /// High word first.
    Big,
}

/// How many low bits of an argument count: 64 for a whole register, 32 for an `int`, 12 for the mode of `chmod`, 0 for
/// an argument that the kernel ignores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Width(u8);

impl Width {
    /// The low 16 bits, as of a `umode_t`.
    pub const BITS_16: Self = Self(16);
    /// The low 32 bits, as of an `int`.
    pub const BITS_32: Self = Self(32);
    /// The whole register of a 64-bit ABI.
    pub const BITS_64: Self = Self(64);

    /// The width of this many bits, up to 64.
    pub const fn from_bits(bits: u8) -> Option<Self> {
        if bits <= 64 { Some(Self(bits)) } else { None }
    }

    /// The number of bits.
    pub const fn bits(self) -> u32 {
        self.0 as u32
    }

    /// The bits that count, set.
    pub const fn mask(self) -> u64 {
        match self.0 {
            0 => 0,
            bits => u64::MAX >> (64 - bits),
        }
    }
}

impl fmt::Display for Width {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.bits())
    }
}

/// What calls get that share the audit architecture of a covered ABI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uncovered {
    /// ENOSYS.
    NoSuchCall,
    /// `foreign_architecture`.
    Foreign,
}

impl Architecture {
    /// Every architecture whose kernel has filters, by name.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        ARCHITECTURES.iter()
    }

    /// The architecture of this name, of a common other spelling of it (`amd64`, `386`, `arm64`, `ppc64le`), or of
    /// a Rust target (`aarch64-unknown-linux-musl`).
    pub fn find(name: &str) -> Option<&'static Self> {
        Self::all().find(|abi| abi.name == name || abi.aliases.contains(&name) || abi.targets.contains(&name))
    }

    /// The architecture that is meant by what is no name of one here: a name in other letters, or in the words of the
    /// kernel or of libseccomp.
    ///
    /// ```
    /// use seccomp_compiler::Architecture;
    ///
    /// for name in ["AMD64", "x86-64", "AUDIT_ARCH_X86_64", "SCMP_ARCH_X86_64"] {
    ///     assert_eq!(Architecture::find(name), None);
    ///     assert_eq!(Architecture::suggest(name), Architecture::find("x86_64"));
    /// }
    /// ```
    pub fn suggest(name: &str) -> Option<&'static Self> {
        let lower = name.to_ascii_lowercase();
        let prefixes = ["audit_arch_", "scmp_arch_"];
        let bare = prefixes.iter().find_map(|prefix| lower.strip_prefix(prefix)).unwrap_or(&lower);
        let audit = || Self::all().find(|abi| abi.audit_name.eq_ignore_ascii_case(name));
        Self::find(bare).or_else(|| Self::find(&bare.replace('-', "_"))).or_else(audit)
    }

    /// The architecture of a call with this `seccomp_data.arch` and `seccomp_data.nr`: the number tells x32 from
    /// x86_64. Of two that the kernel does not tell apart, as arm of either byte order, it is the little-endian one.
    ///
    /// ```
    /// use seccomp_compiler::Architecture;
    ///
    /// let of = |number| Architecture::of_call(0xc000003e, number).map(Architecture::name);
    /// assert_eq!((of(41), of(0x4000_0029)), (Some("x86_64"), Some("x32")));
    /// ```
    pub fn of_call(audit: u32, number: u32) -> Option<&'static Self> {
        Self::all().find(|abi| abi.has_call(audit, number))
    }

    /// Whether a call with this `seccomp_data.arch` and `seccomp_data.nr` is one of this ABI, known or not.
    pub fn has_call(&self, audit: u32, number: u32) -> bool {
        self.audit == audit && self.numbers().contains(&number)
    }

    /// The architecture of the machine that this code was compiled for, if the kernel has filters there.
    pub fn host() -> Option<&'static Self> {
        Self::all().find(|abi| abi.is_host)
    }

    /// The name in policies, on the command line and in messages.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// `seccomp_data.arch` of its calls: an `AUDIT_ARCH_*` of `linux/audit.h`. x86_64 and x32 share one.
    pub const fn audit(&self) -> u32 {
        self.audit
    }

    /// What the tools of the audit system call it in records: `ppc` for `powerpc`, and `x86_64` for x32, too.
    pub const fn audit_name(&self) -> &'static str {
        self.audit_name
    }

    /// The number of SIGSYS, the signal of `trap`.
    pub fn sigsys(&self) -> Option<u32> {
        tables::constant("SIGSYS")?.value(self.table).and_then(|number| u32::try_from(number).ok())
    }

    /// The number of an error, such as `ENOSYS`, which is 89 on mips and 38 elsewhere; `None` for one that it lacks.
    ///
    /// ```
    /// use seccomp_compiler::Architecture;
    ///
    /// let number = |architecture| Architecture::find(architecture)?.errno("ENOSYS");
    /// assert_eq!((number("x86_64"), number("mips")), (Some(38), Some(89)));
    /// ```
    pub fn errno(&self, name: &str) -> Option<u16> {
        tables::errno(name)?.value(self.table).and_then(|number| u16::try_from(number).ok())
    }

    /// The value of a constant of the kernel's headers; `None` for one that they lack.
    ///
    /// ```
    /// use seccomp_compiler::Architecture;
    ///
    /// let value = |architecture| Architecture::find(architecture)?.constant("O_DIRECTORY");
    /// assert_eq!((value("x86_64"), value("aarch64")), (Some(0x10000), Some(0x4000)));
    /// ```
    pub fn constant(&self, name: &str) -> Option<u64> {
        tables::constant(name)?.value(self.table)
    }

    /// Its byte order.
    pub const fn endian(&self) -> Endian {
        self.endian
    }

    /// How many bits of a register the kernel can read through this ABI: 32 on 32-bit ABIs, but 64 on x32 and n32. A filter
    /// may see more: the upper half of a 32-bit ABI's argument is whatever a 64-bit process left there.
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

    /// The other ABIs that a kernel of this architecture accepts and a filter can tell apart; `compat: true` covers
    /// them.
    pub fn compat(&self) -> impl Iterator<Item = &'static Self> {
        self.compat.iter().filter_map(|name| Self::find(name))
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

    /// The ABI with the same audit architecture, if there is one, and what its calls get when the filter does not cover
    /// them: x32's on x86_64 what a kernel without x32 answers, x86_64's on x32 what foreign ones get.
    pub fn sibling(&self) -> Option<(&'static Self, Uncovered)> {
        let (name, uncovered) = self.sibling?;
        Some((Self::find(name)?, uncovered))
    }

    /// The numbers that belong to this ABI under its audit architecture; what lies outside belongs to another.
    pub(crate) fn numbers(&self) -> RangeInclusive<u32> {
        self.numbers.clone()
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
