//! Every route of the table of effects, tried: the kernel does what the row says without a filter, and is not asked under
//! the rule of the effect. By `syscall` and by `int 0x80`, as an ordinary user.
//!
//! A row of `data/effects.csv` that says why it is not shown is tried as well, as far as the kernel's own refusal can be
//! told from the filter's.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering::SeqCst;

use seccomp_compiler::{Architecture, Compiler, Program, SourceFile};
use seccomp_tests::kernel::{Door, Ended, Low, become_ordinary_user, in_child, install, shared};
use seccomp_tests::scratch::workspace;
use xtask::data::{Row, rows};

/// What the filters of these tests answer: no error that the kernel gives.
const REFUSED: i64 = -777;
const ENOSYS: i64 = -38;

/// A call that has an effect: its arguments, made of memory and of what the child has.
struct Trial {
    effect: &'static str,
    call: &'static str,
    /// How the condition of its row begins.
    condition: &'static str,
    arguments: fn(&mut Child) -> [u64; 6],
}

/// How the message of a child begins that this machine does not let prepare its trial.
const UNPREPARED: &str = "unprepared: ";

/// What a child has to try calls with.
struct Child {
    door: Door,
    low: Low,
    folder: PathBuf,
}

impl Child {
    fn path(&mut self, name: &str) -> u64 {
        let path = self.folder.join(name);
        self.low.text(path.to_str().expect("the folder's path is text"))
    }

    /// The number of a call at the child's door.
    fn number(&self, call: &str) -> Option<u32> {
        abi(self.door).syscall_number(call)
    }

    /// A call of x86_64 that a trial needs before, which must succeed.
    fn before(&self, call: &str, arguments: [u64; 6]) -> u64 {
        let number = abi(Door::Native).syscall_number(call).expect("x86_64 has it");
        let result = Door::Native.make(number, arguments);
        assert!(result >= 0, "{UNPREPARED}{call}: {result}");
        result.cast_unsigned()
    }

    /// Gives the child namespaces of its own, in which it is root. Where that is refused, so is what it is for.
    fn enter_namespaces(&self) {
        use std::os::unix::fs::MetadataExt as _;

        // Its files in /proc are its own again.
        self.before("prctl", [4, 1, 0, 0, 0, 0]);
        let Ok(own) = std::fs::metadata("/proc/self") else { return };
        let _namespaces = Door::Native.make(UNSHARE, [NAMESPACES, 0, 0, 0, 0, 0]);
        let _denied = std::fs::write("/proc/self/setgroups", "deny");
        let _user = std::fs::write("/proc/self/uid_map", format!("0 {} 1", own.uid()));
        let _group = std::fs::write("/proc/self/gid_map", format!("0 {} 1", own.gid()));
    }

    fn opened(&mut self) -> u64 {
        let path = self.path("file");
        self.before("open", [path, 0, 0, 0, 0, 0])
    }

    fn socket(&self, family: u64, kind: u64) -> u64 {
        self.before("socket", [family, kind, 0, 0, 0, 0])
    }

