//! Files, directories and file systems.

use seccomp_tests::kernel::Door;

use super::{HERE, NONE, Trial, trials};

trials! {
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
        ioctl ["cmd Equal OCFS2_IOC_REFLINK"]: |_c| [NONE, 0x4018_6f04];
        ioctl ["cmd Equal BCH_IOCTL_SUBVOLUME_CREATE"]: |_c| [NONE, 0x4020_bc10];
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
        ioctl ["cmd Equal BCH_IOCTL_SUBVOLUME_DESTROY"]: |_c| [NONE, 0x4020_bc11];
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
        ioctl ["cmd Equal XFS_IOC_ATTRMULTI_BY_HANDLE"]: |_c| [NONE, 0x4048_587b];
        ioctl ["cmd Equal XFS_IOC_ATTRMULTI_BY_HANDLE_32"]: |_c| [NONE, 0x4024_587b];
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
}
