//! What a child has to try calls with, and what it makes before.

#![expect(clippy::cast_possible_truncation, reason = "descriptors and addresses of low memory are small")]

use std::path::PathBuf;

use seccomp_compiler::Architecture;
use seccomp_tests::kernel::{Door, Low, companion};

use super::trials::HERE;

const UNSHARE: u32 = 272;
/// Of users, mounts, host names, System V objects and networks.
const NAMESPACES: u64 = 0x1000_0000 | 0x2_0000 | 0x400_0000 | 0x800_0000 | 0x4000_0000;

/// How the message of a child begins that this machine does not let prepare its trial.
pub(super) const UNPREPARED: &str = "unprepared: ";

/// What a child has to try calls with.
pub(super) struct Child {
    pub(super) door: Door,
    pub(super) low: Low,
    pub(super) folder: PathBuf,
}

impl Child {
    pub(super) fn path(&mut self, name: &str) -> u64 {
        let path = self.folder.join(name);
        self.low.text(path.to_str().expect("the folder's path is text"))
    }

    /// The number of a call at the child's door.
    pub(super) fn number(&self, call: &str) -> Option<u32> {
        abi(self.door).syscall_number(call)
    }

    /// A call of x86_64 that a trial needs before, which must succeed.
    pub(super) fn before(&self, call: &str, arguments: [u64; 6]) -> u64 {
        let number = abi(Door::Native).syscall_number(call).expect("x86_64 has it");
        let result = Door::Native.make(number, arguments);
        assert!(result >= 0, "{UNPREPARED}{call}: {result}");
        result.cast_unsigned()
    }

    /// Gives the child namespaces of its own, in which it is root. Where that is refused, so is what it is for.
    pub(super) fn enter_namespaces(&self) {
        use std::os::unix::fs::MetadataExt as _;

        // Its files in /proc are its own again.
        self.before("prctl", [4, 1, 0, 0, 0, 0]);
        let Ok(own) = std::fs::metadata("/proc/self") else { return };
        let _namespaces = Door::Native.make(UNSHARE, [NAMESPACES, 0, 0, 0, 0, 0]);
        let _denied = std::fs::write("/proc/self/setgroups", "deny");
        let _user = std::fs::write("/proc/self/uid_map", format!("0 {} 1", own.uid()));
        let _group = std::fs::write("/proc/self/gid_map", format!("0 {} 1", own.gid()));
    }

    pub(super) fn opened(&mut self) -> u64 {
        let path = self.path("file");
        self.before("open", [path, 0, 0, 0, 0, 0])
    }

    pub(super) fn socket(&self, family: u64, kind: u64) -> u64 {
        self.before("socket", [family, kind, 0, 0, 0, 0])
    }

