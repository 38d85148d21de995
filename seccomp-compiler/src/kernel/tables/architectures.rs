// Written by `cargo xtask tables` from data/architectures.csv. Do not edit.
use crate::kernel::architecture::{Architecture, Endian, Uncovered, Width};

/// The kernel release that the tables describe. A policy's meaning depends on it: a newer table knows newer
/// names.
pub const VERSION: &str = "Linux 7.2";

/// A column of the tables: architectures that number their system calls alike share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Table {
    X86_64,
    X32,
    I386,
    Aarch64,
    Arm,
    Riscv64,
    Riscv32,
    Loongarch64,
    Powerpc,
    Powerpc64,
    S390x,
    S390,
    Mips,
    Mips64,
    Mipsn32,
    M68k,
    Csky,
}

/// How wide the columns of names and of numbers are in `syscalls.txt`.
pub(super) const WIDTHS: (usize, usize) = (28, 12);

/// Their names in `signatures.txt`, `constants.txt` and `errnos.txt`.
pub(crate) static TABLES: [&str; 17] = [
    "x86_64",
    "x32",
    "i386",
    "aarch64",
    "arm",
    "riscv64",
    "riscv32",
    "loongarch64",
    "powerpc",
    "powerpc64",
    "s390x",
    "s390",
    "mips",
    "mips64",
    "mipsn32",
    "m68k",
    "csky",
];

