//! The kernel, the machine, and what processes share.

#![expect(clippy::cast_possible_truncation, reason = "descriptors and addresses of low memory are small")]

use seccomp_tests::kernel::Door;

use super::{NONE, Trial, trials};

trials! {
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