    /// 127.0.0.1 with this port.
    fn loopback(&mut self, port: u16) -> u64 {
        let mut address = vec![2, 0];
        address.extend(port.to_be_bytes());
        address.extend([127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
        self.low.bytes(&address)
    }

    /// A socket that listens on 127.0.0.1, and its address.
    fn listener(&mut self) -> (u64, u64) {
        let socket = self.socket(2, 1);
        let address = self.loopback(0);
        self.before("bind", [socket, address, 16, 0, 0, 0]);
        self.before("listen", [socket, 4, 0, 0, 0, 0]);
        let length = self.low.words(&[16]);
        self.before("getsockname", [socket, address, length, 0, 0, 0]);
        (socket, address)
    }

    fn page(&self, protection: u64) -> u64 {
        const PRIVATE_ANONYMOUS_32BIT: u64 = 0x62;
        self.before("mmap", [0, 4096, protection, PRIVATE_ANONYMOUS_32BIT, u64::MAX, 0])
    }

    /// A ring, made before.
    fn ring(&mut self) -> u64 {
        let parameters = self.low.bytes(&[0; 120]);
        self.before("io_uring_setup", [1, parameters, 0, 0, 0, 0])
    }

    fn own_namespace(&mut self) -> u64 {
        let path = self.low.text("/proc/self/ns/uts");
        self.before("open", [path, 0, 0, 0, 0, 0])
    }

    /// A message with an address, as sendmsg(2) and sendmmsg(2) take it at this door.
    fn first_data(&mut self) -> u64 {
        let (_, to) = self.listener();
        let data = self.low.text("data");
        match self.door {
            Door::Native => {
                let part = self.low.words(&[data as u32, 0, 4, 0]) as u32;
                self.low.words(&[to as u32, 0, 16, 0, part, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0])
            }
            Door::Int80 => {
                let part = self.low.words(&[data as u32, 4]) as u32;
                self.low.words(&[to as u32, 16, part, 1, 0, 0, 0, 0])
            }
        }
    }

    /// The file's path, once it has an attribute.
    fn attributed(&mut self) -> u64 {
        let (path, name) = (self.path("file"), self.low.text("user.b"));
        self.before("setxattr", [path, name, 0, 0, 0, 0]);
        path
    }

    /// A filter that allows everything, as the calls of this door take it.
    fn allowing_filter(&mut self) -> u64 {
        self.before("prctl", [38, 1, 0, 0, 0, 0]);
        let program = self.low.words(&[6, 0x7fff_0000]) as u32;
        match self.door {
            Door::Native => self.low.words(&[1, 0, program, 0]),
            Door::Int80 => self.low.words(&[1, program]),
        }
    }

    /// A file system that is mounted over the folder.
    fn mounted(&mut self) -> u64 {
        let (folder, kind) = (self.path("folder"), self.low.text("tmpfs"));
        self.before("mount", [kind, folder, kind, 0, 0, 0]);
        folder
    }

    fn context(&mut self) -> u64 {
        const CREATE: u64 = 6;
        let kind = self.low.text("tmpfs");
        let context = self.before("fsopen", [kind, 0, 0, 0, 0, 0]);
        self.before("fsconfig", [context, CREATE, 0, 0, 0, 0]);
        context
    }

    fn tree(&mut self) -> u64 {
        let folder = self.path("folder");
        self.before("open_tree", [HERE, folder, 1, 0, 0, 0])
    }

    /// The folder that the child is in, which is a file system of its own.
    fn new_root(&mut self) -> u64 {
        let folder = self.mounted();
        self.before("chdir", [folder, 0, 0, 0, 0, 0]);
        self.low.text(".")
    }

    fn own(&self) -> u64 {
        u64::from(std::process::id())
    }
}

fn abi(door: Door) -> &'static Architecture {
    let name = match door {
        Door::Native => "x86_64",
        Door::Int80 => "i386",
    };
    Architecture::find(name).expect("it is in the table")
}

macro_rules! trials {
    ($($effect:literal { $($call:ident $([$condition:literal])?: |$child:ident| $arguments:expr;)* })*) => {
        /// Every trial. Several lines of one call are several routes of it.
        const TRIALS: &[Trial] = &[$($(Trial {
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

const HERE: u64 = (-100_i64).cast_unsigned();
const NONE: u64 = u64::MAX;
const UNIX: u64 = 1;
const INET: u64 = 2;
const STREAM: u64 = 1;
const DATAGRAM: u64 = 2;

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
        socketcall ["call Equal 1"]: |c| [1, c.low.words(&[2, 2, 0])];
        socketcall ["call Equal 8"]: |c| { let pair = c.low.words(&[0, 0]) as u32; [8, c.low.words(&[1, 1, 0, pair])] };
        io_uring_setup: |c| [1, c.low.bytes(&[0; 120])];
        io_uring_enter: |c| [c.ring(), 0, 0, 0, 0, 0];
    }
    "raw-sockets" {
        socket ["type MaskedEqual SOCK_RAW"]: |_c| [INET, 3, 1];
        socket ["family"]: |_c| [17, 3, 0x300];
        socket ["type MaskedEqual SOCK_PACKET"]: |_c| [INET, 10, 0x300];
        socketcall: |c| [1, c.low.words(&[2, 3, 1])];
        io_uring_setup: |c| [1, c.low.bytes(&[0; 120])];
        io_uring_enter: |c| [c.ring(), 0, 0, 0, 0, 0];
        ioctl: |_c| [NONE, 0x4004_54ca];
    }
    "connect" {
        connect: |c| { let (_, to) = c.listener(); [c.socket(INET, STREAM), to, 16] };
        sendto: |c| { let (_, to) = c.listener(); [c.socket(INET, STREAM), to, 2, 0x2000_0000, to, 16] };
        sendmsg: |c| { let message = c.first_data(); [c.socket(INET, STREAM), message, 0x2000_0000, 0, 0, 0] };
        sendmmsg: |c| { let message = c.first_data(); [c.socket(INET, STREAM), message, 1, 0x2000_0000, 0, 0] };
        socketcall ["call Equal 3"]: |c| { let (_, to) = c.listener(); let s = c.socket(INET, STREAM) as u32; [3, c.low.words(&[s, to as u32, 16])] };
        socketcall ["call Equal 11"]: |c| { let (_, to) = c.listener(); let s = c.socket(INET, STREAM) as u32; [11, c.low.words(&[s, to as u32, 2, 0x2000_0000, to as u32, 16])] };
        socketcall ["call Equal 16"]: |c| { let message = c.first_data() as u32; let s = c.socket(INET, STREAM) as u32; [16, c.low.words(&[s, message, 0x2000_0000]), 0, 0, 0, 0] };
        socketcall ["call Equal 20"]: |c| { let message = c.first_data() as u32; let s = c.socket(INET, STREAM) as u32; [20, c.low.words(&[s, message, 1, 0x2000_0000]), 0, 0, 0, 0] };
        io_uring_setup: |c| [1, c.low.bytes(&[0; 120])];
        io_uring_enter: |c| [c.ring(), 0, 0, 0, 0, 0];
    }
    "listen" {
        bind: |c| [c.socket(INET, STREAM), c.loopback(0), 16];
        listen: |c| [c.socket(INET, STREAM), 1];
        accept: |c| { let (s, to) = c.listener(); let client = c.socket(INET, STREAM); c.before("connect", [client, to, 16, 0, 0, 0]); [s] };
        accept4: |c| { let (s, to) = c.listener(); let client = c.socket(INET, STREAM); c.before("connect", [client, to, 16, 0, 0, 0]); [s] };
        socketcall ["call Equal 2"]: |c| { let s = c.socket(INET, STREAM) as u32; let to = c.loopback(0) as u32; [2, c.low.words(&[s, to, 16])] };
        socketcall ["call Equal 4"]: |c| { let s = c.socket(INET, STREAM) as u32; [4, c.low.words(&[s, 1])] };
        socketcall ["call Equal 5"]: |c| { let (s, to) = c.listener(); let client = c.socket(INET, STREAM); c.before("connect", [client, to, 16, 0, 0, 0]); [5, c.low.words(&[s as u32, 0, 0])] };
        socketcall ["call Equal 18"]: |c| { let (s, to) = c.listener(); let client = c.socket(INET, STREAM); c.before("connect", [client, to, 16, 0, 0, 0]); [18, c.low.words(&[s as u32, 0, 0, 0])] };
        io_uring_setup: |c| [1, c.low.bytes(&[0; 120])];
        io_uring_enter: |c| [c.ring(), 0, 0, 0, 0, 0];
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
    }
    "open-by-handle" { open_by_handle_at: |_c| [HERE, 0, 0]; }
    "watch-files" { inotify_init: |_c| []; inotify_init1: |_c| [0]; fanotify_init: |_c| [0x200, 0]; }
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
        process_vm_readv: |c| [c.own()];
        process_vm_writev: |c| [c.own()];
        pidfd_getfd: |c| [c.before("pidfd_open", [c.own(), 0, 0, 0, 0, 0]), 0, 0];
        kcmp: |c| [c.own(), c.own(), 1];
        process_madvise: |c| [c.before("pidfd_open", [c.own(), 0, 0, 0, 0, 0]), 0, 0, 20, 0];
        process_mrelease: |_c| [NONE, 0];
        migrate_pages: |c| [0, 65, c.low.words(&[1, 0]), c.low.words(&[1, 0])];
        move_pages: |_c| [0, 0, 0, 0, 0, 0];
        get_robust_list: |c| [0, c.low.bytes(&[0; 8]), c.low.bytes(&[0; 8])];
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
        ioctl ["cmd Equal FIOSETOWN"]: |c| { let own = c.own() as u32; [c.socket(UNIX, STREAM), 0x8901, c.low.words(&[own])] };
        ioctl ["cmd Equal SIOCSPGRP"]: |c| { let own = c.own() as u32; [c.socket(UNIX, STREAM), 0x8902, c.low.words(&[own])] };
        ioctl ["cmd Equal TIOCSIG"]: |c| { let path = c.low.text("/dev/ptmx"); [c.before("open", [path, 0x102, 0, 0, 0, 0]), 0x4004_5436, 2, 0, 0, 0] };
    }
    "process-priority" {
        setpriority: |_c| [0, 0, 19];
        nice: |_c| [1];
        sched_setattr: |c| [0, c.low.words(&[48, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0]), 0];
        ioprio_set: |_c| [1, 0, 0x4007];
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
    "change-root" { chroot: |c| [c.path("folder")]; pivot_root: |c| [c.new_root(), c.low.text(".")]; }
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
        clock_adjtime64: |c| [0, c.low.bytes(&[0; 256])]; ioctl: |_c| [NONE, 0x4024_700a];
    }
    "reboot" { reboot: |_c| [0, 0, 0, 0]; kexec_load: |_c| [0, 0, 0, 0]; kexec_file_load: |_c| [NONE, NONE, 0, 0, 0]; }
    "swap-and-quota" { swapon: |_c| [0, 0]; swapoff: |_c| [0]; quotactl: |_c| [0, 0, 0, 0]; quotactl_fd: |_c| [NONE, 0, 0, 0]; acct: |_c| [1]; }
    "host-names" { sethostname: |c| [c.low.text("a"), 1]; setdomainname: |c| [c.low.text("a"), 1]; }
    "kernel-log" { syslog: |_c| [10, 0, 0]; }
    "terminal-injection" { ioctl ["cmd Equal TIOCSTI"]: |_c| [NONE, 0x5412]; ioctl ["cmd Equal TIOCLINUX"]: |_c| [NONE, 0x541c]; vhangup: |_c| []; }
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
    }
    "hardware" { iopl: |_c| [3]; ioperm: |_c| [0, 1, 1]; }
    "processor-modes" {
        modify_ldt: |c| [0, c.low.bytes(&[0; 16]), 16]; vm86: |_c| [0]; vm86old: |_c| [0];
        arch_prctl: |_c| [0x1012, 1]; prctl ["option Equal PR_SET_ENDIAN"]: |_c| [20, 0]; prctl ["option Equal PR_SET_TSC"]: |_c| [26, 1];
    }
}

/// The effects that root has, or that leave something behind: they are tried in namespaces of the child's own, in which it
/// may do such things, and which go when it goes.
const INSIDE: [&str; 9] = [
    "new-namespaces",
    "raw-sockets",
    "capabilities",
    "mount",
    "change-root",
    "host-names",
    "sysv-ipc",
    "message-queues",
    "executable-memory",
];
const UNSHARE: u32 = 272;
/// Of users, mounts, host names, System V objects and networks.
const NAMESPACES: u64 = 0x1000_0000 | 0x2_0000 | 0x400_0000 | 0x800_0000 | 0x4000_0000;

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fate {
    /// The kernel made it.
    Had,
    /// It gave this error.
    Failed(i64),
    /// What has to be there first cannot be had on this machine.
    Unprepared(String),
}

/// Makes the call of a trial in a child of its own.
fn attempt(trial: &Trial, door: Door, filter: Option<&Program>, folder: &Path) -> Fate {
    const UNTOLD: u32 = 0x7fff_ffff;
    let told = shared(1);
    told[0].store(UNTOLD, SeqCst);
    let (ended, panic) = in_child(|| {
        let folder = furnish(folder);
        become_ordinary_user();
        let mut child = Child { door, low: Low::new(), folder };
        if INSIDE.contains(&trial.effect) {
            child.enter_namespaces();
        }
        let arguments = (trial.arguments)(&mut child);
        let number = child.number(trial.call).expect("the ABI has the call");
        if let Some(filter) = filter {
            install(&filter.instructions).expect("the kernel takes it");
        }
        let result = door.make(number, arguments);
        let error = if (-4095..0).contains(&result) { result } else { 0 };
        told[0].store(i32::try_from(error).expect("it is small").cast_unsigned(), SeqCst);
        // What the filter or the call has taken from the child is not asked for any more.
        std::process::exit(0);
    });
    let told = told[0].load(SeqCst);
    match i64::from(told.cast_signed()) {
        // The program that it started ended with 1.
        _ if told == UNTOLD && ended == Ended::Exited(1) && panic.is_empty() => Fate::Had,
        _ if told == UNTOLD && panic.contains(UNPREPARED) => Fate::Unprepared(panic),
        _ if told == UNTOLD => panic!("{} of {} by {door:?}: {ended:?} {panic}", trial.call, trial.effect),
        error @ ..0 => Fate::Failed(error),
        _ => Fate::Had,
    }
}

/// A folder with a file and a folder in it that everybody may write to.
fn furnish(parent: &Path) -> PathBuf {
    use std::os::unix::fs::{PermissionsExt as _, chown};

    let folder = parent.join(std::process::id().to_string());
    std::fs::create_dir_all(folder.join("folder")).expect("the folder can be made");
    std::fs::write(folder.join("file"), "text").expect("the file can be written");
    for path in [folder.clone(), folder.join("file"), folder.join("folder")] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o777)).expect("they are its own");
        // Only root can give them away, and only root becomes somebody else.
        let _given = chown(&path, Some(65534), Some(65534));
    }
    folder
}

