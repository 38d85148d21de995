//! Processes, their memory, and what they may do.

#![expect(clippy::cast_possible_truncation, reason = "descriptors and addresses of low memory are small")]

use seccomp_tests::kernel::Door;

use super::{HERE, NONE, STREAM, Trial, UNIX, trials};

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
}
