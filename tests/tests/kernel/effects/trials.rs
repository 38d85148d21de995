//! A call for every route of the table that x86_64 or i386 has.

#![expect(clippy::cast_possible_truncation, reason = "descriptors and addresses of low memory are small")]

use seccomp_tests::kernel::Door;

use super::child::Child;

/// A call that has an effect: its arguments, made of memory and of what the child has.
pub(super) struct Trial {
    pub(super) effect: &'static str,
    pub(super) call: &'static str,
    /// How the condition of its row begins.
    pub(super) condition: &'static str,
    pub(super) arguments: fn(&mut Child) -> [u64; 6],
}

macro_rules! trials {
    ($($effect:literal { $($call:ident $([$condition:literal])?: |$child:ident| $arguments:expr;)* })*) => {
        /// Every trial. Several lines of one call are several routes of it.
        pub(super) const TRIALS: &[Trial] = &[$($(Trial {
            effect: $effect,
            call: stringify!($call),
            condition: concat!("", $($condition)?),
            arguments: |$child| {
                let arguments: &[u64] = &$arguments;
                std::array::from_fn(|at| arguments.get(at).copied().unwrap_or_default())
            },
        },)*)*];
    };
}

pub(super) const HERE: u64 = (-100_i64).cast_unsigned();
pub(super) const NONE: u64 = u64::MAX;
pub(super) const UNIX: u64 = 1;
pub(super) const INET: u64 = 2;
pub(super) const STREAM: u64 = 1;
pub(super) const DATAGRAM: u64 = 2;

