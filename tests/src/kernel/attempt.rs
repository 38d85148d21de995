//! Single system calls in processes of their own, each with the same files and memory, and what comes of them.

use std::collections::HashMap;
use std::ffi::{CStr, CString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use libc::c_long;

use super::call::raw;
use super::child::{no_core, shared};

/// How a call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// The way of this program's own ABI.
    Native,
    /// i386's interrupt, from a 64-bit process.
    #[cfg(target_arch = "x86_64")]
    Int80,
}

/// A value of an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// These bits.
    Bits(u64),
    /// The number of the process that makes the call, with these bits set as well.
    OwnProcess(u64),
}

/// A call as it is made.
#[derive(Debug, Clone, Copy)]
pub struct Attempt {
    /// Its number.
    pub number: u32,
    /// Its registers.
    pub arguments: [Value; 6],
}

/// What came of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// What they returned, and the word of memory that was asked for.
    Returned([i32; 2], u32),
    /// The process had ended before that, by itself or by a signal.
    Ended(i32),
}

/// The memory that calls are shown: below 4 GB, so that calls of 32-bit ABIs can be.
const SHORT_MEMORY: u32 = 0x2000_0000;
const MEMORY: usize = SHORT_MEMORY as usize;
const OUT: usize = MEMORY + 0x1_0000;
const TEXTS: usize = MEMORY + 0x2_0000;
const VECTORS: usize = MEMORY + 0x3_0000;
const SIZE: usize = MEMORY + 0x4_0000;
const PAGES: usize = MEMORY + 0x8_0000;
const END: usize = MEMORY + 0x10_0000;

/// The first of the files, and their names in this order.
const FIRST_FILE: u8 = 100;
const FILES: [&str; 12] =
    ["file", "null", "dir", "sock", "peer", "rpipe", "wpipe", "epoll", "event", "timer", "inotify", "pidfd"];

/// Files and memory for calls.
pub struct Stage {
    names: HashMap<&'static str, u64>,
    vectors: HashMap<bool, u64>,
    folder: PathBuf,
    path: CString,
    shared: &'static [AtomicU32],
}