    /// 127.0.0.1 with this port.
    pub(super) fn loopback(&mut self, port: u16) -> u64 {
        let mut address = vec![2, 0];
        address.extend(port.to_be_bytes());
        address.extend([127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
        self.low.bytes(&address)
    }

    /// A socket that listens on 127.0.0.1, and its address.
    pub(super) fn listener(&mut self) -> (u64, u64) {
        let socket = self.socket(2, 1);
        let address = self.loopback(0);
        self.before("bind", [socket, address, 16, 0, 0, 0]);
        self.before("listen", [socket, 4, 0, 0, 0, 0]);
        let length = self.low.words(&[16]);
        self.before("getsockname", [socket, address, length, 0, 0, 0]);
        (socket, address)
    }

    pub(super) fn page(&self, protection: u64) -> u64 {
        const PRIVATE_ANONYMOUS_32BIT: u64 = 0x62;
        self.before("mmap", [0, 4096, protection, PRIVATE_ANONYMOUS_32BIT, u64::MAX, 0])
    }

    /// A ring, made before.
    pub(super) fn ring(&mut self) -> u64 {
        let parameters = self.low.bytes(&[0; 120]);
        self.before("io_uring_setup", [1, parameters, 0, 0, 0, 0])
    }

    /// The vector of a buffer, as a ring of `ring` takes it.
    pub(super) fn buffer(&mut self) -> u64 {
        let page = self.page(3) as u32;
        self.low.words(&[page, 0, 4096, 0])
    }

    /// The other end of a new terminal, which can be opened.
    pub(super) fn terminal(&mut self) -> u64 {
        const UNLOCK: u64 = 0x4004_5431;
        let path = self.low.text("/dev/ptmx");
        let terminal = self.before("open", [path, 0x102, 0, 0, 0, 0]);
        let no = self.low.words(&[0]);
        self.before("ioctl", [terminal, UNLOCK, no, 0, 0, 0]);
        terminal
    }

    /// The user namespace of a process of the child's own.
    pub(super) fn user_namespace_of_another(&mut self) -> u64 {
        const NEW_USER: u64 = 0x1000_0000;
        let process = companion(|| {
            self.before("unshare", [NEW_USER, 0, 0, 0, 0, 0]);
        });
        let path = self.low.text(&format!("/proc/{process}/ns/user"));
        self.before("open", [path, 0, 0, 0, 0, 0])
    }

    pub(super) fn own_namespace(&mut self) -> u64 {
        self.namespace("uts")
    }

    pub(super) fn namespace(&mut self, kind: &str) -> u64 {
        let path = self.low.text(&format!("/proc/self/ns/{kind}"));
        self.before("open", [path, 0, 0, 0, 0, 0])
    }

    pub(super) fn folder(&mut self) -> u64 {
        let path = self.path("folder");
        self.before("open", [path, 0, 0, 0, 0, 0])
    }

    /// Opened for writing, a file of the child's own.
    pub(super) fn own_file(&mut self) -> u64 {
        let path = self.path("own");
        self.before("open", [path, 0o101, 0o600, 0, 0, 0])
    }

    /// A socket that is connected to another of the child.
    pub(super) fn peer(&self) -> u64 {
        use std::os::fd::IntoRawFd as _;
        let (one, other) = std::os::unix::net::UnixStream::pair().expect("sockets");
        let _kept = other.into_raw_fd();
        u64::from(one.into_raw_fd().cast_unsigned())
    }

    /// A message with an address, as sendmsg(2) and sendmmsg(2) take it at this door.
    pub(super) fn first_data(&mut self) -> u64 {
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
    pub(super) fn attributed(&mut self) -> u64 {
        let (path, name) = (self.path("file"), self.low.text("user.b"));
        self.before("setxattr", [path, name, 0, 0, 0, 0]);
        path
    }

    /// A filter that allows everything, as the calls of this door take it.
    pub(super) fn allowing_filter(&mut self) -> u64 {
        self.before("prctl", [38, 1, 0, 0, 0, 0]);
        let program = self.low.words(&[6, 0x7fff_0000]) as u32;
        match self.door {
            Door::Native => self.low.words(&[1, 0, program, 0]),
            Door::Int80 => self.low.words(&[1, program]),
        }
    }

    /// A file system that is mounted over the folder.
    pub(super) fn mounted(&mut self) -> u64 {
        let (folder, kind) = (self.path("folder"), self.low.text("tmpfs"));
        self.before("mount", [kind, folder, kind, 0, 0, 0]);
        folder
    }

    pub(super) fn context(&mut self) -> u64 {
        const CREATE: u64 = 6;
        let kind = self.low.text("tmpfs");
        let context = self.before("fsopen", [kind, 0, 0, 0, 0, 0]);
        self.before("fsconfig", [context, CREATE, 0, 0, 0, 0]);
        context
    }

    pub(super) fn tree(&mut self) -> u64 {
        let folder = self.path("folder");
        self.before("open_tree", [HERE, folder, 1, 0, 0, 0])
    }

    /// The folder that the child is in, which is a file system of its own.
    pub(super) fn new_root(&mut self) -> u64 {
        let folder = self.mounted();
        self.before("chdir", [folder, 0, 0, 0, 0, 0]);
        self.low.text(".")
    }

    /// A process of the child's own.
    pub(super) fn another(&self) -> u64 {
        // It could be traced by nobody, as the child became an ordinary user.
        self.before("prctl", [4, 1, 0, 0, 0, 0]);
        u64::from(companion(|| ()))
    }

    pub(super) fn own(&self) -> u64 {
        u64::from(std::process::id())
    }
}

pub(super) fn abi(door: Door) -> &'static Architecture {
    let name = match door {
        Door::Native => "x86_64",
        Door::Int80 => "i386",
    };
    Architecture::find(name).expect("it is in the table")
}
