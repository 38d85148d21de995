// Written by `cargo xtask tables` from data/lists.csv and second-names.csv. Do not edit.

/// What a Rust program cannot do without, whatever it does.
pub(crate) static ESSENTIAL: [&str; 8] = [
    "exit",
    "exit_group",
    "futex",
    "mmap",
    "mmap2",
    "munmap",
    "rt_sigreturn",
    "sigaltstack",
];

/// What a panic makes until the process has ended: the message, a backtrace, and the abort.
pub(crate) static PANIC: [&str; 8] = [
    "exit_group",
    "getcwd",
    "gettid",
    "mmap",
    "openat",
    "rt_sigprocmask",
    "tgkill",
    "write",
];

/// What io_uring can do without a call of its own.
pub(crate) static THROUGH_IO_URING: [&str; 22] = [
    "accept",
    "accept4",
    "bind",
    "connect",
    "ftruncate",
    "linkat",
    "listen",
    "mkdirat",
    "openat",
    "openat2",
    "recvfrom",
    "recvmsg",
    "renameat",
    "renameat2",
    "sendmsg",
    "sendto",
    "setxattr",
    "socket",
    "splice",
    "statx",
    "symlinkat",
    "unlinkat",
];

/// What the kernel resumes by restart_syscall(2) after an interruption.
pub(crate) static RESTARTED: [&str; 6] = [
    "clock_nanosleep",
    "clock_nanosleep_time64",
    "futex",
    "futex_time64",
    "nanosleep",
    "poll",
];

/// Less common names of constants that have a better-known one.
pub(crate) static SECOND_NAMES: [&str; 18] = [
    "AF_FILE",
    "AF_LOCAL",
    "AF_ROUTE",
    "BPF_PROG_TEST_RUN",
    "PTRACE_OLDSETOPTIONS",
    "PTRACE_PEEKUSR",
    "PTRACE_POKEUSR",
    "RLIMIT_OFILE",
    "SIGCLD",
    "SIGIOT",
    "SIGPOLL",
    "SIGUNUSED",
    "SIOCGSTAMPNS_OLD",
    "SIOCGSTAMP_OLD",
    "SIOCINQ",
    "SIOCOUTQ",
    "SIOCPROTOPRIVATE",
    "TIOCINQ",
];