impl Stage {
    /// Lays out the memory, and makes a folder for the files.
    ///
    /// # Panics
    ///
    /// If the memory is taken, or there is no room for a folder.
    pub fn new() -> Self {
        static FOLDERS: AtomicU32 = AtomicU32::new(0);
        let name = format!("seccomp-tests-{}-{}", std::process::id(), FOLDERS.fetch_add(1, SeqCst));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).expect("there is room for a folder");
        static MAPPED: Once = Once::new();
        MAPPED.call_once(|| {
            let access = libc::PROT_READ | libc::PROT_WRITE;
            let kind = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED_NOREPLACE;
            // SAFETY: makes new memory at an address where there is none; where there is some, it fails.
            let memory = unsafe { libc::mmap(MEMORY as *mut _, END - MEMORY, access, kind, -1, 0) };
            assert_eq!(memory as usize, MEMORY, "mmap: {}", std::io::Error::last_os_error());
        });
        let mut names = HashMap::from([
            ("buf", MEMORY as u64),
            ("out", OUT as u64),
            ("page", PAGES as u64),
            ("size", SIZE as u64),
        ]);
        names.extend(FILES.into_iter().zip(FIRST_FILE.into()..));
        for (at, text) in ["", ".", "none", "new", "f", "user.x"].into_iter().enumerate() {
            let place = TEXTS + 16 * at;
            write(place, text.as_bytes());
            let name = match text {
                "" => "empty",
                "." => "dot",
                "user.x" => "attr",
                text => text,
            };
            names.insert(name, place as u64);
        }
        write(SIZE, &128_u32.to_ne_bytes());
        // One vector of eight bytes, as each of the two widths has it.
        write(VECTORS, &[(MEMORY as u64).to_ne_bytes(), 8_u64.to_ne_bytes()].concat());
        write(VECTORS + 64, &[SHORT_MEMORY.to_ne_bytes(), 8_u32.to_ne_bytes()].concat());
        let vectors = HashMap::from([(false, VECTORS as u64 + 64), (true, VECTORS as u64)]);
        let path = CString::new(folder.as_os_str().as_bytes()).expect("a path has no zero");
        Self { names, vectors, folder, path, shared: shared(8) }
    }

    /// The value that a name has for an ABI with registers of this many bits.
    pub fn named(&self, name: &str, is_wide: bool) -> Option<u64> {
        if name == "iov" { self.vectors.get(&is_wide) } else { self.names.get(name) }.copied()
    }

    /// Makes calls in a process of their own, and reads the word at an offset of `buf`, if there is one.
    ///
    /// # Panics
    ///
    /// If there can be no other process.
    pub fn attempt(&self, door: Door, calls: &[Attempt], offset: Option<usize>) -> Outcome {
        self.shared.iter().for_each(|word| word.store(0, SeqCst));
        // SAFETY: the child runs `play` alone, which takes no lock, allocates nothing and does not return.
        let child = unsafe { libc::fork() };
        assert_ne!(child, -1, "fork: {}", std::io::Error::last_os_error());
        if child == 0 {
            self.play(door, calls, offset);
        }
        let mut status = 0;
        // SAFETY: waitpid(2) writes one int behind its pointer, which is that of a live local.
        while unsafe { libc::waitpid(child, &raw mut status, 0) } != child {}
        let [done, first, second, word] = [0, 1, 2, 3].map(|at| self.shared[at].load(SeqCst));
        match done {
            1 => Outcome::Returned([first.cast_signed(), second.cast_signed()], word),
            _ => Outcome::Ended(status),
        }
    }

    fn play(&self, door: Door, calls: &[Attempt], offset: Option<usize>) -> ! {
        /// Seconds after which a call that waits for something ends with its process.
        const LIMIT: libc::c_uint = 20;
        no_core();
        // SAFETY: alarm(2) takes a number.
        let _none_before = unsafe { libc::alarm(LIMIT) };
        made(libc::SYS_umask, [0; 6]);
        made(libc::SYS_chdir, [self.path.as_ptr() as usize, 0, 0, 0, 0, 0]);
        let own = std::process::id();
        // What other tests have open at this moment would change the numbers of new files.
        made(libc::SYS_close_range, [3, int(libc::c_int::MAX), 0, 0, 0, 0]);
        open_files();
        for (at, call) in calls.iter().enumerate() {
            let registers = call.arguments.map(|value| match value {
                Value::Bits(bits) => bits,
                Value::OwnProcess(bits) => u64::from(own) | bits,
            });
            let result = through(door, call.number, registers);
            if std::process::id() != own {
                // SAFETY: ends a process that the call has made.
                unsafe { libc::_exit(0) }
            }
            self.shared[1 + at.min(1)].store(result.cast_unsigned(), SeqCst);
        }
        // SAFETY: all of the memory is mapped and initialised, unless the call took it away; then this process dies here.
        let word = offset.map_or(0, |offset| unsafe { ((MEMORY + offset) as *const u32).read_unaligned() });
        self.shared[3].store(word, SeqCst);
        self.shared[0].store(1, SeqCst);
        // What the calls may have made, and the file.
        for (name, flag) in [(c"new", 0), (c"new", libc::AT_REMOVEDIR), (c"f", 0)] {
            made(libc::SYS_unlinkat, [CURRENT, name.as_ptr() as usize, int(flag), 0, 0, 0]);
        }
        // SAFETY: _exit(2) takes its status by value and does not return.
        unsafe { libc::_exit(0) }
    }
}

impl Default for Stage {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // Each process has taken its files away.
        let _left = std::fs::remove_dir(&self.folder);
    }
}

/// Copies bytes into the memory for calls.
fn write(place: usize, bytes: &[u8]) {
    assert!((MEMORY..END - bytes.len()).contains(&place), "inside the memory");
    // SAFETY: the memory is mapped, this large, and nothing else points into it.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), place as *mut u8, bytes.len()) }
}

/// The current folder, as `*at` calls name it.
const CURRENT: usize = int(libc::AT_FDCWD);