trials! {
    "exec" {
        execve: |c| [c.low.text("/bin/false")];
        execveat: |c| [HERE, c.low.text("/bin/false")];
    }
    "new-processes" {
        fork: |_c| [];
        vfork: |_c| [];
        clone: |_c| [17];
        clone3: |c| [c.low.words(&[0, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0]), 64];
    }
    "new-threads" {
        clone: |_c| [0x1_0f00];
        clone3: |c| [c.low.words(&[0, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0]), 64];
    }
    "new-namespaces" {
        clone: |_c| [0x1000_0011];
        clone3: |c| [c.low.words(&[0x1000_0000, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0]), 64];
        unshare: |_c| [0x1000_0000];
        setns: |c| [c.own_namespace(), 0];
        open_tree: |c| [HERE, c.low.text("/"), 2];
        open_tree_attr: |c| [HERE, c.low.text("/"), 2, 0, 0];
        fsmount: |_c| [NONE, 2, 0];
    }
    "network" {
        socket: |_c| [INET, DATAGRAM];
        socketpair: |c| [INET, DATAGRAM, 0, c.low.words(&[0, 0])];
        socketcall ["call Equal SYS_SOCKET"]: |c| [1, c.low.words(&[2, 2, 0])];
        socketcall ["call Equal SYS_SOCKETPAIR"]: |c| { let pair = c.low.words(&[0, 0]) as u32; [8, c.low.words(&[1, 1, 0, pair])] };
        io_uring_setup: |c| [1, c.low.bytes(&[0; 120])];
        io_uring_enter: |c| [c.ring(), 0, 0, 0, 0, 0];
    }
    "raw-sockets" {
        socket ["type MaskedEqual SOCK_RAW"]: |_c| [INET, 3, 1];
        socket ["family Equal AF_PACKET"]: |_c| [17, 3, 0x300];
        socket ["family Equal AF_PPPOX"]: |_c| [24, 1, 0];
        socket ["family Equal AF_LLC"]: |_c| [26, 1, 0];
        socket ["family Equal AF_IEEE802154"]: |_c| [36, 2, 0];
        socket ["family Equal AF_CAN"]: |_c| [29, 2, 2];
        socket ["type MaskedEqual SOCK_PACKET"]: |_c| [INET, 10, 0x300];
        socketcall: |c| [1, c.low.words(&[2, 3, 1])];
        io_uring_setup: |c| [1, c.low.bytes(&[0; 120])];
        io_uring_enter: |c| [c.ring(), 0, 0, 0, 0, 0];
        ioctl ["cmd Equal TUNSETIFF"]: |_c| [NONE, 0x4004_54ca];
        ioctl ["cmd Equal TUNSETQUEUE"]: |_c| [NONE, 0x400454d9];
        ioctl ["cmd Equal TIOCSETD"]: |_c| [NONE, 0x5423];
        ioctl ["cmd Equal PPPIOCNEWUNIT"]: |_c| [NONE, 0xc004_743e];
    }
    "connect" {
        connect: |c| { let (_, to) = c.listener(); [c.socket(INET, STREAM), to, 16] };
        sendto: |c| { let (_, to) = c.listener(); [c.socket(INET, STREAM), to, 2, 0x2000_0000, to, 16] };
        sendmsg: |c| { let message = c.first_data(); [c.socket(INET, STREAM), message, 0x2000_0000, 0, 0, 0] };
        sendmmsg: |c| { let message = c.first_data(); [c.socket(INET, STREAM), message, 1, 0x2000_0000, 0, 0] };
        socketcall ["call Equal SYS_CONNECT"]: |c| { let (_, to) = c.listener(); let s = c.socket(INET, STREAM) as u32; [3, c.low.words(&[s, to as u32, 16])] };
        socketcall ["call Equal SYS_SENDTO"]: |c| { let (_, to) = c.listener(); let s = c.socket(INET, STREAM) as u32; [11, c.low.words(&[s, to as u32, 2, 0x2000_0000, to as u32, 16])] };
        socketcall ["call Equal SYS_SENDMSG"]: |c| { let message = c.first_data() as u32; let s = c.socket(INET, STREAM) as u32; [16, c.low.words(&[s, message, 0x2000_0000]), 0, 0, 0, 0] };
        socketcall ["call Equal SYS_SENDMMSG"]: |c| { let message = c.first_data() as u32; let s = c.socket(INET, STREAM) as u32; [20, c.low.words(&[s, message, 1, 0x2000_0000]), 0, 0, 0, 0] };
        io_uring_setup: |c| [1, c.low.bytes(&[0; 120])];
        io_uring_enter: |c| [c.ring(), 0, 0, 0, 0, 0];
        setsockopt ["level Equal IPPROTO_SCTP; optname Equal 107"]: |c| [c.socket(INET, STREAM), 132, 107, c.loopback(1), 16];
        setsockopt ["level Equal IPPROTO_SCTP; optname Equal 110"]: |c| [c.socket(INET, STREAM), 132, 110, c.loopback(1), 16];
        getsockopt ["level Equal IPPROTO_SCTP; optname Equal 111"]: |c| { let length = c.low.words(&[16]); [c.socket(INET, STREAM), 132, 111, c.loopback(1), length] };
        socketcall ["call Equal SYS_SETSOCKOPT"]: |c| { let (s, to) = (c.socket(INET, STREAM) as u32, c.loopback(1) as u32); [14, c.low.words(&[s, 132, 110, to, 16])] };
        socketcall ["call Equal SYS_GETSOCKOPT"]: |c| { let (s, to, length) = (c.socket(INET, STREAM) as u32, c.loopback(1) as u32, c.low.words(&[16]) as u32); [15, c.low.words(&[s, 132, 111, to, length])] };
    }
    "listen" {
        bind: |c| [c.socket(INET, STREAM), c.loopback(0), 16];
        listen: |c| [c.socket(INET, STREAM), 1];
        accept: |c| { let (s, to) = c.listener(); let client = c.socket(INET, STREAM); c.before("connect", [client, to, 16, 0, 0, 0]); [s] };
        accept4: |c| { let (s, to) = c.listener(); let client = c.socket(INET, STREAM); c.before("connect", [client, to, 16, 0, 0, 0]); [s] };
        socketcall ["call Equal SYS_BIND"]: |c| { let s = c.socket(INET, STREAM) as u32; let to = c.loopback(0) as u32; [2, c.low.words(&[s, to, 16])] };
        socketcall ["call Equal SYS_LISTEN"]: |c| { let s = c.socket(INET, STREAM) as u32; [4, c.low.words(&[s, 1])] };
        socketcall ["call Equal SYS_ACCEPT"]: |c| { let (s, to) = c.listener(); let client = c.socket(INET, STREAM); c.before("connect", [client, to, 16, 0, 0, 0]); [5, c.low.words(&[s as u32, 0, 0])] };
        socketcall ["call Equal SYS_ACCEPT4"]: |c| { let (s, to) = c.listener(); let client = c.socket(INET, STREAM); c.before("connect", [client, to, 16, 0, 0, 0]); [18, c.low.words(&[s as u32, 0, 0, 0])] };
        io_uring_setup: |c| [1, c.low.bytes(&[0; 120])];
        io_uring_enter: |c| [c.ring(), 0, 0, 0, 0, 0];
        setsockopt ["level Equal IPPROTO_SCTP"]: |c| [c.socket(INET, STREAM), 132, 100, c.loopback(1), 16];
        setsockopt ["level Equal SOL_TIPC"]: |c| [c.socket(INET, STREAM), 271, 135, c.low.bytes(&[0; 28]), 28];
        getsockopt ["level Equal IPPROTO_SCTP; optname Equal 102"]: |c| { let length = c.low.words(&[8]); [c.socket(INET, STREAM), 132, 102, c.low.bytes(&[0; 8]), length] };
        getsockopt ["level Equal IPPROTO_SCTP; optname Equal 122"]: |c| { let length = c.low.words(&[12]); [c.socket(INET, STREAM), 132, 122, c.low.bytes(&[0; 12]), length] };
        socketcall ["call Equal SYS_GETSOCKOPT"]: |c| { let (s, told, length) = (c.socket(INET, STREAM) as u32, c.low.bytes(&[0; 8]) as u32, c.low.words(&[8]) as u32); [15, c.low.words(&[s, 132, 102, told, length])] };
        socketcall ["call Equal SYS_SETSOCKOPT"]: |c| { let (s, to) = (c.socket(INET, STREAM) as u32, c.loopback(1) as u32); [14, c.low.words(&[s, 132, 100, to, 16])] };
    }
    "write-files" {
        open: |c| [c.path("file"), 2];
        openat: |c| [HERE, c.path("file"), 1];
        open_by_handle_at: |_c| [HERE, 0, 1];
        creat: |c| [c.path("new"), 0o600];
        openat2: |c| [HERE, c.path("file"), c.low.words(&[1, 0, 0, 0, 0, 0]), 24];
        truncate: |c| [c.path("file"), 3];
        truncate64: |c| [c.path("file"), 3, 0];
        io_uring_setup: |c| [1, c.low.bytes(&[0; 120])];
        io_uring_enter: |c| [c.ring(), 0, 0, 0, 0, 0];
        fanotify_init: |_c| [0, 1];
        ioctl ["cmd Equal TIOCGPTPEER"]: |c| [c.terminal(), 0x5441, 0x102];
        ioctl ["cmd Equal 0xc038586b"]: |_c| [NONE, 0xc038_586b];
        ioctl ["cmd Equal 0xc01c586b"]: |_c| [NONE, 0xc01c_586b];
        acct: |_c| [1];
        swapon: |_c| [0, 0];
    }
    "create-files" {
        open ["flags BitsSet"]: |c| [c.path("new"), 0x40, 0o600];
        openat ["flags BitsSet"]: |c| [HERE, c.path("new"), 0x40, 0o600];
        open ["flags MaskedEqual"]: |c| [c.path("."), 0x41_0002, 0o600];
        openat ["flags MaskedEqual"]: |c| [HERE, c.path("."), 0x41_0002, 0o600];
        creat: |c| [c.path("new"), 0o600];
        openat2: |c| [HERE, c.path("new"), c.low.words(&[0x41, 0, 0o600, 0, 0, 0]), 24];
        mkdir: |c| [c.path("new"), 0o700];
        mkdirat: |c| [HERE, c.path("new"), 0o700];
        mknod: |c| [c.path("new"), 0o10_600, 0];
        mknodat: |c| [HERE, c.path("new"), 0o10_600, 0];
        symlink: |c| [c.path("file"), c.path("new")];
        symlinkat: |c| [c.path("file"), HERE, c.path("new")];
        link: |c| [c.path("file"), c.path("new")];
        linkat: |c| [HERE, c.path("file"), HERE, c.path("new"), 0];
        io_uring_setup: |c| [1, c.low.bytes(&[0; 120])];
        io_uring_enter: |c| [c.ring(), 0, 0, 0, 0, 0];
        bpf: |_c| [6, 0, 0];
        ioctl ["cmd Equal BTRFS_IOC_SUBVOL_CREATE"]: |_c| [NONE, 0x5000940e];
        ioctl ["cmd Equal BTRFS_IOC_SUBVOL_CREATE_V2"]: |_c| [NONE, 0x50009418];
        ioctl ["cmd Equal BTRFS_IOC_SNAP_CREATE"]: |_c| [NONE, 0x50009401];
        ioctl ["cmd Equal BTRFS_IOC_SNAP_CREATE_V2"]: |_c| [NONE, 0x50009417];
        setrlimit: |c| [4, c.low.bytes(&[0; 16])];
        prlimit64: |c| [0, 4, c.low.bytes(&[0; 16]), 0];
        ioctl ["cmd MaskedEqual 0x186f04"]: |_c| [NONE, 0x4018_6f04];
        ioctl ["cmd MaskedEqual 0x20bc10"]: |_c| [NONE, 0x4020_bc10];
    }
    "delete-or-rename-files" {
        unlink: |c| [c.path("file")];
        unlinkat [""]: |c| [HERE, c.path("file"), 0];
        unlinkat ["flag"]: |c| [HERE, c.path("folder"), 0x200];
        rmdir: |c| [c.path("folder")];
        rename: |c| [c.path("file"), c.path("new")];
        renameat: |c| [HERE, c.path("file"), HERE, c.path("new")];
        renameat2: |c| [HERE, c.path("file"), HERE, c.path("new"), 1];
        io_uring_setup: |c| [1, c.low.bytes(&[0; 120])];
        io_uring_enter: |c| [c.ring(), 0, 0, 0, 0, 0];
        ioctl ["cmd Equal BTRFS_IOC_SNAP_DESTROY"]: |_c| [NONE, 0x5000940f];
        ioctl ["cmd Equal BTRFS_IOC_SNAP_DESTROY_V2"]: |_c| [NONE, 0x5000943f];
        ioctl ["cmd MaskedEqual 0x20bc11"]: |_c| [NONE, 0x4020_bc11];
    }
    "change-file-metadata" {
        chmod: |c| [c.path("file"), 0o600];
        fchmod: |c| [c.opened(), 0o600];
        fchmodat: |c| [HERE, c.path("file"), 0o600];
        fchmodat2: |c| [HERE, c.path("file"), 0o600, 0];
        chown: |c| [c.path("file"), NONE, NONE];
        chown32: |c| [c.path("file"), NONE, NONE];
        fchown: |c| [c.opened(), NONE, NONE];
        fchown32: |c| [c.opened(), NONE, NONE];
        lchown: |c| [c.path("file"), NONE, NONE];
        lchown32: |c| [c.path("file"), NONE, NONE];
        fchownat: |c| [HERE, c.path("file"), NONE, NONE, 0];
        utime: |c| [c.path("file"), 0];
        utimes: |c| [c.path("file"), 0];
        futimesat: |c| [HERE, c.path("file"), 0];
        utimensat: |c| [HERE, c.path("file"), 0, 0];
        utimensat_time64: |c| [HERE, c.path("file"), 0, 0];
        setxattr: |c| [c.path("file"), c.low.text("user.a"), 0, 0, 0];
        lsetxattr: |c| [c.path("file"), c.low.text("user.a"), 0, 0, 0];
        fsetxattr: |c| [c.opened(), c.low.text("user.a"), 0, 0, 0];
        setxattrat: |c| [HERE, c.path("file"), 0, c.low.text("user.a"), c.low.bytes(&[0; 16]), 16];
        io_uring_setup: |c| [1, c.low.bytes(&[0; 120])];
        io_uring_enter: |c| [c.ring(), 0, 0, 0, 0, 0];
        removexattr: |c| [c.attributed(), c.low.text("user.b")];
        lremovexattr: |c| [c.attributed(), c.low.text("user.b")];
        fremovexattr: |c| { c.attributed(); [c.opened(), c.low.text("user.b")] };
        removexattrat: |c| [HERE, c.attributed(), 0, c.low.text("user.b")];
        ioctl ["cmd Equal FS_IOC_SETFLAGS"]: |c| [c.opened(), if c.door == Door::Native { 0x4008_6602 } else { 0x4004_6602 }, c.low.words(&[0, 0])];
        ioctl ["cmd Equal FS_IOC_FSSETXATTR"]: |c| [c.opened(), 0x401c_5820, c.low.bytes(&[0; 28])];
        file_setattr: |c| [HERE, c.path("file"), c.low.bytes(&[0; 24]), 24, 0];
        ioctl ["cmd Equal FAT_IOCTL_SET_ATTRIBUTES"]: |_c| [NONE, 0x40047211];
        ioctl ["cmd Equal FS_IOC_SETVERSION"]: |c| [c.opened(), if c.door == Door::Native { 0x4008_7602 } else { 0x4004_7602 }, c.low.words(&[7, 0])];
        ioctl ["cmd Equal BTRFS_IOC_SUBVOL_SETFLAGS"]: |_c| [NONE, 0x4008941a];
        ioctl ["cmd Equal FS_IOC_SET_ENCRYPTION_POLICY"]: |_c| [NONE, 0x800c_6613];
        ioctl ["cmd Equal FS_IOC_ENABLE_VERITY"]: |_c| [NONE, 0x4080_6685];
        ioctl ["cmd MaskedEqual 0x587b"]: |_c| [NONE, 0x4048_587b];
        ioctl ["cmd Equal FS_IOC32_SETFLAGS"]: |c| [c.opened(), 0x4004_6602, c.low.words(&[0, 0])];
        ioctl ["cmd Equal 0x40086602"]: |c| [c.opened(), 0x4008_6602, c.low.words(&[0, 0])];
        ioctl ["cmd Equal 0x80086602"]: |c| [c.opened(), 0x8008_6602, c.low.words(&[0, 0])];
        ioctl ["cmd Equal FS_IOC32_SETVERSION"]: |c| [c.opened(), 0x4004_7602, c.low.words(&[7, 0])];
        ioctl ["cmd Equal 0x40087602"]: |c| [c.opened(), 0x4008_7602, c.low.words(&[7, 0])];
        ioctl ["cmd Equal 0x80087602"]: |c| [c.opened(), 0x8008_7602, c.low.words(&[7, 0])];
        ioctl ["cmd Equal EXT4_IOC_SETVERSION"]: |c| [c.opened(), if c.door == Door::Native { 0x4008_6604 } else { 0x4004_6604 }, c.low.words(&[7, 0])];
    }
    "open-by-handle" {
        open_by_handle_at: |_c| [HERE, 0, 0];
        ioctl ["cmd Equal 0xc038586b"]: |_c| [NONE, 0xc038_586b];
        ioctl ["cmd Equal 0xc01c586b"]: |_c| [NONE, 0xc01c_586b];
    }
    "watch-files" {
        inotify_init: |_c| []; inotify_init1: |_c| [0]; fanotify_init: |_c| [0x200, 0];
        fcntl ["cmd Equal F_NOTIFY"]: |c| [c.folder(), 0x402, 1];
        fcntl ["cmd Equal F_SETLEASE"]: |c| [c.own_file(), 0x400, 1];
        fcntl ["cmd Equal F_SETDELEG"]: |c| [c.folder(), 0x410, 0];
        fcntl64 ["cmd Equal F_NOTIFY"]: |c| [c.folder(), 0x402, 1];
        fcntl64 ["cmd Equal F_SETLEASE"]: |c| [c.own_file(), 0x400, 1];
        fcntl64 ["cmd Equal F_SETDELEG"]: |c| [c.folder(), 0x410, 0];
    }
    "executable-memory" {
        mmap: |c| if c.door == Door::Native { [0, 4096, 5, 0x22, NONE, 0] } else { [c.low.words(&[0, 4096, 5, 0x22, u32::MAX, 0]), 0, 0, 0, 0, 0] };
        mmap2: |_c| [0, 4096, 5, 0x22, NONE, 0];
        mprotect: |c| [c.page(1), 4096, 5];
        pkey_mprotect: |c| [c.page(1), 4096, 5, NONE];
        shmat: |c| [c.before("shmget", [0, 4096, 0o700, 0, 0, 0]), 0, 0x8000];
        ipc: |c| [21, c.before("shmget", [0, 4096, 0o700, 0, 0, 0]), 0x8000, c.low.words(&[0])];
        personality: |_c| [0x40_0000];
        uselib: |_c| [0];
    }
    "aslr-off" { personality: |_c| [0x4_0000]; }
    "userfaultfd" { userfaultfd: |_c| [1]; ioctl: |_c| [NONE, 0xaa00]; }
    "trace-others" {
        ptrace: |_c| [0];
        ptrace ["request Equal PTRACE_ATTACH"]: |c| [16, c.another()];
        ptrace ["request Equal PTRACE_SEIZE"]: |c| [0x4206, c.another()];
        process_vm_readv: |c| [c.own()];
        process_vm_writev: |c| [c.own()];
        pidfd_getfd: |c| [c.before("pidfd_open", [c.own(), 0, 0, 0, 0, 0]), 0, 0];
        kcmp: |c| [c.own(), c.own(), 1];
        process_madvise: |c| [c.before("pidfd_open", [c.own(), 0, 0, 0, 0, 0]), 0, 0, 20, 0];
        process_mrelease: |_c| [NONE, 0];
        migrate_pages: |c| [0, 65, c.low.words(&[1, 0]), c.low.words(&[1, 0])];
        move_pages: |_c| [0, 0, 0, 0, 0, 0];
        get_robust_list: |c| [0, c.low.bytes(&[0; 8]), c.low.bytes(&[0; 8])];
        perf_event_open: |c| [c.low.words(&[1, 64, 9, 0, 0, 0, 0, 0, 0, 0, 0x60, 0, 0, 0, 0, 0]), 0, NONE, NONE, 0];
        bpf: |_c| [5, 0, 0];
    }
    "process-descriptors" {
        pidfd_open: |c| [c.own(), 0];
        clone: |c| [0x1011, 0, c.low.words(&[0])];
        clone3: |c| { let told = c.low.words(&[0]) as u32; [c.low.words(&[0x1000, 0, told, 0, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0]), 64] };
        getsockopt: |c| [c.peer(), 1, 77, c.low.words(&[0]), c.low.words(&[4])];
        setsockopt: |c| [c.peer(), 1, 76, c.low.words(&[1]), 4];
        socketcall ["call Equal SYS_GETSOCKOPT"]: |c| { let (s, told, length) = (c.peer() as u32, c.low.words(&[0]) as u32, c.low.words(&[4]) as u32); [15, c.low.words(&[s, 1, 77, told, length])] };
        socketcall ["call Equal SYS_SETSOCKOPT"]: |c| { let (s, yes) = (c.peer() as u32, c.low.words(&[1]) as u32); [14, c.low.words(&[s, 1, 76, yes, 4])] };
        io_uring_setup: |c| [1, c.low.bytes(&[0; 120])];
        io_uring_enter: |c| [c.ring(), 0, 0, 0, 0, 0];
        fanotify_init: |_c| [0x80, 0];
        open_by_handle_at: |_c| [HERE, 0, 0];
    }
    "signal-others" {
        kill: |c| [c.own(), 0];
        tkill: |c| [c.own(), 0];
        tgkill: |c| [c.own(), c.own(), 0];
        rt_sigqueueinfo: |c| [c.own(), 0, c.low.words(&[0, 0, u32::MAX, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])];
        rt_tgsigqueueinfo: |c| [c.own(), c.own(), 0, c.low.words(&[0, 0, u32::MAX, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])];
        pidfd_send_signal: |c| [c.before("pidfd_open", [c.own(), 0, 0, 0, 0, 0]), 0, 0, 0];
        fcntl ["cmd Equal F_SETOWN"]: |c| [c.socket(UNIX, STREAM), 8, c.own()];
        fcntl64 ["cmd Equal F_SETOWN"]: |c| [c.socket(UNIX, STREAM), 8, c.own()];
        fcntl ["cmd Equal F_SETOWN_EX"]: |c| { let own = c.own() as u32; [c.socket(UNIX, STREAM), 15, c.low.words(&[1, own])] };
        fcntl64 ["cmd Equal F_SETOWN_EX"]: |c| { let own = c.own() as u32; [c.socket(UNIX, STREAM), 15, c.low.words(&[1, own])] };
        fcntl ["cmd Equal F_SETSIG"]: |c| [c.socket(UNIX, STREAM), 10, 9];
        fcntl64 ["cmd Equal F_SETSIG"]: |c| [c.socket(UNIX, STREAM), 10, 9];
        fcntl ["cmd Equal F_SETFL"]: |c| [c.socket(UNIX, STREAM), 4, 0x2000];
        fcntl64 ["cmd Equal F_SETFL"]: |c| [c.socket(UNIX, STREAM), 4, 0x2000];
        ioctl ["cmd Equal FIOASYNC"]: |c| [c.socket(UNIX, STREAM), 0x5452, c.low.words(&[1])];
        prlimit64: |c| [c.own(), 4, c.low.bytes(&[0; 16]), 0];
        ptrace: |_c| [0];
        perf_event_open: |c| [c.low.words(&[1, 64, 9, 0, 0, 0, 0, 0, 0, 0, 0x60, 0, 0, 0, 0, 0]), 0, NONE, NONE, 0];
        ioctl ["cmd Equal FIOSETOWN"]: |c| { let own = c.own() as u32; [c.socket(UNIX, STREAM), 0x8901, c.low.words(&[own])] };
        ioctl ["cmd Equal SIOCSPGRP"]: |c| { let own = c.own() as u32; [c.socket(UNIX, STREAM), 0x8902, c.low.words(&[own])] };
        ioctl ["cmd Equal TIOCSIG"]: |c| [c.terminal(), 0x4004_5436, 2];
        ioctl ["cmd Equal TIOCSWINSZ"]: |c| [c.terminal(), 0x5414, c.low.words(&[0x0050_0018, 0])];
        ioctl ["cmd Equal VT_RESIZE"]: |_c| [NONE, 0x5609];
        ioctl ["cmd Equal VT_RESIZEX"]: |_c| [NONE, 0x560a];
        ioctl ["cmd Equal TIOCNOTTY"]: |_c| [NONE, 0x5422];
        ioctl ["cmd Equal TIOCVHANGUP"]: |_c| [NONE, 0x5437];
        vhangup: |_c| [];
        reboot: |_c| [0, 0, 0, 0];
    }
    "process-priority" {
        setpriority: |_c| [0, 0, 19];
        nice: |_c| [1];
        sched_setattr: |c| [0, c.low.words(&[48, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0]), 0];
        ioprio_set: |_c| [1, 0, 0x4007];
        sched_setscheduler: |c| [0, 3, c.low.words(&[0])];
        sched_setparam: |c| [0, c.low.words(&[0])];
    }
    "realtime-scheduling" {
        sched_setscheduler ["policy MaskedEqual SCHED_FIFO"]: |c| [0, 1, c.low.words(&[1])];
        sched_setscheduler ["policy MaskedEqual SCHED_RR"]: |c| [0, 2, c.low.words(&[1])];
        sched_setattr: |c| [0, c.low.words(&[48, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0]), 0];
        sched_setparam: |c| [0, c.low.words(&[0])];
        ioprio_set: |_c| [1, 0, 0x2004];
    }
    "raise-limits" {
        setrlimit: |c| [4, c.low.bytes(&[0; 16])];
        prlimit64: |c| [0, 4, c.low.bytes(&[0; 16]), 0];
    }
    "set-ids" {
        setuid: |_c| [65534]; setuid32: |_c| [65534];
        setreuid: |_c| [NONE, NONE]; setreuid32: |_c| [NONE, NONE];
        setresuid: |_c| [NONE, NONE, NONE]; setresuid32: |_c| [NONE, NONE, NONE];
        setfsuid: |_c| [65534]; setfsuid32: |_c| [65534];
        setgid: |_c| [65534]; setgid32: |_c| [65534];
        setregid: |_c| [NONE, NONE]; setregid32: |_c| [NONE, NONE];
        setresgid: |_c| [NONE, NONE, NONE]; setresgid32: |_c| [NONE, NONE, NONE];
        setfsgid: |_c| [65534]; setfsgid32: |_c| [65534];
        setgroups: |_c| [0, 0]; setgroups32: |_c| [0, 0];
    }
    "capabilities" {
        capset: |c| [c.low.words(&[0x2008_0522, 0]), c.low.bytes(&[0; 24])];
        prctl ["option Equal PR_CAP_AMBIENT"]: |_c| [47, 4, 0, 0, 0];
        prctl ["option Equal PR_SET_SECUREBITS"]: |_c| [28, 0];
        prctl ["option Equal PR_SET_KEEPCAPS"]: |_c| [8, 1];
        prctl ["option Equal PR_CAPBSET_DROP"]: |_c| [24, 0];
        clone: |_c| [0x1000_0011];
        clone3: |c| [c.low.words(&[0x1000_0000, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0]), 64];
        unshare: |_c| [0x1000_0000];
        setns ["flags BitsSet CLONE_NEWUSER"]: |c| [c.user_namespace_of_another(), 0x1000_0000];
        setns ["flags Equal 0"]: |c| [c.user_namespace_of_another(), 0];
    }
    "keyrings" {
        add_key: |c| [c.low.text("user"), c.low.text("seccomp-test"), c.low.text("x"), 1, NONE - 1];
        request_key: |c| { let (kind, name, value) = (c.low.text("user"), c.low.text("seccomp-test"), c.low.text("x")); c.before("add_key", [kind, name, value, 1, NONE - 1, 0]); [kind, name, 0, 0, 0, 0] };
        keyctl: |_c| [0, NONE, 1];
    }
    "more-filters" {
        seccomp ["op Equal SECCOMP_SET_MODE_FILTER"]: |c| [1, 0, c.allowing_filter()];
        seccomp ["op Equal SECCOMP_SET_MODE_STRICT"]: |_c| [0, 0, 0];
        prctl: |c| [22, 2, c.allowing_filter()];
    }
    "mount" {
        mount: |c| [0, c.low.text("/"), 0, 0x4_4000, 0]; fsmount: |c| [c.context(), 0, 0]; move_mount: |c| [c.tree(), c.low.text(""), HERE, c.path("folder"), 4];
        open_tree: |c| [HERE, c.path("folder"), 1]; open_tree_attr: |c| [HERE, c.path("folder"), 1, c.low.bytes(&[0; 32]), 32];
        mount_setattr: |c| [HERE, c.mounted(), 0, c.low.words(&[2, 0, 0, 0, 0, 0, 0, 0]), 32]; fsopen: |c| [c.low.text("tmpfs"), 0]; fspick: |c| [HERE, c.mounted(), 0]; fsconfig: |c| { let name = c.low.text("tmpfs"); [c.before("fsopen", [name, 0, 0, 0, 0, 0]), 6, 0, 0, 0, 0] };
        umount: |c| [c.mounted()]; umount2: |c| [c.mounted(), 0]; pivot_root: |c| [c.new_root(), c.low.text(".")];
    }
    "freeze-file-systems" {
        ioctl ["cmd Equal FIFREEZE"]: |_c| [NONE, 0xc004_5877];
        ioctl ["cmd Equal FITHAW"]: |_c| [NONE, 0xc004_5878];
        ioctl ["cmd Equal FS_IOC_SHUTDOWN"]: |_c| [NONE, 0x8004_587d];
    }
    "change-root" {
        chroot: |c| [c.path("folder")]; pivot_root: |c| [c.new_root(), c.low.text(".")];
        setns ["flags BitsSet CLONE_NEWNS"]: |c| [c.namespace("mnt"), 0x2_0000];
        setns ["flags Equal 0"]: |c| [c.namespace("mnt"), 0];
        clone: |_c| [0x2_0011];
        clone3: |c| [c.low.words(&[0x2_0000, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0]), 64];
        unshare: |_c| [0x2_0000];
    }
    "kernel-code" {
        init_module: |_c| [0, 0, 0]; finit_module: |_c| [NONE, 0, 0]; create_module: |_c| [0, 0]; delete_module: |_c| [0, 0];
        kexec_load: |_c| [0, 0, 0, 0]; kexec_file_load: |_c| [NONE, NONE, 0, 0, 0]; bpf: |_c| [5, 0, 0];
    }
    "bpf" { bpf: |_c| [0, 0, 0]; }
    "perf" { perf_event_open: |c| [c.low.words(&[1, 64, 9, 0, 0, 0, 0, 0, 0, 0, 0x60, 0, 0, 0, 0, 0]), 0, NONE, NONE, 0]; }
    "io_uring" {
        io_uring_setup: |c| [1, c.low.bytes(&[0; 120])];
        io_uring_enter: |c| [c.ring(), 0, 0, 0, 0, 0];
        io_uring_register: |c| [c.ring(), 8, c.low.bytes(&[0; 64]), 1];
    }
    "set-time" {
        settimeofday: |_c| [1, 0]; clock_settime: |_c| [0, 0]; stime: |_c| [0]; clock_settime64: |_c| [0, 0];
        adjtimex: |c| [c.low.bytes(&[0; 256])]; clock_adjtime: |c| [0, c.low.bytes(&[0; 256])];
        clock_adjtime64: |c| [0, c.low.bytes(&[0; 256])]; ioctl ["cmd Equal RTC_SET_TIME"]: |_c| [NONE, 0x4024_700a];
        ioctl ["cmd Equal RTC_PARAM_SET"]: |_c| [NONE, 0x4018_7014];
        ioctl ["cmd Equal RTC_PLL_SET"]: |c| [NONE, if c.door == Door::Native { 0x4020_7012 } else { 0x401c_7012 }];
    }
    "reboot" {
        reboot: |_c| [0, 0, 0, 0]; kexec_load: |_c| [0, 0, 0, 0]; kexec_file_load: |_c| [NONE, NONE, 0, 0, 0];
    }
    "swap-and-quota" { swapon: |_c| [0, 0]; swapoff: |_c| [0]; quotactl: |_c| [0, 0, 0, 0]; quotactl_fd: |_c| [NONE, 0, 0, 0]; acct: |_c| [1]; }
    "host-names" { sethostname: |c| [c.low.text("a"), 1]; setdomainname: |c| [c.low.text("a"), 1]; }
    "kernel-log" {
        syslog: |_c| [10, 0, 0];
    }
    "terminal-injection" {
        ioctl ["cmd Equal TIOCSTI"]: |_c| [NONE, 0x5412]; ioctl ["cmd Equal TIOCLINUX"]: |_c| [NONE, 0x541c]; vhangup: |_c| [];
        ioctl ["cmd Equal TIOCVHANGUP"]: |_c| [NONE, 0x5437];
        ioctl ["cmd Equal KDSKBENT"]: |_c| [NONE, 0x4b47];
        ioctl ["cmd Equal KDSKBSENT"]: |_c| [NONE, 0x4b49];
        ioctl ["cmd Equal KDSKBMODE"]: |_c| [NONE, 0x4b45];
        ioctl ["cmd Equal KDSKBMETA"]: |_c| [NONE, 0x4b63];
        ioctl ["cmd Equal KDSKBDIACR"]: |_c| [NONE, 0x4b4b];
        ioctl ["cmd Equal KDSKBDIACRUC"]: |_c| [NONE, 0x4bfb];
        ioctl ["cmd Equal KDSETKEYCODE"]: |_c| [NONE, 0x4b4d];
        ioctl ["cmd Equal EVIOCSKEYCODE"]: |_c| [NONE, 0x4008_4504];
        ioctl ["cmd Equal EVIOCSKEYCODE_V2"]: |_c| [NONE, 0x4028_4504];
        ioctl ["cmd Equal UI_DEV_CREATE"]: |_c| [NONE, 0x5501];
    }
    "sysv-ipc" {
        shmget: |_c| [0, 4096, 0o600]; shmat: |c| [c.before("shmget", [0, 4096, 0o600, 0, 0, 0]), 0, 0]; shmctl: |c| [0, 14, c.low.bytes(&[0; 256])];
        semget: |_c| [0, 1, 0o600]; semop: |c| [c.before("semget", [0, 1, 0o600, 0, 0, 0]), c.low.bytes(&[0, 0, 1, 0, 0, 0]), 1, 0]; semtimedop: |c| [c.before("semget", [0, 1, 0o600, 0, 0, 0]), c.low.bytes(&[0, 0, 1, 0, 0, 0]), 1, 0]; semtimedop_time64: |c| [c.before("semget", [0, 1, 0o600, 0, 0, 0]), c.low.bytes(&[0, 0, 1, 0, 0, 0]), 1, 0];
        semctl: |c| [0, 0, 19, c.low.bytes(&[0; 256])];
        msgget: |_c| [0, 0o600]; msgsnd: |c| [c.before("msgget", [0, 0o600, 0, 0, 0, 0]), c.low.words(&[1, 0, 0, 0]), 0, 0]; msgrcv: |c| { let queue = c.before("msgget", [0, 0o600, 0, 0, 0, 0]); let text = c.low.words(&[1, 0, 0, 0]); c.before("msgsnd", [queue, text, 0, 0, 0, 0]); [queue, text, 0, 0, 0, 0] }; msgctl: |c| [0, 12, c.low.bytes(&[0; 256])];
        ipc: |_c| [23, 0, 4096, 0o600];
    }
    "message-queues" { mq_open: |c| [c.low.text("q"), 0x42, 0o600, 0]; mq_unlink: |c| { let name = c.low.text("q"); c.before("mq_open", [name, 0x42, 0o600, 0, 0, 0]); [name, 0, 0, 0, 0, 0] }; }
    "lock-memory" {
        mlock: |c| [c.page(3), 4096]; mlock2: |c| [c.page(3), 4096, 0]; mlockall: |_c| [2];
        mmap: |c| if c.door == Door::Native { [0, 4096, 3, 0x2022, NONE, 0] } else { [c.low.words(&[0, 4096, 3, 0x2022, u32::MAX, 0]), 0, 0, 0, 0, 0] };
        mmap2: |_c| [0, 4096, 3, 0x2022, NONE, 0];
        memfd_secret: |_c| [0];
        shmctl: |c| [c.before("shmget", [0, 4096, 0o700, 0, 0, 0]), 11, 0];
        ipc ["call MaskedEqual SHMCTL"]: |c| [24, c.before("shmget", [0, 4096, 0o700, 0, 0, 0]), 0x10b, 0, 0];
        ipc ["call MaskedEqual SHMGET"]: |_c| [23, 0, 0x20_0000, 0x980];
        shmget: |_c| [0, 0x20_0000, 0x980];
        memfd_create: |c| [c.low.text("huge"), 4];
        io_uring_register ["opcode MaskedEqual IORING_REGISTER_BUFFERS/0x7fffffff"]: |c| [c.ring(), 0, c.buffer(), 1];
        io_uring_register ["opcode MaskedEqual IORING_REGISTER_BUFFERS2"]: |c| { let buffer = c.buffer() as u32; [c.ring(), 15, c.low.words(&[1, 0, 0, 0, buffer, 0, 0, 0]), 32] };
        io_uring_register ["opcode MaskedEqual IORING_REGISTER_BUFFERS_UPDATE"]: |c| { let (ring, buffer) = (c.ring(), c.buffer()); c.before("io_uring_register", [ring, 0, buffer, 1, 0, 0]); [ring, 16, c.low.words(&[0, 0, buffer as u32, 0, 0, 0, 1, 0]), 32] };
    }
    "hardware" {
        iopl: |_c| [3]; ioperm: |_c| [0, 1, 1];
        ioctl ["cmd Equal KDENABIO"]: |_c| [NONE, 0x4b36];
        ioctl ["cmd Equal KDADDIO"]: |_c| [NONE, 0x4b34];
    }
    "processor-modes" {
        modify_ldt: |c| [0, c.low.bytes(&[0; 16]), 16]; vm86: |_c| [0]; vm86old: |_c| [0];
        arch_prctl: |_c| [0x1012, 1]; prctl ["option Equal PR_SET_ENDIAN"]: |_c| [20, 0]; prctl ["option Equal PR_SET_TSC"]: |_c| [26, 1]; prctl ["option Equal PR_SET_FP_MODE"]: |_c| [45, 0];
    }
}
