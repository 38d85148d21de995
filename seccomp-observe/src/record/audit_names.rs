//! The names of system calls in the tables of the audit tools, which differ from the kernel's.

use seccomp_compiler::Architecture;

/// Their names and the kernel's, of all tables in `lib/` of audit-userspace (2026-08) and of go-libaudit (2025-05). On an
/// architecture where the kernel uses a name itself, that meaning counts.
const OTHERS: &[(&str, &str)] = &[
    ("fadvise64_64", "arm_fadvise64_64"),
    ("fstatat64", "newfstatat"),
    ("getdents", "getdents64"),
    ("llseek", "_llseek"),
    ("madvise1", "madvise"),
    ("newfstat", "fstat"),
    ("newselect", "_newselect"),
    ("perf_counter_open", "perf_event_open"),
    ("pread", "pread64"),
    ("pwrite", "pwrite64"),
    ("sched_rr_get_interval64", "sched_rr_get_interval_time64"),
    ("sync_file_range", "sync_file_range2"),
    ("sys_kexec_load", "kexec_load"),
    ("sysctl", "_sysctl"),
    ("timerfd", "timerfd_create"),
];

/// The number of the call that the audit tools call by this name.
pub(crate) fn number(architecture: &Architecture, name: &str) -> Option<u32> {
    let kernel = || OTHERS.iter().filter(|(audit, _)| *audit == name);
    architecture
        .syscall_number(name)
        .or_else(|| kernel().find_map(|(_, kernel)| architecture.syscall_number(kernel)))
}