/// Opens each file under its number; what cannot be opened is missing.
fn open_files() {
    let open = |path: &CStr, flags: i32| {
        made(libc::SYS_openat, [CURRENT, path.as_ptr() as usize, int(flags), 0o600, 0, 0])
    };
    let bytes = [0_u8; 16];
    let mut pair = [-1_i32; 2];
    let file = open(c"f", libc::O_RDWR | libc::O_CREAT | libc::O_TRUNC);
    made(libc::SYS_write, [file, [0_u8; 64].as_ptr() as usize, 64, 0, 0, 0]);
    made(libc::SYS_lseek, [file, 0, 0, 0, 0, 0]);
    made(libc::SYS_fsetxattr, [file, c"user.x".as_ptr() as usize, bytes.as_ptr() as usize, 8, 0, 0]);
    name(0, file);
    name(1, open(c"/dev/null", libc::O_RDWR));
    name(2, open(c".", libc::O_RDONLY | libc::O_DIRECTORY));
    made(
        libc::SYS_socketpair,
        [int(libc::AF_UNIX), int(libc::SOCK_STREAM), 0, pair.as_mut_ptr() as usize, 0, 0],
    );
    made(libc::SYS_write, [int(pair[1]), bytes.as_ptr() as usize, 8, 0, 0, 0]);
    pair.into_iter().zip(3..).for_each(|(file, at)| name(at, int(file)));
    made(libc::SYS_pipe2, [pair.as_mut_ptr() as usize, 0, 0, 0, 0, 0]);
    made(libc::SYS_write, [int(pair[1]), bytes.as_ptr() as usize, 16, 0, 0, 0]);
    pair.into_iter().zip(5..).for_each(|(file, at)| name(at, int(file)));
    name(7, made(libc::SYS_epoll_create1, [0; 6]));
    name(8, made(libc::SYS_eventfd2, [0; 6]));
    name(9, made(libc::SYS_timerfd_create, [int(libc::CLOCK_MONOTONIC), 0, 0, 0, 0, 0]));
    name(10, made(libc::SYS_inotify_init1, [0; 6]));
    name(11, made(libc::SYS_pidfd_open, [std::process::id() as usize, 0, 0, 0, 0, 0]));
}

/// Gives a file its number.
fn name(at: usize, file: usize) {
    made(libc::SYS_dup3, [file, usize::from(FIRST_FILE) + at, 0, 0, 0, 0]);
    made(libc::SYS_close, [file, 0, 0, 0, 0, 0]);
}

/// An `int` as a register holds it.
#[expect(clippy::cast_sign_loss, reason = "the kernel takes the sign from the lower half")]
const fn int(value: i32) -> usize {
    value as usize
}

/// A call that prepares the process; what it returns.
fn made(number: c_long, arguments: [usize; 6]) -> usize {
    // SAFETY: only the functions above use this, with numbers, and with addresses of values that live as long as the call.
    unsafe { raw(number, arguments) }
        .map_or(usize::MAX, |result| usize::try_from(result).unwrap_or(usize::MAX))
}

/// Makes the call; its result, or its error as a negative number.
fn through(door: Door, number: u32, registers: [u64; 6]) -> i32 {
    match door {
        Door::Native => {
            // Registers of 32 bits have no more.
            #[expect(clippy::cast_possible_truncation, reason = "the registers are as wide as they are")]
            let registers = registers.map(|bits| bits as usize);
            // SAFETY: the tables of what is tried only have calls that do no harm in a process of their own.
            match unsafe { raw(number.cast_signed().into(), registers) } {
                #[expect(clippy::cast_possible_truncation, reason = "half of an address tells enough")]
                Ok(result) => result as i32,
                Err(error) => -error.0,
            }
        }
        #[cfg(target_arch = "x86_64")]
        Door::Int80 => int80(number, &registers),
    }
}

/// A call of i386 with whole registers: what the kernel leaves in `eax`.
#[cfg(target_arch = "x86_64")]
fn int80(number: u32, registers: &[u64; 6]) -> i32 {
    let result: u64;
    // SAFETY: the interrupt makes a system call of i386 that does no harm in a process of its own. The registers that
    // hold its arguments are declared or put back; r8 to r11 are cleared by old kernels, and declared.
    unsafe {
        core::arch::asm!(
            "push rbx",
            "push rbp",
            "mov rbx, [r15]",
            "mov rcx, [r15 + 8]",
            "mov rdx, [r15 + 16]",
            "mov rsi, [r15 + 24]",
            "mov rdi, [r15 + 32]",
            "mov rbp, [r15 + 40]",
            "int 0x80",
            "pop rbp",
            "pop rbx",
            in("r15") registers.as_ptr(),
            inlateout("rax") u64::from(number) => result,
            out("rcx") _, out("rdx") _, out("rsi") _, out("rdi") _,
            out("r8") _, out("r9") _, out("r10") _, out("r11") _,
        );
    }
    #[expect(clippy::cast_possible_truncation, reason = "the result of a 32-bit call")]
    let result = result as i32;
    result
}