fn filter(effect: &str) -> Program {
    let text = format!(
        "{{default_action: allow, compat: true, syscalls: [{{action: errno(777), effects: [{effect}]}}]}}"
    );
    let x86_64 = abi(Door::Native);
    let compiled = Compiler::for_architecture(x86_64).compile(&SourceFile::new("effect.yaml", text));
    compiled.expect("an effect compiles").program().clone()
}

fn table() -> Vec<Row> {
    rows(&workspace().join("seccomp-compiler/data/effects.csv"))
}

impl Trial {
    fn is_of(&self, row: &Row) -> bool {
        let (effect, call, condition) = (&row["effect"], &row["call"], &row["condition"]);
        let is_exact = condition == self.condition || !self.condition.is_empty();
        let conditions = table_conditions(effect, call);
        effect == self.effect
            && call == self.call
            && condition.starts_with(self.condition)
            && (is_exact || conditions == 1)
            // `F_SETOWN` begins the name of `F_SETOWN_EX`.
            && (conditions == 1 || self.condition.is_empty() || continues(condition, self.condition))
    }
}

fn continues(condition: &str, start: &str) -> bool {
    !condition[start.len()..].starts_with(|c: char| c == '_' || c.is_ascii_alphanumeric())
}

/// How many routes to an effect a call is.
fn table_conditions(effect: &str, call: &str) -> usize {
    TRIALS.iter().filter(|trial| trial.effect == effect && trial.call == call).count()
}

