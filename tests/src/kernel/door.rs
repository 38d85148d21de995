//! Any system call, by either way into an x86_64 kernel: for trials in children that end right after.

use std::arch::asm;
use std::ffi::CString;

/// A way into the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// `syscall`, by the numbers of x86_64.
    Native,
    /// `int 0x80`, by the numbers of i386.
    Int80,
}

/// Memory below 4 GB, which calls by either door can point to.
#[derive(Debug)]
pub struct Low {
    next: usize,
    end: usize,
}

impl Low {
    /// Some pages of it. They stay until the process ends.
    #[expect(clippy::new_without_default, reason = "it takes memory from the kernel")]
    pub fn new() -> Self {
        const BYTES: usize = 1 << 16;
        let (access, kind) =
            (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_32BIT);
        // SAFETY: mmap(2) without an address and without a file makes new memory where there is none, and touches no
        // other.
        let memory = unsafe { libc::mmap(std::ptr::null_mut(), BYTES, access, kind, -1, 0) };
        assert_ne!(memory, libc::MAP_FAILED, "{}", std::io::Error::last_os_error());
        Self { next: memory.addr(), end: memory.addr() + BYTES }
    }

    /// The address of a copy of these bytes.
    pub fn bytes(&mut self, bytes: &[u8]) -> u64 {
        let start = self.next;
        self.next += bytes.len().next_multiple_of(16).max(16);
        assert!(self.next <= self.end, "there is no room left");
        let target = std::ptr::with_exposed_provenance_mut::<u8>(start);
        // SAFETY: the bytes from `start` on are within the mapping, which is writable and which nothing else refers to
        // there, as `next` only moves on; `bytes` lies elsewhere.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), target, bytes.len()) };
        start as u64
    }

    /// The address of a text that ends with a zero.
    pub fn text(&mut self, text: &str) -> u64 {
        let text = CString::new(text).expect("the text has no zero");
        self.bytes(text.as_bytes_with_nul())
    }

    /// The address of a copy of these words of 32 bits.
    pub fn words(&mut self, words: &[u32]) -> u64 {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
        self.bytes(&bytes)
    }
}

impl Door {
    /// Makes a call: what the kernel leaves in the register, an error as a negative number. The child of a call that
    /// makes one ends at once.
    ///
    /// It is for a child process of a test, which owns nothing that a call could spoil and ends right after: pointers
    /// are to [`Low`] memory or to nothing, and the memory, stack and descriptors of the process are left as they are.
    pub fn make(self, number: u32, arguments: [u64; 6]) -> i64 {
        match self {
            Self::Native => native(number, arguments),
            Self::Int80 => int80(number, arguments),
        }
    }
}

/// The calls that return a second time, in a child or a thread, by x86_64's numbers: clone, fork, vfork and clone3.
const TWICE: [u32; 4] = [56, 57, 58, 435];
/// The same by i386's: fork, clone, vfork and clone3.
const TWICE_ON_I386: [u32; 4] = [2, 120, 190, 435];

fn native(number: u32, [a, b, c, d, e, f]: [u64; 6]) -> i64 {
    let result: i64;
    let twice = u64::from(TWICE.contains(&number));
    // SAFETY: the instruction makes a system call, whose registers are declared. It clobbers rcx and r11. Where it returns
    // a second time, with 0 and maybe on this same stack, the code touches no memory and ends that thread by exit(2).
    unsafe {
        asm!(
            "syscall",
            "test rax, rax",
            "jnz 2f",
            "test r12, r12",
            "jz 2f",
            "xor edi, edi",
            "mov eax, 60",
            "syscall",
            "2:",
            inlateout("rax") u64::from(number) => result,
            inlateout("rdi") a => _, in("rsi") b, in("rdx") c, in("r10") d, in("r8") e, in("r9") f,
            in("r12") twice,
            lateout("rcx") _, lateout("r11") _,
        );
    }
    result
}

fn int80(number: u32, arguments: [u64; 6]) -> i64 {
    let words = arguments.map(|argument| u32::try_from(argument & 0xffff_ffff).expect("it has 32 bits"));
    let twice = u64::from(TWICE_ON_I386.contains(&number));
    let result: i32;
    // SAFETY: the interrupt makes a system call of i386, whose arguments are read from `words` first. rbx and rbp, which the
    // compiler keeps to itself, are restored. Old kernels clear r8 to r11, which are declared. A second return, with 0,
    // touches no memory and ends that thread by exit(2) of i386.
    unsafe {
        asm!(
            "push rbx",
            "push rbp",
            "mov ebx, dword ptr [r8]",
            "mov ecx, dword ptr [r8 + 4]",
            "mov edx, dword ptr [r8 + 8]",
            "mov esi, dword ptr [r8 + 12]",
            "mov edi, dword ptr [r8 + 16]",
            "mov ebp, dword ptr [r8 + 20]",
            "int 0x80",
            "test eax, eax",
            "jnz 2f",
            "test r12, r12",
            "jz 2f",
            "xor ebx, ebx",
            "mov eax, 1",
            "int 0x80",
            "2:",
            "pop rbp",
            "pop rbx",
            inlateout("eax") number.cast_signed() => result,
            inlateout("r8") words.as_ptr() => _,
            in("r12") twice,
            out("rcx") _, out("rdx") _, out("rsi") _, out("rdi") _, out("r9") _, out("r10") _, out("r11") _,
        );
    }
    i64::from(result)
}
