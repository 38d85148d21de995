//! The ABIs of the kernel's source, and where it has their calls.

use super::abi::Calls::{Generic, Table};

/// One ABI: a column of the data.
pub(super) struct Abi {
    pub(super) name: &'static str,
    /// Its folder in `arch/`.
    pub(super) folder: &'static str,
    /// The bits of a kernel that has it.
    pub(super) bits: u32,
    pub(super) calls: Calls,
    /// Clang's target for its headers; none where only the numbers are wanted, to know the names.
    pub(super) target: Option<&'static str>,
}

/// Where the numbers of an ABI's calls are.
pub(super) enum Calls {
    /// In the architecture's own table, in the lines for some ABIs, counted from a number.
    Table(&'static str, &'static [&'static str], u32),
    /// In the table that the newer architectures share.
    Generic,
}

const X32: u32 = 0x4000_0000;
const COMMON: &[&str] = &["common"];
const COMMON_32: &[&str] = &["common", "32"];
const COMMON_64: &[&str] = &["common", "64"];

/// Every ABI, in the order of the columns.
pub(super) const ABIS: [Abi; 29] = [
    abi("x86_64", "x86", 64, Table("entry/syscalls/syscall_64.tbl", COMMON_64, 0), "x86_64-linux-gnu"),
    abi(
        "x32",
        "x86",
        64,
        Table("entry/syscalls/syscall_64.tbl", &["common", "x32"], X32),
        "x86_64-linux-gnux32",
    ),
    abi("i386", "x86", 32, Table("entry/syscalls/syscall_32.tbl", &["i386"], 0), "i686-linux-gnu"),
    abi("aarch64", "arm64", 64, Generic, "aarch64-linux-gnu"),
    abi("arm", "arm", 32, Table("tools/syscall.tbl", &["common", "eabi"], 0), "armv7-linux-gnueabi"),
    abi("riscv64", "riscv", 64, Generic, "riscv64-linux-gnu"),
    abi("riscv32", "riscv", 32, Generic, "riscv32-linux-gnu"),
    abi("loongarch64", "loongarch", 64, Generic, "loongarch64-linux-gnu"),
    abi(
        "powerpc",
        "powerpc",
        32,
        Table("kernel/syscalls/syscall.tbl", &["common", "nospu", "32"], 0),
        "powerpc-linux-gnu",
    ),
    abi(
        "powerpc64",
        "powerpc",
        64,
        Table("kernel/syscalls/syscall.tbl", &["common", "nospu", "64"], 0),
        "powerpc64-linux-gnu",
    ),
    abi("s390x", "s390", 64, Table("kernel/syscalls/syscall.tbl", COMMON_64, 0), "s390x-linux-gnu"),
    abi(
        "mips",
        "mips",
        32,
        Table("kernel/syscalls/syscall_o32.tbl", &["common", "o32"], 4000),
        "mips-linux-gnu",
    ),
    abi(
        "mips64",
        "mips",
        64,
        Table("kernel/syscalls/syscall_n64.tbl", &["common", "n64"], 5000),
        "mips64-linux-gnu",
    ),
    abi(
        "mipsn32",
        "mips",
        64,
        Table("kernel/syscalls/syscall_n32.tbl", &["common", "n32"], 6000),
        "mips64-linux-gnuabin32",
    ),
    abi("sparc", "sparc", 32, Table("kernel/syscalls/syscall.tbl", COMMON_32, 0), "sparc-linux-gnu"),
    abi("sparc64", "sparc", 64, Table("kernel/syscalls/syscall.tbl", COMMON_64, 0), "sparc64-linux-gnu"),
    abi("m68k", "m68k", 32, Table("kernel/syscalls/syscall.tbl", COMMON, 0), "m68k-linux-gnu"),
    abi("csky", "csky", 32, Generic, "csky-linux-gnu"),
    abi("hexagon", "hexagon", 32, Generic, "hexagon-linux-gnu"),
    names("loongarch32", "loongarch", 32, Generic),
    names("parisc", "parisc", 32, Table("kernel/syscalls/syscall.tbl", COMMON_32, 0)),
    names("parisc64", "parisc", 64, Table("kernel/syscalls/syscall.tbl", COMMON_64, 0)),
    names("sh", "sh", 32, Table("kernel/syscalls/syscall.tbl", COMMON, 0)),
    names("xtensa", "xtensa", 32, Table("kernel/syscalls/syscall.tbl", COMMON, 0)),
    names("arc", "arc", 32, Generic),
    names("openrisc", "openrisc", 32, Generic),
    names("nios2", "nios2", 32, Generic),
    names("alpha", "alpha", 64, Table("kernel/syscalls/syscall.tbl", COMMON, 0)),
    names("microblaze", "microblaze", 32, Table("kernel/syscalls/syscall.tbl", COMMON, 0)),
];

/// The 31-bit ABI of s390x, which has no column: only its constants are read. Clang does not know it, but PowerPC has the
/// sizes and alignments of its types.
pub(super) const S390: Abi =
    abi("s390", "s390", 32, Table("kernel/syscalls/syscall.tbl", COMMON_32, 0), "powerpc-linux-gnu");

const fn abi(name: &'static str, folder: &'static str, bits: u32, calls: Calls, target: &'static str) -> Abi {
    Abi { name, folder, bits, calls, target: Some(target) }
}

const fn names(name: &'static str, folder: &'static str, bits: u32, calls: Calls) -> Abi {
    Abi { name, folder, bits, calls, target: None }
}