/// Every route on these two ABIs is tried, or the table says why it is not.
#[test]
fn every_route_of_x86_has_a_trial() {
    let doors = [Door::Native, Door::Int80];
    let exists = |row: &Row| doors.iter().any(|door| abi(*door).syscall_number(&row["call"]).is_some());
    let table = table();
    let untried: Vec<String> = table
        .iter()
        .filter(|row| exists(row) && TRIALS.iter().filter(|trial| trial.is_of(row)).count() != 1)
        .map(|row| format!("{} {} {}", row["effect"], row["call"], row["condition"]))
        .collect();
    assert_eq!(untried, [""; 0]);
    for trial in TRIALS {
        let rows = table.iter().filter(|row| trial.is_of(row)).count();
        assert_eq!(rows, 1, "{} {} {}", trial.effect, trial.call, trial.condition);
    }
}

#[test]
fn every_route_has_its_effect_without_a_filter_and_is_refused_it_under_the_rule_of_the_effect() {
    let folder = std::env::temp_dir().join(format!("seccomp-effects-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).expect("it is its own");
    let table = table();
    let filters: BTreeMap<&str, Program> = TRIALS
        .iter()
        .map(|trial| trial.effect)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .map(|effect| (effect, filter(effect)))
        .collect();
    let (mut had, mut refused, mut wrong, mut unexplained) = (0, 0, Vec::new(), Vec::new());
    for door in [Door::Native, Door::Int80] {
        if door == Door::Int80 && !crate::x86_64::has_i386() {
            continue;
        }
        for trial in TRIALS.iter().filter(|trial| abi(door).syscall_number(trial.call).is_some()) {
            let row = table.iter().find(|row| trial.is_of(row)).expect("it is of a row");
            let hidden = !row["hidden"].is_empty() || trial.call == "mmap" && door == Door::Int80;
            let without = attempt(trial, door, None, &folder);
            let with = attempt(trial, door, Some(&filters[trial.effect]), &folder);
            let wanted = Fate::Failed(if hidden { ENOSYS } else { REFUSED });
            let name = format!("{} {} {} by {door:?}", trial.effect, trial.call, row["condition"]);
            if let (Fate::Unprepared(reason), Fate::Unprepared(_)) = (&without, &with) {
                unexplained.push(format!("{name}: {reason}"));
                continue;
            }
            if with != wanted {
                wrong.push(format!("{name}: {with:?} under the filter"));
            }
            match without {
                Fate::Had => had += 1,
                Fate::Failed(error) if error == REFUSED => {
                    wrong.push(format!("{name}: refused without a filter"))
                }
                Fate::Failed(error) if row["unshown"].is_empty() => {
                    unexplained.push(format!("{name}: {error}"));
                }
                Fate::Unprepared(reason) => wrong.push(format!("{name}: {reason}")),
                Fate::Failed(_) => refused += 1,
            }
        }
    }
    let _removed = std::fs::remove_dir_all(&folder);
    assert_eq!(wrong, [""; 0]);
    println!(
        "{had} had their effect without a filter, {refused} were refused by the kernel, as the table says why"
    );
    for line in &unexplained {
        seccomp_tests::skipped(format_args!("not had here: {line}"));
    }
    // Containers refuse some, and older kernels lack some.
    assert!(had >= 200, "only {had} routes had their effect");
}