pub(crate) static ARCHITECTURES: [Architecture; 23] = [
    Architecture {
        name: "x86_64", aliases: &["amd64"], targets: &["x86_64-unknown-linux-gnu", "x86_64-linux-android", "x86_64-unknown-linux-gnuasan", "x86_64-unknown-linux-gnumsan", "x86_64-unknown-linux-gnutsan", "x86_64-unknown-linux-musl", "x86_64-unknown-linux-ohos", "x86_64-unikraft-linux-musl", "x86_64-unknown-linux-none"],
        cfg: Some("all(target_arch = \"x86_64\", target_pointer_width = \"64\")"), is_host: cfg!(all(target_arch = "x86_64", target_pointer_width = "64")),
        audit: 0xc000003e, audit_name: "x86_64", endian: Endian::Little, register: Width::BITS_64, numbers: 0x0..=0x3fffffff,
        table: Table::X86_64, first: 0, end: 472, beyond_end: &[], swapped_halves: false,
        sibling: Some(("x32", Uncovered::NoSuchCall)), compat: &["i386", "x32"], has_signal_frame: true,
    },
    Architecture {
        name: "x32", aliases: &[], targets: &["x86_64-unknown-linux-gnux32"],
        cfg: Some("all(target_arch = \"x86_64\", target_pointer_width = \"32\")"), is_host: cfg!(all(target_arch = "x86_64", target_pointer_width = "32")),
        audit: 0xc000003e, audit_name: "x86_64", endian: Endian::Little, register: Width::BITS_64, numbers: 0x40000000..=0xffffffff,
        table: Table::X32, first: 1073741824, end: 1073742296, beyond_end: &[("execve", 1073742344), ("execveat", 1073742369), ("get_robust_list", 1073742355), ("getsockopt", 1073742366), ("io_setup", 1073742367), ("io_submit", 1073742368), ("ioctl", 1073742338), ("kexec_load", 1073742352), ("move_pages", 1073742357), ("mq_notify", 1073742351), ("preadv", 1073742358), ("preadv2", 1073742370), ("process_vm_readv", 1073742363), ("process_vm_writev", 1073742364), ("ptrace", 1073742345), ("pwritev", 1073742359), ("pwritev2", 1073742371), ("readv", 1073742339), ("recvfrom", 1073742341), ("recvmmsg", 1073742361), ("recvmsg", 1073742343), ("rt_sigaction", 1073742336), ("rt_sigpending", 1073742346), ("rt_sigqueueinfo", 1073742348), ("rt_sigreturn", 1073742337), ("rt_sigtimedwait", 1073742347), ("rt_tgsigqueueinfo", 1073742360), ("sendmmsg", 1073742362), ("sendmsg", 1073742342), ("set_robust_list", 1073742354), ("setsockopt", 1073742365), ("sigaltstack", 1073742349), ("timer_create", 1073742350), ("vmsplice", 1073742356), ("waitid", 1073742353), ("writev", 1073742340)], swapped_halves: false,
        sibling: Some(("x86_64", Uncovered::Foreign)), compat: &["x86_64", "i386"], has_signal_frame: true,
    },
    Architecture {
        name: "i386", aliases: &["386", "i586", "i686", "x86"], targets: &["i686-unknown-linux-gnu", "i586-unknown-linux-gnu", "i586-unknown-linux-musl", "i686-linux-android", "i686-unknown-linux-musl"],
        cfg: Some("target_arch = \"x86\""), is_host: cfg!(target_arch = "x86"),
        audit: 0x40000003, audit_name: "i386", endian: Endian::Little, register: Width::BITS_32, numbers: 0..=u32::MAX,
        table: Table::I386, first: 0, end: 472, beyond_end: &[], swapped_halves: false,
        sibling: None, compat: &[], has_signal_frame: true,
    },
    Architecture {
        name: "aarch64", aliases: &["arm64"], targets: &["aarch64-unknown-linux-gnu", "aarch64-linux-android", "aarch64-unknown-linux-musl", "aarch64-unknown-linux-ohos"],
        cfg: Some("all(target_arch = \"aarch64\", target_endian = \"little\", target_pointer_width = \"64\")"), is_host: cfg!(all(target_arch = "aarch64", target_endian = "little", target_pointer_width = "64")),
        audit: 0xc00000b7, audit_name: "aarch64", endian: Endian::Little, register: Width::BITS_64, numbers: 0..=u32::MAX,
        table: Table::Aarch64, first: 0, end: 472, beyond_end: &[], swapped_halves: false,
        sibling: None, compat: &["arm"], has_signal_frame: true,
    },
    Architecture {
        name: "aarch64_be", aliases: &[], targets: &["aarch64_be-unknown-linux-gnu", "aarch64_be-unknown-linux-musl"],
        cfg: Some("all(target_arch = \"aarch64\", target_endian = \"big\", target_pointer_width = \"64\")"), is_host: cfg!(all(target_arch = "aarch64", target_endian = "big", target_pointer_width = "64")),
        audit: 0xc00000b7, audit_name: "aarch64_be", endian: Endian::Big, register: Width::BITS_64, numbers: 0..=u32::MAX,
        table: Table::Aarch64, first: 0, end: 472, beyond_end: &[], swapped_halves: false,
        sibling: None, compat: &["armeb"], has_signal_frame: true,
    },
    Architecture {
        name: "arm", aliases: &["armv7"], targets: &["arm-linux-androideabi", "arm-unknown-linux-gnueabi", "arm-unknown-linux-gnueabihf", "arm-unknown-linux-musleabi", "arm-unknown-linux-musleabihf", "armv5te-unknown-linux-gnueabi", "armv5te-unknown-linux-musleabi", "armv7-linux-androideabi", "armv7-unknown-linux-gnueabi", "armv7-unknown-linux-gnueabihf", "armv7-unknown-linux-musleabi", "armv7-unknown-linux-musleabihf", "armv7-unknown-linux-ohos", "thumbv7neon-linux-androideabi", "thumbv7neon-unknown-linux-gnueabihf", "armv4t-unknown-linux-gnueabi", "armv5te-unknown-linux-uclibceabi", "armv7-unknown-linux-uclibceabi", "armv7-unknown-linux-uclibceabihf", "thumbv7neon-unknown-linux-musleabihf"],
        cfg: Some("all(target_arch = \"arm\", target_endian = \"little\")"), is_host: cfg!(all(target_arch = "arm", target_endian = "little")),
        audit: 0x40000028, audit_name: "arm", endian: Endian::Little, register: Width::BITS_32, numbers: 0..=u32::MAX,
        table: Table::Arm, first: 0, end: 472, beyond_end: &[("breakpoint", 983041), ("cacheflush", 983042), ("get_tls", 983046), ("set_tls", 983045), ("usr26", 983043), ("usr32", 983044)], swapped_halves: false,
        sibling: None, compat: &[], has_signal_frame: true,
    },
    Architecture {
        name: "armeb", aliases: &[], targets: &["armeb-unknown-linux-gnueabi"],
        cfg: Some("all(target_arch = \"arm\", target_endian = \"big\")"), is_host: cfg!(all(target_arch = "arm", target_endian = "big")),
        audit: 0x40000028, audit_name: "armeb", endian: Endian::Big, register: Width::BITS_32, numbers: 0..=u32::MAX,
        table: Table::Arm, first: 0, end: 472, beyond_end: &[("breakpoint", 983041), ("cacheflush", 983042), ("get_tls", 983046), ("set_tls", 983045), ("usr26", 983043), ("usr32", 983044)], swapped_halves: true,
        sibling: None, compat: &[], has_signal_frame: true,
    },
    Architecture {
        name: "riscv64", aliases: &[], targets: &["riscv64a23-unknown-linux-gnu", "riscv64gc-unknown-linux-gnu", "riscv64gc-unknown-linux-musl", "riscv64-linux-android"],
        cfg: Some("target_arch = \"riscv64\""), is_host: cfg!(target_arch = "riscv64"),
        audit: 0xc00000f3, audit_name: "riscv64", endian: Endian::Little, register: Width::BITS_64, numbers: 0..=u32::MAX,
        table: Table::Riscv64, first: 0, end: 472, beyond_end: &[], swapped_halves: false,
        sibling: None, compat: &[], has_signal_frame: true,
    },
    Architecture {
        name: "riscv32", aliases: &[], targets: &["riscv32gc-unknown-linux-gnu", "riscv32gc-unknown-linux-musl"],
        cfg: Some("target_arch = \"riscv32\""), is_host: cfg!(target_arch = "riscv32"),
        audit: 0x400000f3, audit_name: "riscv32", endian: Endian::Little, register: Width::BITS_32, numbers: 0..=u32::MAX,
        table: Table::Riscv32, first: 0, end: 472, beyond_end: &[], swapped_halves: false,
        sibling: None, compat: &[], has_signal_frame: true,
    },
    Architecture {
        name: "loongarch64", aliases: &[], targets: &["loongarch64-unknown-linux-gnu", "loongarch64-unknown-linux-musl", "loongarch64-unknown-linux-ohos"],
        cfg: Some("target_arch = \"loongarch64\""), is_host: cfg!(target_arch = "loongarch64"),
        audit: 0xc0000102, audit_name: "loongarch64", endian: Endian::Little, register: Width::BITS_64, numbers: 0..=u32::MAX,
        table: Table::Loongarch64, first: 0, end: 472, beyond_end: &[], swapped_halves: false,
        sibling: None, compat: &[], has_signal_frame: true,
    },
    Architecture {
        name: "powerpc", aliases: &["ppc"], targets: &["powerpc-unknown-linux-gnu", "powerpc-unknown-linux-gnuspe", "powerpc-unknown-linux-musl", "powerpc-unknown-linux-muslspe"],
        cfg: Some("target_arch = \"powerpc\""), is_host: cfg!(target_arch = "powerpc"),
        audit: 0x00000014, audit_name: "ppc", endian: Endian::Big, register: Width::BITS_32, numbers: 0..=u32::MAX,
        table: Table::Powerpc, first: 0, end: 472, beyond_end: &[], swapped_halves: false,
        sibling: None, compat: &[], has_signal_frame: false,
    },
    Architecture {
        name: "powerpc64", aliases: &["ppc64"], targets: &["powerpc64-unknown-linux-gnu", "powerpc64-unknown-linux-musl"],
        cfg: Some("all(target_arch = \"powerpc64\", target_endian = \"big\")"), is_host: cfg!(all(target_arch = "powerpc64", target_endian = "big")),
        audit: 0x80000015, audit_name: "ppc64", endian: Endian::Big, register: Width::BITS_64, numbers: 0..=u32::MAX,
        table: Table::Powerpc64, first: 0, end: 472, beyond_end: &[], swapped_halves: false,
        sibling: None, compat: &["powerpc"], has_signal_frame: false,
    },
    Architecture {
        name: "powerpc64le", aliases: &["ppc64le"], targets: &["powerpc64le-unknown-linux-gnu", "powerpc64le-unknown-linux-musl"],
        cfg: Some("all(target_arch = \"powerpc64\", target_endian = \"little\")"), is_host: cfg!(all(target_arch = "powerpc64", target_endian = "little")),
        audit: 0xc0000015, audit_name: "ppc64le", endian: Endian::Little, register: Width::BITS_64, numbers: 0..=u32::MAX,
        table: Table::Powerpc64, first: 0, end: 472, beyond_end: &[], swapped_halves: false,
        sibling: None, compat: &[], has_signal_frame: false,
    },
    Architecture {
        name: "s390x", aliases: &[], targets: &["s390x-unknown-linux-gnu", "s390x-unknown-linux-musl"],
        cfg: Some("target_arch = \"s390x\""), is_host: cfg!(target_arch = "s390x"),
        audit: 0x80000016, audit_name: "s390x", endian: Endian::Big, register: Width::BITS_64, numbers: 0..=u32::MAX,
        table: Table::S390x, first: 1, end: 472, beyond_end: &[], swapped_halves: false,
        sibling: None, compat: &["s390"], has_signal_frame: true,
    },
    Architecture {
        name: "s390", aliases: &[], targets: &[],
        cfg: None, is_host: cfg!(any()),
        audit: 0x00000016, audit_name: "s390", endian: Endian::Big, register: Width::BITS_32, numbers: 0..=u32::MAX,
        table: Table::S390, first: 1, end: 470, beyond_end: &[], swapped_halves: false,
        sibling: None, compat: &[], has_signal_frame: false,
    },
    Architecture {
        name: "mips", aliases: &[], targets: &["mips-unknown-linux-gnu", "mips-unknown-linux-musl", "mips-unknown-linux-uclibc", "mipsisa32r6-unknown-linux-gnu"],
        cfg: Some("all(any(target_arch = \"mips\", target_arch = \"mips32r6\"), target_endian = \"big\")"), is_host: cfg!(all(any(target_arch = "mips", target_arch = "mips32r6"), target_endian = "big")),
        audit: 0x00000008, audit_name: "mips", endian: Endian::Big, register: Width::BITS_32, numbers: 0..=u32::MAX,
        table: Table::Mips, first: 4000, end: 4472, beyond_end: &[], swapped_halves: false,
        sibling: None, compat: &[], has_signal_frame: false,
    },
    Architecture {
        name: "mipsel", aliases: &[], targets: &["mipsel-unknown-linux-gnu", "mipsel-unknown-linux-musl", "mipsel-unknown-linux-uclibc", "mipsisa32r6el-unknown-linux-gnu"],
        cfg: Some("all(any(target_arch = \"mips\", target_arch = \"mips32r6\"), target_endian = \"little\")"), is_host: cfg!(all(any(target_arch = "mips", target_arch = "mips32r6"), target_endian = "little")),
        audit: 0x40000008, audit_name: "mipsel", endian: Endian::Little, register: Width::BITS_32, numbers: 0..=u32::MAX,
        table: Table::Mips, first: 4000, end: 4472, beyond_end: &[], swapped_halves: true,
        sibling: None, compat: &[], has_signal_frame: false,
    },
    Architecture {
        name: "mips64", aliases: &[], targets: &["mips64-openwrt-linux-musl", "mips64-unknown-linux-gnuabi64", "mips64-unknown-linux-muslabi64", "mipsisa64r6-unknown-linux-gnuabi64"],
        cfg: Some("all(any(target_arch = \"mips64\", target_arch = \"mips64r6\"), target_endian = \"big\", target_pointer_width = \"64\")"), is_host: cfg!(all(any(target_arch = "mips64", target_arch = "mips64r6"), target_endian = "big", target_pointer_width = "64")),
        audit: 0x80000008, audit_name: "mips64", endian: Endian::Big, register: Width::BITS_64, numbers: 0..=u32::MAX,
        table: Table::Mips64, first: 5000, end: 5472, beyond_end: &[], swapped_halves: false,
        sibling: None, compat: &["mips", "mipsn32"], has_signal_frame: false,
    },
    Architecture {
        name: "mips64el", aliases: &[], targets: &["mips64el-unknown-linux-gnuabi64", "mips64el-unknown-linux-muslabi64", "mipsisa64r6el-unknown-linux-gnuabi64"],
        cfg: Some("all(any(target_arch = \"mips64\", target_arch = \"mips64r6\"), target_endian = \"little\", target_pointer_width = \"64\")"), is_host: cfg!(all(any(target_arch = "mips64", target_arch = "mips64r6"), target_endian = "little", target_pointer_width = "64")),
        audit: 0xc0000008, audit_name: "mipsel64", endian: Endian::Little, register: Width::BITS_64, numbers: 0..=u32::MAX,
        table: Table::Mips64, first: 5000, end: 5472, beyond_end: &[], swapped_halves: false,
        sibling: None, compat: &["mipsel", "mipsn32el"], has_signal_frame: false,
    },
    Architecture {
        name: "mipsn32", aliases: &[], targets: &[],
        cfg: Some("all(any(target_arch = \"mips64\", target_arch = \"mips64r6\"), target_endian = \"big\", target_pointer_width = \"32\")"), is_host: cfg!(all(any(target_arch = "mips64", target_arch = "mips64r6"), target_endian = "big", target_pointer_width = "32")),
        audit: 0xa0000008, audit_name: "mips64n32", endian: Endian::Big, register: Width::BITS_64, numbers: 0..=u32::MAX,
        table: Table::Mipsn32, first: 6000, end: 6472, beyond_end: &[], swapped_halves: false,
        sibling: None, compat: &["mips", "mips64"], has_signal_frame: false,
    },
    Architecture {
        name: "mipsn32el", aliases: &[], targets: &[],
        cfg: Some("all(any(target_arch = \"mips64\", target_arch = \"mips64r6\"), target_endian = \"little\", target_pointer_width = \"32\")"), is_host: cfg!(all(any(target_arch = "mips64", target_arch = "mips64r6"), target_endian = "little", target_pointer_width = "32")),
        audit: 0xe0000008, audit_name: "mipsel64n32", endian: Endian::Little, register: Width::BITS_64, numbers: 0..=u32::MAX,
        table: Table::Mipsn32, first: 6000, end: 6472, beyond_end: &[], swapped_halves: false,
        sibling: None, compat: &["mipsel", "mips64el"], has_signal_frame: false,
    },
    Architecture {
        name: "m68k", aliases: &[], targets: &["m68k-unknown-linux-gnu"],
        cfg: Some("target_arch = \"m68k\""), is_host: cfg!(target_arch = "m68k"),
        audit: 0x00000004, audit_name: "m68k", endian: Endian::Big, register: Width::BITS_32, numbers: 0..=u32::MAX,
        table: Table::M68k, first: 0, end: 472, beyond_end: &[], swapped_halves: false,
        sibling: None, compat: &[], has_signal_frame: false,
    },
    Architecture {
        name: "csky", aliases: &[], targets: &["csky-unknown-linux-gnuabiv2", "csky-unknown-linux-gnuabiv2hf"],
        cfg: Some("target_arch = \"csky\""), is_host: cfg!(target_arch = "csky"),
        audit: 0x400000fc, audit_name: "csky", endian: Endian::Little, register: Width::BITS_32, numbers: 0..=u32::MAX,
        table: Table::Csky, first: 0, end: 472, beyond_end: &[], swapped_halves: false,
        sibling: None, compat: &[], has_signal_frame: false,
    },
];
